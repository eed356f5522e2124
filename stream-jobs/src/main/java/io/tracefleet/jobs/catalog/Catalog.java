// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.catalog;

import io.tracefleet.jobs.code.CodePlace;
import io.tracefleet.schemas.BlockDetail;
import io.tracefleet.schemas.BlockKey;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.serde.SerdeFactory;
import io.tracefleet.schemas.serde.SerdeFailures;
import io.tracefleet.schemas.topics.Topics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs and blocks by their topics, some milliseconds behind them. Its thread reads until it is
 * closed; when Kafka does not answer it tries again every second, and what was read stays.
 */
public final class Catalog implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Catalog.class);

  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration STOP = Duration.ofSeconds(5);

  /** Forks of forks of ...: more are a mistake in the data, or a circle. */
  private static final int MAX_ANCESTORS = 100;

  private final Map<String, Object> client;
  private final Deserializer<Run> runs;
  private final Deserializer<BlockKey> keys;
  private final Deserializer<BlockDetail> details;
  private final BlockStore store;
  private final Thread thread;

  private final Map<String, Run> byId = new ConcurrentHashMap<>();
  private final Map<String, Long> changes = new ConcurrentHashMap<>();
  private volatile Consumer<byte[], byte[]> consumer;
  private volatile boolean closing;
  private volatile boolean caughtUp;
  private volatile boolean noRoom;
  private volatile String blocksTopicId = "";

  private Catalog(Map<String, Object> client, SerdeFactory serdes, BlockStore store) {
    this.client = Map.copyOf(client);
    this.runs = serdes.valueDeserializer(Run.class);
    this.keys = serdes.keyDeserializer(BlockKey.class);
    this.details = serdes.valueDeserializer(BlockDetail.class);
    this.store = store;
    this.thread = new Thread(this::read, "tracefleet-catalog");
    thread.setDaemon(true);
  }

  /**
   * @param client settings of the consumer, with the brokers
   * @param directory for blocks, used by this process only
   * @param temporary true: the directory is deleted when closed
   * @throws IOException if the directory cannot be used
   */
  public static Catalog open(
      Map<String, Object> client, SerdeFactory serdes, Path directory, boolean temporary)
      throws IOException {
    Catalog catalog = new Catalog(client, serdes, new BlockStore(directory, temporary));
    catalog.thread.start();
    return catalog;
  }

  /** True once everything was read that the topics held when reading began. */
  public boolean caughtUp() {
    return caughtUp;
  }

  /** True while blocks are not read because the disk is full. */
  public boolean noRoom() {
    return noRoom;
  }

  /** All runs, in no order. */
  public Collection<Run> runs() {
    return byId.values();
  }

  public Optional<Run> run(String runId) {
    return Optional.ofNullable(byId.get(runId));
  }

  /**
   * A number that changes when the record or a block of a run does, or of one that it was forked
   * from.
   */
  public long version(String runId) {
    return withAncestors(runId).stream().mapToLong(run -> changes.getOrDefault(run, 0L)).sum();
  }

  /**
   * What blocks of a run are; one that the run does not describe may be described by the run that
   * it was forked from.
   *
   * @param vaddrs their addresses
   * @param codeHashes their hashes, in the same order
   * @return in the same order, null for one that is not known
   */
  public List<BlockDetail> details(String runId, long[] vaddrs, int[] codeHashes) {
    BlockDetail[] found = new BlockDetail[vaddrs.length];
    for (String id : withAncestors(runId)) {
      UUID run = UUID.fromString(id);
      List<Integer> open = new ArrayList<>();
      List<BlockId> ids = new ArrayList<>();
      for (int i = 0; i < found.length; i++) {
        if (found[i] == null) {
          open.add(i);
          ids.add(new BlockId(run, vaddrs[i], codeHashes[i]));
        }
      }
      if (open.isEmpty()) {
        break;
      }
      List<byte[]> values = store.values(ids);
      for (int i = 0; i < open.size(); i++) {
        if (values.get(i) != null) {
          found[open.get(i)] = details.deserialize(Topics.BLOCKS, values.get(i));
        }
      }
    }
    return Arrays.asList(found);
  }

  /** Sees where a block comes from. */
  @FunctionalInterface
  public interface PlaceSink {
    void place(long vaddr, int codeHash, CodePlace place);
  }

  /**
   * Visits where a run's blocks come from, as far as that is known: those that it describes itself
   * in the order of their addresses, then those of the run that it was forked from, and so on. A
   * block may come several times; the first time counts.
   */
  public void places(String runId, PlaceSink sink) {
    withAncestors(runId).forEach(run -> store.places(UUID.fromString(run), sink));
  }

  private List<String> withAncestors(String runId) {
    List<String> all = new ArrayList<>();
    for (String id = runId; id != null && all.size() < MAX_ANCESTORS; ) {
      all.add(id);
      Run run = byId.get(id);
      id = run == null ? null : run.getParentRunId();
    }
    return all;
  }

  private void read() {
    while (!closing) {
      try (Consumer<byte[], byte[]> opened = open()) {
        consumer = opened;
        boolean blocks = !noRoom || store.hasRoom();
        if (noRoom && blocks) {
          store.reopen();
        }
        follow(opened, blocks ? List.of(Topics.RUNS, Topics.BLOCKS) : List.of(Topics.RUNS));
      } catch (WakeupException e) {
        // closing: the loop ends
      } catch (KafkaException e) {
        log.warn("catalog: {}; trying again", e.getMessage());
        pause();
      } catch (RuntimeException e) {
        if (!NoRoom.is(e)) {
          log.error("catalog: reading stopped; trying again", e);
        } else if (!noRoom) { // once, however long it lasts
          noRoom = true;
          log.error(
              "catalog: no room is left in {}: make room; until then new blocks have no names,"
                  + " their counts are complete",
              store.directory());
        }
        pause();
      }
    }
  }

  private Consumer<byte[], byte[]> open() {
    Map<String, Object> config = new HashMap<>(client);
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5_000);
    return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /** Reads these topics; without the blocks only until there is room for them. */
  private void follow(Consumer<byte[], byte[]> from, List<String> topics) {
    boolean blocks = topics.contains(Topics.BLOCKS);
    List<TopicPartition> partitions = new ArrayList<>();
    for (String topic : topics) {
      for (PartitionInfo info : from.partitionsFor(topic)) {
        partitions.add(new TopicPartition(topic, info.partition()));
      }
    }
    from.assign(partitions);
    blocksTopicId = topicId();
    Map<TopicPartition, Long> begins = from.beginningOffsets(partitions);
    Map<TopicPartition, Long> ends = from.endOffsets(partitions);
    for (TopicPartition partition : partitions) {
      long known =
          partition.topic().equals(Topics.BLOCKS)
              ? store.nextOffset(partition.partition(), blocksTopicId)
              : 0;
      long begin = begins.get(partition);
      from.seek(partition, known >= begin && known <= ends.get(partition) ? known : begin);
    }
    while (!closing && (blocks || !store.hasRoom())) {
      try {
        take(from, from.poll(POLL));
      } catch (OffsetOutOfRangeException e) {
        from.seekToBeginning(e.partitions());
      }
      if (!caughtUp
          && blocks
          && ends.entrySet().stream()
              .allMatch(end -> from.position(end.getKey()) >= end.getValue())) {
        caughtUp = true;
      }
    }
  }

  /** A topic that was deleted and made again has another id. */
  private String topicId() {
    Map<String, Object> config = new HashMap<>(client);
    config.keySet().retainAll(AdminClientConfig.configNames());
    try (Admin admin = Admin.create(config)) {
      return admin
          .describeTopics(List.of(Topics.BLOCKS))
          .allTopicNames()
          .get()
          .get(Topics.BLOCKS)
          .topicId()
          .toString();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted", e);
    } catch (ExecutionException e) {
      throw new KafkaException(e.getCause().getMessage(), e.getCause());
    }
  }

  private void take(Consumer<byte[], byte[]> from, ConsumerRecords<byte[], byte[]> records) {
    if (records.isEmpty()) {
      return;
    }
    Set<String> changed = new HashSet<>();
    try (BlockStore.Update update = store.update()) {
      for (ConsumerRecord<byte[], byte[]> record : records) {
        try {
          if (record.topic().equals(Topics.RUNS)) {
            takeRun(record, changed);
          } else {
            takeBlock(record, update, changed);
          }
        } catch (SerializationException | IllegalArgumentException e) {
          if (SerdeFailures.isTemporary(e)) {
            throw e; // the registry does not answer: the poll is read again
          }
          log.warn(
              "topic={} partition={} offset={} not readable: {}",
              record.topic(),
              record.partition(),
              record.offset(),
              e.getMessage());
        }
      }
      boolean blocks = false;
      for (TopicPartition partition : records.partitions()) {
        if (partition.topic().equals(Topics.BLOCKS)) {
          blocks = true;
          update.offset(partition.partition(), blocksTopicId, from.position(partition));
        }
      }
      if (blocks) {
        update.write();
        foundRoom();
      }
    }
    changed.forEach(run -> changes.merge(run, 1L, Long::sum));
  }

  private void foundRoom() {
    if (noRoom) {
      noRoom = false;
      log.info("catalog: there is room in {} again", store.directory());
    }
  }

  private void takeRun(ConsumerRecord<byte[], byte[]> record, Set<String> changed) {
    String id = new String(record.key(), StandardCharsets.UTF_8);
    if (record.value() == null) {
      byId.remove(id);
      return;
    }
    Run run = runs.deserialize(Topics.RUNS, record.value());
    if (!UUID.fromString(run.getRunId()).toString().equals(run.getRunId())) {
      throw new IllegalArgumentException("the run's id is not a UUID in its canonical form");
    }
    byId.put(run.getRunId(), run);
    changed.add(run.getRunId());
  }

  private void takeBlock(
      ConsumerRecord<byte[], byte[]> record, BlockStore.Update update, Set<String> changed) {
    BlockKey key = keys.deserialize(Topics.BLOCKS, record.key());
    BlockId id = new BlockId(UUID.fromString(key.getRunId()), key.getVaddr(), key.getCodeHash());
    if (record.value() == null) {
      update.remove(id);
    } else {
      update.put(id, record.value(), details.deserialize(Topics.BLOCKS, record.value()));
    }
    changed.add(key.getRunId());
  }

  private void pause() {
    try {
      Thread.sleep(RETRY.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closing = true;
    Consumer<byte[], byte[]> open = consumer;
    if (open != null) {
      open.wakeup();
    }
    try {
      thread.join(STOP.toMillis());
      if (thread.isAlive()) {
        thread.interrupt();
        thread.join(STOP.toMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    store.close();
  }
}
