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
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The topics that are archived, committed records only. Positions are the caller's: nothing is
 * committed to Kafka. Used by one thread.
 */
final class TopicSource implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(TopicSource.class);

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
  private long lost;

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
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none"); // a jump is told, not taken
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

  /** Goes to where batches were left, and to the beginning of the results. */
  void seek(Map<String, Long> offsets) {
    boolean begun = batches.stream().anyMatch(one -> offsets.containsKey(Offsets.key(one)));
    Map<TopicPartition, Long> first = consumer.beginningOffsets(batches);
    for (TopicPartition partition : batches) {
      // A partition that came while the archiver was away is read from 0; at the very start,
      // what Kafka had deleted before is nobody's loss.
      long left = begun ? offsets.getOrDefault(Offsets.key(partition), 0L) : first.get(partition);
      consumer.seek(partition, left);
      if (left < first.get(partition)) {
        skip(partition, left, first.get(partition));
      }
    }
    rewindResults();
  }

  /**
   * Batches' offsets that Kafka had deleted before they were read, since this was opened: each is
   * one batch, as nodes write without transactions and the topic is not compacted.
   */
  long lost() {
    return lost;
  }

  private void skip(TopicPartition partition, long from, long first) {
    if (partition.topic().equals(Topics.BATCHES)) {
      lost += first - from;
      log.warn(
          "batches were deleted from Kafka before they were archived, batches={} partition={} from={} before={}; keep topic {} for longer",
          first - from,
          partition.partition(),
          from,
          first,
          Topics.BATCHES);
    } else {
      log.warn(
          "results were deleted from Kafka before they were archived, topic={} partition={} from={} before={}",
          partition.topic(),
          partition.partition(),
          from,
          first);
    }
    consumer.seek(partition, first);
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

  /** The next records; none when Kafka deleted those that were next, which is then counted. */
  ConsumerRecords<byte[], byte[]> poll(Duration wait) {
    try {
      return consumer.poll(wait);
    } catch (OffsetOutOfRangeException e) {
      jump(e);
      return ConsumerRecords.empty();
    }
  }

  private void jump(OffsetOutOfRangeException e) {
    Map<TopicPartition, Long> wanted = e.offsetOutOfRangePartitions();
    Map<TopicPartition, Long> first = consumer.beginningOffsets(wanted.keySet());
    Map<TopicPartition, OffsetAndMetadata> kept =
        e instanceof LogTruncationException cut ? cut.divergentOffsets() : Map.of();
    wanted.forEach(
        (partition, from) -> {
          if (from < first.get(partition)) {
            skip(partition, from, first.get(partition));
            return;
          }
          // Kafka lost its own end: what was read stays archived, what is written now is new.
          log.warn(
              "Kafka has less than was read, partition={} read={}; a broker lost records",
              partition,
              from);
          OffsetAndMetadata to = kept.get(partition);
          consumer.seek(partition, to == null ? first.get(partition) : to.offset());
        });
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
