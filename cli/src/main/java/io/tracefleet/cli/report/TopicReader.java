// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.report;

import io.tracefleet.schemas.clients.Refusals;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads topics from their beginning, committed records only. Used by one thread. No wait is longer
 * than the given limit without a record.
 */
final class TopicReader implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final int FETCH_BYTES = 4 << 20;

  /** Takes one record; the value is null for a deleted key. */
  interface RecordSink {
    void accept(byte[] key, byte[] value) throws ResultException;
  }

  private final Consumer<byte[], byte[]> consumer;
  private final Duration limit;
  private final String bootstrap;

  TopicReader(Consumer<byte[], byte[]> consumer, Duration limit, String bootstrap) {
    this.consumer = consumer;
    this.limit = limit;
    this.bootstrap = bootstrap;
  }

  static TopicReader open(String bootstrap, Map<String, String> client, Duration limit)
      throws ResultException {
    Map<String, Object> config = new HashMap<>(client);
    config.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    config.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, FETCH_BYTES);
    config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 10_000);
    config.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) limit.toMillis());
    config.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) Math.min(limit.toMillis(), 30_000));
    config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    try {
      return new TopicReader(
          new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer()),
          limit,
          bootstrap);
    } catch (KafkaException e) {
      Throwable reason = e.getCause() == null ? e : e.getCause();
      throw new ResultException(
          "Kafka at " + bootstrap + " cannot be used: " + reason.getMessage(), e);
    }
  }

  /**
   * Reads a whole topic up to the end it had when this was called. A topic that is not there is
   * empty.
   */
  void readAll(String topic, RecordSink sink) throws ResultException, InterruptedException {
    try {
      List<TopicPartition> partitions = assign(topic);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      long quietSince = System.nanoTime();
      while (!reached(ends)) {
        int records = deliver(consumer.poll(POLL), sink);
        if (records > 0) {
          quietSince = System.nanoTime();
        } else if (System.nanoTime() - quietSince > limit.toNanos()) {
          throw new ResultException(
              "Topic "
                  + topic
                  + " gave nothing for "
                  + limit.toSeconds()
                  + " s before its end was reached; check the broker.");
        }
      }
    } catch (KafkaException e) {
      throw translated(topic, e);
    }
  }

  /** Goes to the beginning of a topic, for {@link #poll}. */
  void follow(String topic) throws ResultException, InterruptedException {
    try {
      assign(topic);
    } catch (KafkaException e) {
      throw translated(topic, e);
    }
  }

  /** The next records of what is followed, if any come within the wait. */
  int poll(Duration wait, RecordSink sink) throws ResultException, InterruptedException {
    try {
      return deliver(consumer.poll(wait), sink);
    } catch (KafkaException e) {
      throw translated("", e);
    }
  }

  @Override
  public void close() {
    // An interrupt that is still pending would make Kafka throw instead of close.
    boolean interrupted = Thread.interrupted();
    try {
      consumer.close();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private List<TopicPartition> assign(String topic) {
    List<PartitionInfo> found = consumer.partitionsFor(topic);
    List<TopicPartition> partitions =
        found == null
            ? List.of()
            : found.stream().map(info -> new TopicPartition(topic, info.partition())).toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    return partitions;
  }

  private boolean reached(Map<TopicPartition, Long> ends) {
    for (Map.Entry<TopicPartition, Long> end : ends.entrySet()) {
      if (consumer.position(end.getKey()) < end.getValue()) {
        return false;
      }
    }
    return true;
  }

  private static int deliver(ConsumerRecords<byte[], byte[]> records, RecordSink sink)
      throws ResultException {
    for (ConsumerRecord<byte[], byte[]> record : records) {
      sink.accept(record.key(), record.value());
    }
    return records.count();
  }

  private ResultException translated(String topic, KafkaException e) throws InterruptedException {
    if (e instanceof InterruptException) {
      Thread.interrupted(); // Kafka set it again
      throw (InterruptedException) new InterruptedException("reading results").initCause(e);
    }
    return new ResultException(
        Refusals.byKafka(bootstrap, e)
            .orElseGet(
                () ->
                    "Kafka" + (topic.isEmpty() ? "" : ", topic " + topic) + ": " + e.getMessage()),
        e);
  }
}
