// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.decode;

import io.tracefleet.jobs.decode.Refusal.Stage;
import io.tracefleet.schemas.TraceBatch;
import io.tracefleet.schemas.serde.SerdeFailures;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.streams.errors.StreamsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads batches in Confluent's wire format, and tells broken ones from a registry that does not
 * answer.
 */
final class WireReader {
  private static final Logger log = LoggerFactory.getLogger(WireReader.class);

  /** Waits of 0.1, 0.2, 0.4, 0.8, 1.6 and 3.2 s: together well below the transaction's timeout. */
  private static final int TRIES = 7;

  private static final long FIRST_WAIT_NANOS = 100_000_000L;

  private final Deserializer<TraceBatch> deserializer;

  WireReader(Deserializer<TraceBatch> deserializer) {
    this.deserializer = deserializer;
  }

  /**
   * Reads one value.
   *
   * @throws Refusal if it is not a batch
   * @throws StreamsException if the registry did not answer; the record will be read again
   */
  TraceBatch read(String topic, byte[] value) throws Refusal {
    if (value == null) {
      throw new Refusal(Stage.WIRE, "the record has no value");
    }
    for (int tries = 1; ; tries++) {
      try {
        return deserializer.deserialize(topic, value);
      } catch (RuntimeException e) {
        if (!SerdeFailures.isTemporary(e)) {
          throw new Refusal(Stage.WIRE, reason(e));
        }
        if (tries == TRIES) {
          log.error("schema not fetched", e);
          throw new StreamsException(
              "a schema cannot be fetched: %s. Check the schema registry and start the jobs again; nothing is lost."
                  .formatted(reason(e)));
        }
        log.warn("try={} schema not fetched: {}", tries, reason(e));
        LockSupport.parkNanos(FIRST_WAIT_NANOS << (tries - 1));
      }
    }
  }

  /** The messages of the failure and of what lies below, one after the other. */
  private static String reason(Throwable failure) {
    StringBuilder text = new StringBuilder();
    String before = "";
    for (Throwable at = failure; at != null; at = at.getCause()) {
      String message = at.getMessage() != null ? at.getMessage() : at.getClass().getSimpleName();
      if (!before.contains(message)) {
        text.append(text.isEmpty() ? "" : ": ").append(message);
      }
      before = message;
    }
    return text.toString();
  }
}
