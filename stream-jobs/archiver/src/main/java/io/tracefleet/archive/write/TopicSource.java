// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.write;

import io.tracefleet.archive.store.ArchiveException;
import io.tracefleet.archive.store.ArchiveException.Kind;
import io.tracefleet.schemas.clients.Refusals;
import io.tracefleet.schemas.topics.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The topics that are archived, committed records only. Positions are the caller's: nothing is
 * committed to Kafka. Used by one thread.
 */
final class TopicSource implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  /** Bounds what is in the heap: a few times this. */
  private static final int FETCH_BYTES = 8 << 20;

  static final List<String> RESULTS =
      List.of(
          Topics.RUNS,
          Topics.BLOCKS,
          Topics.HOT_BLOCKS,
          Topics.VCPU_INSTRUCTIONS,
          Topics.HWADDR,
          Topics.SYSCALLS,
          Topics.ACCOUNTING);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final String topicId;
  private final List<TopicPartition> batches = new ArrayList<>();
  private final List<TopicPartition> results = new ArrayList<>();

  private TopicSource(KafkaConsumer<byte[], byte[]> consumer, String topicId) {
    this.consumer = consumer;
    this.topicId = topicId;
  }

  static TopicSource open(ArchiverSettings settings) throws ArchiveException, InterruptedException {
    Map<String, Object> config = new HashMap<>(settings.client());
    config.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, settings.bootstrap());
    List<String> names = new ArrayList<>(RESULTS);
    names.add(Topics.BATCHES);
    Map<String, TopicDescription> topics;
    try (Admin admin = Admin.create(config)) {
      topics = admin.describeTopics(names).allTopicNames().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      Throwable reason = e.getCause() == null ? e : e.getCause();
      throw new ArchiveException(
          Kind.CLUSTER,
          Refusals.byKafka(settings.bootstrap(), e)
              .orElseGet(
                  () ->
                      "Kafka at %s has not all topics of Tracefleet, or does not answer: %s Check the address, and that stream jobs were started there."
                          .formatted(settings.bootstrap(), reason.getMessage())),
          e);
    }
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    config.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, FETCH_BYTES / 2);
    config.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCH_BYTES);
    config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5_000);
    config.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) LIMIT.toMillis());
    TopicSource source =
        new TopicSource(
            new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer()),
            topics.get(Topics.BATCHES).topicId().toString());
    topics.forEach(
        (name, topic) ->
            topic
                .partitions()
                .forEach(
                    partition ->
                        (name.equals(Topics.BATCHES) ? source.batches : source.results)
                            .add(new TopicPartition(name, partition.partition()))));
    List<TopicPartition> all = new ArrayList<>(source.batches);
    all.addAll(source.results);
    source.consumer.assign(all);
    return source;
  }

  /** Kafka's id of the topic of batches, which no other topic has or will have. */
  String topicId() {
    return topicId;
  }

  /**
   * Goes to where batches were left, and to the beginning of the results.
   *
   * @return batches' offsets that Kafka does not have any more, between the position and what is
   *     there
   */
  long seek(Map<String, Long> offsets) {
    long lost = 0;
    Map<TopicPartition, Long> first = consumer.beginningOffsets(batches);
    for (TopicPartition partition : batches) {
      long left = offsets.getOrDefault(Offsets.key(partition), 0L);
      if (offsets.containsKey(Offsets.key(partition))) {
        lost += Math.max(0, first.get(partition) - left);
      }
      consumer.seek(partition, Math.max(left, first.get(partition)));
    }
    rewindResults();
    return lost;
  }

  /** Goes back to the beginning of the results. */
  void rewindResults() {
    consumer.seekToBeginning(results);
  }

  /** For those who watch it; used by one thread all the same. */
  Consumer<byte[], byte[]> consumer() {
    return consumer;
  }

  /** Records that were not read yet, by topic, without asking Kafka; empty where not known. */
  Map<String, OptionalLong> lag() {
    Map<String, OptionalLong> lag = new HashMap<>();
    for (TopicPartition partition : consumer.assignment()) {
      OptionalLong one = consumer.currentLag(partition);
      lag.merge(
          partition.topic(),
          one,
          (a, b) ->
              a.isPresent() && b.isPresent()
                  ? OptionalLong.of(a.getAsLong() + b.getAsLong())
                  : OptionalLong.empty());
    }
    return lag;
  }

  ConsumerRecords<byte[], byte[]> poll(Duration wait) {
    return consumer.poll(wait);
  }

  /** Offsets of the next records. */
  Map<TopicPartition, Long> positions() {
    Map<TopicPartition, Long> positions = new HashMap<>();
    for (TopicPartition partition : consumer.assignment()) {
      positions.put(partition, consumer.position(partition));
    }
    return positions;
  }

  /** Offsets behind the last committed records. */
  Map<TopicPartition, Long> ends() {
    return consumer.endOffsets(consumer.assignment());
  }

  /** All before these offsets has been delivered. */
  boolean reached(Map<TopicPartition, Long> offsets) {
    for (Map.Entry<TopicPartition, Long> end : offsets.entrySet()) {
      if (consumer.position(end.getKey()) < end.getValue()) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void close() {
    boolean interrupted = Thread.interrupted(); // Kafka would throw instead of close
    try {
      consumer.close();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
