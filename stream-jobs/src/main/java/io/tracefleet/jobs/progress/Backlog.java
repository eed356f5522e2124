// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.progress;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Batches in Kafka that the group of job processes has not committed. Kafka is asked now and then,
 * however many want to know. Safe for several threads.
 */
public final class Backlog implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Backlog.class);
  private static final Duration LIMIT = Duration.ofSeconds(3);

  /** An answer stays for so long: less than a second, for those who ask every second. */
  private static final long KEPT_NANOS = 900_000_000L;

  private final Admin admin;
  private final String group;
  private final String topic;
  private final int partitions;
  private final LongSupplier nanoTime;

  // Both guarded by this.
  private Optional<Map<Integer, Long>> kept = Optional.empty();
  private long keptUntil;

  /**
   * @param admin closed with this
   * @param partitions of the topic
   */
  public Backlog(Admin admin, String group, String topic, int partitions, LongSupplier nanoTime) {
    this.admin = admin;
    this.group = group;
    this.topic = topic;
    this.partitions = partitions;
    this.nanoTime = nanoTime;
    this.keptUntil = nanoTime.getAsLong();
  }

  /** Of the topic. */
  public int partitions() {
    return partitions;
  }

  /** Batches by partition; empty if Kafka did not tell within 3 s. */
  public synchronized Optional<Map<Integer, Long>> batches() {
    if (nanoTime.getAsLong() - keptUntil >= 0) {
      kept = ask();
      keptUntil = nanoTime.getAsLong() + KEPT_NANOS; // also for those who waited for a slow answer
    }
    return kept;
  }

  private Optional<Map<Integer, Long>> ask() {
    Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
    Map<TopicPartition, OffsetSpec> earliest = new HashMap<>();
    for (int partition = 0; partition < partitions; partition++) {
      latest.put(new TopicPartition(topic, partition), OffsetSpec.latest());
      earliest.put(new TopicPartition(topic, partition), OffsetSpec.earliest());
    }
    try {
      var ends = admin.listOffsets(latest);
      var begins = admin.listOffsets(earliest);
      Map<TopicPartition, OffsetAndMetadata> committed =
          admin
              .listConsumerGroupOffsets(group)
              .partitionsToOffsetAndMetadata()
              .get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      Map<Integer, Long> batches = new TreeMap<>();
      for (TopicPartition partition : latest.keySet()) {
        long end = ends.partitionResult(partition).get(1, TimeUnit.SECONDS).offset();
        long begin = begins.partitionResult(partition).get(1, TimeUnit.SECONDS).offset();
        OffsetAndMetadata at = committed.get(partition);
        batches.put(
            partition.partition(),
            Math.max(0, end - (at == null ? begin : Math.max(begin, at.offset()))));
      }
      return Optional.of(batches);
    } catch (ExecutionException | TimeoutException e) {
      log.debug("the backlog is not known", e);
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    admin.close(Duration.ofSeconds(2));
  }
}
