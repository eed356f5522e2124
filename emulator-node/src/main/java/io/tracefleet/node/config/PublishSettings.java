// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.config;

import java.time.Duration;
import java.util.Objects;

/**
 * Settings of the producer.
 *
 * @param compression of what is sent
 * @param inFlightBytes serialised bytes that may wait for the broker's acknowledgement, all guests
 *     of the node together; 2 MiB to 64 MiB
 * @param drainTimeout how long a node whose guest has ended waits for a broker that acknowledges
 *     nothing, 1 s to 24 h
 */
public record PublishSettings(Compression compression, long inFlightBytes, Duration drainTimeout) {
  public PublishSettings {
    Objects.requireNonNull(compression);
    Range.check("inFlight", inFlightBytes, 2L << 20, 64L << 20);
    Range.check("drainTimeout", drainTimeout, Duration.ofSeconds(1), Duration.ofHours(24));
  }

  /** zstd, 24 MiB, 120 s. */
  public static PublishSettings defaults() {
    return new PublishSettings(Compression.ZSTD, 24L << 20, Duration.ofSeconds(120));
  }

  public PublishSettings withCompression(Compression value) {
    return new PublishSettings(value, inFlightBytes, drainTimeout);
  }

  public PublishSettings withInFlightBytes(long value) {
    return new PublishSettings(compression, value, drainTimeout);
  }

  public PublishSettings withDrainTimeout(Duration value) {
    return new PublishSettings(compression, inFlightBytes, value);
  }
}
