// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.schemas.topics;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * What a user may choose about the topics that are created. Topics that exist stay as they are.
 *
 * @param partitions partitions of {@code tracefleet.batches}, {@code tracefleet.blocks} and the
 *     result topics, 1 to 1000
 * @param replication replicas of every topic, or {@link #BROKER_DEFAULT}
 * @param batchRetention how long batches are kept, at least one minute
 * @param batchRetentionBytes how many bytes of batches are kept in each partition, at least 64 MiB,
 *     or {@link #UNLIMITED}; what is reached first counts, time or size
 * @param deadLetterRetention how long dead letters are kept, at least one minute
 */
public record TopicOptions(
    int partitions,
    short replication,
    Duration batchRetention,
    long batchRetentionBytes,
    Duration deadLetterRetention) {
  /** The number of replicas that the broker gives by default. */
  public static final short BROKER_DEFAULT = -1;

  /** No limit in bytes. */
  public static final long UNLIMITED = -1;

  /** The options that nobody changed. */
  public static final TopicOptions DEFAULTS =
      new TopicOptions(4, BROKER_DEFAULT, Duration.ofDays(7), UNLIMITED, Duration.ofDays(30));

  private static final long MIN_RETENTION_BYTES = 64L << 20;

  public TopicOptions {
    if (partitions < 1 || partitions > 1000) {
      throw new IllegalArgumentException(
          "Partitions of the topics: %d; give 1 to 1000.".formatted(partitions));
    }
    if (replication < 1 && replication != BROKER_DEFAULT) {
      throw new IllegalArgumentException(
          "Replicas of the topics: %d; give 1 or more, or %d for the broker's default."
              .formatted(replication, BROKER_DEFAULT));
    }
    requireMinute("batches", batchRetention);
    requireMinute("dead letters", deadLetterRetention);
    if (batchRetentionBytes != UNLIMITED && batchRetentionBytes < MIN_RETENTION_BYTES) {
      throw new IllegalArgumentException(
          "Retention of batches: %d bytes per partition; give %d or more, or %d for no limit."
              .formatted(batchRetentionBytes, MIN_RETENTION_BYTES, UNLIMITED));
    }
  }

  /** The same with another number of partitions. */
  public TopicOptions withPartitions(int count) {
    return new TopicOptions(
        count, replication, batchRetention, batchRetentionBytes, deadLetterRetention);
  }

  /** The same with another number of replicas. */
  public TopicOptions withReplication(int replicas) {
    if (replicas != (short) replicas) {
      throw new IllegalArgumentException(
          "Replicas of the topics: %d; give at most %d.".formatted(replicas, Short.MAX_VALUE));
    }
    return new TopicOptions(
        partitions, (short) replicas, batchRetention, batchRetentionBytes, deadLetterRetention);
  }

  /** The same with another retention of batches. */
  public TopicOptions withBatchRetention(Duration time, long bytesPerPartition) {
    return new TopicOptions(partitions, replication, time, bytesPerPartition, deadLetterRetention);
  }

  private static void requireMinute(String what, Duration retention) {
    if (requireNonNull(retention, what).compareTo(Duration.ofMinutes(1)) < 0) {
      throw new IllegalArgumentException(
          "Retention of %s: %d ms; give 60000 or more.".formatted(what, retention.toMillis()));
    }
  }
}
