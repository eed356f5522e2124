// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.decode;

import io.tracefleet.jobs.table.Group;
import io.tracefleet.schemas.DeadLetter;
import io.tracefleet.schemas.TraceBatch;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/**
 * Makes dead letters that a broker takes whatever was in the record: everything that could be large
 * is cut.
 */
final class DeadLetters {
  /** Bytes of the value that are kept, as the schema says. */
  private static final int VALUE_BYTES = 524_288;

  private static final int KEY_BYTES = 65_536;
  private static final int RUN_ID_CHARACTERS = 100;

  private DeadLetters() {}

  /**
   * The letter for a record that was refused.
   *
   * @param vcpu whose it is by its key, or null
   * @param batch what was read, or null
   */
  static Record<byte[], Object> letter(
      Record<byte[], byte[]> record,
      RecordMetadata from,
      Group vcpu,
      TraceBatch batch,
      Refusal refusal) {
    byte[] value = record.value() == null ? new byte[0] : record.value();
    DeadLetter letter =
        DeadLetter.newBuilder()
            .setTopic(from.topic())
            .setPartition(from.partition())
            .setOffset(from.offset())
            .setStage(refusal.stage().word())
            .setReason(refusal.getMessage())
            .setValue(ByteBuffer.wrap(value, 0, Math.min(value.length, VALUE_BYTES)))
            .setValueLength(value.length)
            .setAt(Instant.ofEpochMilli(record.timestamp()))
            .build();
    if (batch != null) {
      letter.setRunId(cut(batch.getRunId()));
      letter.setVcpu(batch.getVcpu());
      letter.setSequence(batch.getSequence());
    } else if (vcpu != null) {
      letter.setRunId(vcpu.runId());
      letter.setVcpu(vcpu.vcpu());
    }
    byte[] key = record.key();
    return new Record<>(
        key == null || key.length <= KEY_BYTES ? key : Arrays.copyOf(key, KEY_BYTES),
        letter,
        record.timestamp());
  }

  private static String cut(String runId) {
    return runId.length() <= RUN_ID_CHARACTERS ? runId : runId.substring(0, RUN_ID_CHARACTERS);
  }
}
