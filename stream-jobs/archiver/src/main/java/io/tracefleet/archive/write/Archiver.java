// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.write;

import io.tracefleet.archive.store.ArchiveException;
import io.tracefleet.archive.store.ArchiveException.Kind;
import io.tracefleet.archive.store.ArchiveStore;
import io.tracefleet.archive.table.ArchiveTable;
import io.tracefleet.archive.table.Duck;
import io.tracefleet.archive.table.Layout;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.TraceBatch;
import io.tracefleet.schemas.clients.Refusals;
import io.tracefleet.schemas.serde.SerdeFactory;
import io.tracefleet.schemas.serde.SerdeFailures;
import io.tracefleet.schemas.topics.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Archives a cluster: batches as they arrive, results when their run is complete. Whatever instant
 * it is killed at, the next one goes on, and no row is there twice or missing:
 *
 * <ul>
 *   <li>Chunks of batches appear whole, and before the offsets that say so; a successor starts at
 *       the offsets and passes over what the chunks of a run already hold.
 *   <li>A run's files appear one by one and the one in {@code runs} last; until it is there, they
 *       do not count, and a successor writes them again under the same names.
 *   <li>A run that has not ended, or of which not all arrives, is written as it stands when nothing
 *       came of it for a while, and now and then while it goes on.
 *   <li>What comes late, for a run that has been written, has it written again in the same way.
 * </ul>
 *
 * Used by one thread.
 */
public final class Archiver implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Archiver.class);

  private static final Duration POLL = Duration.ofMillis(200);
  private static final int SHOWN = 20;
  private static final int MEMORY_MEBIBYTES = 256;

  private final ArchiverSettings settings;
  private final ArchiveStore store;
  private final TopicSource source;
  private final Offsets offsets;
  private final Clock clock;
  private final Path scratch;
  private final Duck duck;
  private final BatchBuffer buffer;
  private final ResultTables results;
  private final ResultDecoder decoder;
  private final Deserializer<TraceBatch> batches;
  private final Optional<ArchiverMetrics> metrics;

  /** Of which the archiver remembers that they are in the archive; about 15 MB. */
  private static final int REMEMBERED = 100_000;

  /** Of which it tells that it wrote them. */
  private static final int TOLD = 1_000;

  /** Runs that are in the archive. */
  private final KnownRuns sealed;

  /**
   * Offsets of the results below which nothing of a run in the archive is new: what was read while
   * a run was open is in its files, and what is read for the first time is beyond.
   */
  private final Map<TopicPartition, Long> read = new HashMap<>();

  /** Those of them that something came late for. */
  private final Set<String> reopened = new HashSet<>();

  private final Map<String, RunState> open = new TreeMap<>();

  /** Last offset in the chunks of a run and partition, where a killed archiver left some. */
  private final Map<String, Long> archived = new HashMap<>();

  /** Largest offsets of the results' next records; reading again does not take it back. */
  private final Map<String, Long> seen = new HashMap<>();

  /** The same as the archive says it. */
  private Map<String, Long> settled;

  /** Where the topics ended at the start: what comes after that comes now, whatever it says. */
  private Map<TopicPartition, Long> startEnds = Map.of();

  private final LatestRuns completed = new LatestRuns(TOLD);
  private long completedCount;

  /** Runs that were written as they stood, and not completed since. */
  private final LatestRuns unfinished;

  private boolean rewind;
  private long batchCount;
  private long payloadBytes;
  private long refused;

  private Archiver(
      ArchiverSettings settings,
      ArchiveStore store,
      SerdeFactory serdes,
      TopicSource source,
      Clock clock,
      Path scratch,
      Duck duck,
      Optional<ArchiverMetrics> metrics,
      int remembered)
      throws SQLException, ArchiveException {
    this.settings = settings;
    this.store = store;
    this.source = source;
    this.clock = clock;
    this.scratch = scratch;
    this.duck = duck;
    this.metrics = metrics;
    this.sealed = new KnownRuns(store, remembered);
    this.unfinished = new LatestRuns(remembered);
    this.offsets = new Offsets(store, source.topicId());
    this.buffer = new BatchBuffer(store, source.topicId());
    this.results = new ResultTables(duck);
    this.decoder = new ResultDecoder(serdes, results);
    this.batches = serdes.valueDeserializer(TraceBatch.class);
    recover();
    show();
  }

  /**
   * Connects to the cluster and finds out how far the archive is.
   *
   * @param store stays the caller's
   * @param serdes of the registry that goes with the brokers; stays the caller's
   * @throws ArchiveException if the cluster or the archive cannot be used, or another archiver is
   *     at work
   */
  public static Archiver open(ArchiverSettings settings, ArchiveStore store, SerdeFactory serdes)
      throws ArchiveException, InterruptedException {
    return open(settings, store, serdes, Clock.systemUTC(), REMEMBERED);
  }

  static Archiver open(
      ArchiverSettings settings, ArchiveStore store, SerdeFactory serdes, Clock clock)
      throws ArchiveException, InterruptedException {
    return open(settings, store, serdes, clock, REMEMBERED);
  }

  /**
   * @param remembered how many runs of the archive, at most
   */
  static Archiver open(
      ArchiverSettings settings,
      ArchiveStore store,
      SerdeFactory serdes,
      Clock clock,
      int remembered)
      throws ArchiveException, InterruptedException {
    Optional<ArchiverMetrics> metrics = ArchiverMetrics.open(settings.metrics());
    TopicSource source = null;
    Path scratch = null;
    Duck duck = null;
    Archiver archiver = null;
    try {
      source = TopicSource.open(settings);
      if (metrics.isPresent()) {
        metrics.get().show(source.consumer());
      }
      store.lock(Layout.openDirectory(source.topicId()));
      scratch = Files.createTempDirectory("tracefleet-archive-");
      duck = Duck.open(scratch.resolve("scratch.duckdb"), scratch, MEMORY_MEBIBYTES, 1);
      archiver =
          new Archiver(settings, store, serdes, source, clock, scratch, duck, metrics, remembered);
      return archiver;
    } catch (SQLException | IOException e) {
      throw Room.failed(store, e);
    } catch (KafkaException e) {
      throw cluster(settings.bootstrap(), e);
    } finally {
      if (archiver == null) {
        metrics.ifPresent(ArchiverMetrics::close);
        if (source != null) {
          source.close();
        }
        closeScratch(duck, scratch);
      }
    }
  }

  private void recover() throws SQLException, ArchiveException {
    settled = offsets.read();
    seen.putAll(settled);
    for (String name : store.list(ArchiveTable.RUNS.tableName() + "/")) {
      String runId = Layout.runOf(name);
      if (runId != null) {
        sealed.add(runId);
      }
    }
    List<String> chunks = store.list(Layout.openDirectory(source.topicId()) + "batches/");
    for (String name : chunks) {
      String runId = Layout.runOf(name);
      if (runId != null) {
        if (!open.containsKey(runId) && sealed.contains(runId)) {
          sealed.remove(runId);
          reopened.add(runId);
        }
        state(runId);
        lastOffsets(store.local(name));
      }
    }
    startEnds = source.ends();
    source.seek(settled);
  }

  private void lastOffsets(Path chunk) throws SQLException {
    try (Statement statement = duck.connection().createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT run_id, kafka_partition, max(kafka_offset) FROM read_parquet(%s) GROUP BY ALL"
                    .formatted(Duck.literal(chunk)))) {
      while (rows.next()) {
        archived.merge(rows.getString(1) + "/" + rows.getInt(2), rows.getLong(3), Math::max);
      }
    }
  }

  /**
   * Archives until told to stop.
   *
   * @param stop asked several times a second
   */
  public void run(BooleanSupplier stop) throws ArchiveException, InterruptedException {
    guarded(
        () -> {
          while (!stop.getAsBoolean()) {
            doWork();
          }
          flush();
          show();
        });
  }

  /**
   * Archives what is there now, and completes the runs that can be.
   *
   * @param stop asked several times a second; true ends it early
   */
  public void runOnce(BooleanSupplier stop) throws ArchiveException, InterruptedException {
    guarded(
        () -> {
          Map<TopicPartition, Long> ends = source.ends();
          while (!stop.getAsBoolean()
              && (rewind
                  || !source.reached(ends)
                  || open.entrySet().stream().anyMatch(this::dueOnce))) {
            doWork();
          }
          flush();
          show();
        });
  }

  /** A run that goes on is written once, or this would go on with it. */
  private boolean dueOnce(Map.Entry<String, RunState> entry) {
    return entry.getValue().settled()
        || !unfinished.contains(entry.getKey()) && due(entry.getValue());
  }

  private boolean due(RunState state) {
    return state.settled() || state.unfinished(clock.millis(), settings.idle(), settings.refresh());
  }

  private interface Work {
    void run() throws SQLException, ArchiveException, IOException;
  }

  private void guarded(Work work) throws ArchiveException, InterruptedException {
    try {
      work.run();
    } catch (InterruptException e) {
      Thread.interrupted(); // Kafka set it again
      throw (InterruptedException) new InterruptedException("archiving").initCause(e);
    } catch (KafkaException e) {
      throw cluster(settings.bootstrap(), e);
    } catch (SQLException | IOException e) {
      throw Room.failed(store, e);
    }
  }

  private void doWork() throws SQLException, ArchiveException, IOException {
    for (ConsumerRecord<byte[], byte[]> record : source.poll(POLL)) {
      if (record.topic().equals(Topics.BATCHES)) {
        batch(record);
      } else {
        long before = readBefore(record);
        result(record, before);
        read.put(partition(record), Math.max(before, record.offset() + 1));
      }
      if (buffer.bytes() >= settings.chunkBytes()) {
        buffer.beginFlush(); // the offsets follow when all of this poll has been taken
      }
    }
    if (rewind) {
      rewind = false;
      source.rewindResults();
    }
    if (buffer.waitsSince(settings.chunkAge().toNanos(), System.nanoTime())) {
      flush();
    }
    complete();
    show();
  }

  private void batch(ConsumerRecord<byte[], byte[]> record) throws SQLException, ArchiveException {
    TraceBatch batch;
    try {
      batch = batches.deserialize(Topics.BATCHES, record.value());
    } catch (SerializationException e) {
      refuse(record, e);
      return;
    }
    if (batch == null || !Layout.isRunId(batch.getRunId())) {
      refuse(record, null);
      return;
    }
    String runId = batch.getRunId();
    Long last = archived.get(runId + "/" + record.partition());
    if (last != null && record.offset() <= last) {
      return;
    }
    reopen(runId).heard(time(record));
    buffer.add(batch, record.partition(), record.offset(), System.nanoTime());
    batchCount++;
    payloadBytes += batch.getPayload().remaining();
  }

  private static TopicPartition partition(ConsumerRecord<byte[], byte[]> record) {
    return new TopicPartition(record.topic(), record.partition());
  }

  /** All before this offset was read before, or by an archiver before this one. */
  private long readBefore(ConsumerRecord<byte[], byte[]> record) {
    TopicPartition partition = partition(record);
    Long before = read.get(partition);
    return before == null ? settled.getOrDefault(Offsets.key(partition), 0L) : before;
  }

  private void result(ConsumerRecord<byte[], byte[]> record, long readBefore)
      throws SQLException, ArchiveException {
    if (record.value() == null || record.key() == null) {
      return; // nobody deletes results; if somebody does, the archive keeps them
    }
    try {
      String runId = decoder.runId(record);
      if (!Layout.isRunId(runId)) {
        refuse(record, null);
        return;
      }
      RunState state = open.get(runId);
      if (state == null) {
        if (record.offset() < readBefore && sealed.contains(runId)) {
          return;
        }
        state = reopen(runId);
      }
      state.heard(time(record));
      Object value = decoder.add(record);
      if (value instanceof Run run) {
        state.run(run);
      } else if (value instanceof ResultDecoder.Account account) {
        state.accounting(account.key().getVcpu(), account.value());
      }
    } catch (SerializationException e) {
      refuse(record, e);
    }
  }

  /** When a record came: of those that were there at the start, when it was written. */
  private long time(ConsumerRecord<byte[], byte[]> record) {
    long now = clock.millis();
    Long end = startEnds.get(partition(record));
    return end == null || record.offset() >= end ? now : Math.min(now, record.timestamp());
  }

  private RunState state(String runId) {
    return open.computeIfAbsent(
        runId, id -> new RunState(reopened.contains(runId) ? clock.millis() : RunState.UNKNOWN));
  }

  /** A run that had been written gets something more: all of its results have to be read again. */
  private RunState reopen(String runId) throws ArchiveException {
    if (!open.containsKey(runId) && sealed.contains(runId)) {
      sealed.remove(runId);
      log.info("late records, run={}", runId);
      reopened.add(runId);
      rewind = true;
    }
    return state(runId);
  }

  private void refuse(ConsumerRecord<byte[], byte[]> record, SerializationException e) {
    if (e != null && SerdeFailures.isTemporary(e)) {
      throw e;
    }
    refused++;
    log.warn(
        "record refused, topic={} partition={} offset={} reason={}",
        record.topic(),
        record.partition(),
        record.offset(),
        e == null ? "no run id" : e.getMessage());
  }

  /** Writes the chunks that wait, then the offsets. All that was polled has been taken. */
  private void flush() throws SQLException, ArchiveException {
    buffer.flush();
    Map<String, Long> next = new TreeMap<>();
    source
        .positions()
        .forEach(
            (partition, offset) -> {
              if (partition.topic().equals(Topics.BATCHES)) {
                next.put(Offsets.key(partition), offset);
              } else {
                seen.merge(Offsets.key(partition), offset, Math::max);
              }
            });
    if (reopened.isEmpty()) {
      settled = Map.copyOf(seen);
    }
    settled.forEach(next::putIfAbsent);
    offsets.write(next);
  }

  private void complete() throws SQLException, ArchiveException, IOException {
    List<String> ready = new ArrayList<>();
    Map<TopicPartition, Long> ends = null;
    for (Map.Entry<String, RunState> entry : open.entrySet()) {
      RunState state = entry.getValue();
      if (!due(state)) {
        continue;
      }
      if (state.fence() == null) {
        ends = ends == null ? source.ends() : ends;
        state.fence(ends);
      }
      if (source.reached(state.fence())) {
        ready.add(entry.getKey());
      }
    }
    if (ready.isEmpty()) {
      return;
    }
    flush();
    results.flush();
    for (String runId : ready) {
      RunState state = open.get(runId);
      boolean settled = state.settled();
      seal(runId, state.run());
      if (settled) {
        completed.add(runId);
        completedCount++;
        unfinished.remove(runId);
      } else {
        unfinished.add(runId);
      }
      log.info(settled ? "run complete, run={}" : "run written as it stands, run={}", runId);
      sealed.add(runId);
    }
    flush();
  }

  private void seal(String runId, Run run) throws SQLException, ArchiveException, IOException {
    List<String> chunks = store.list(Layout.chunkDirectory(source.topicId(), runId));
    BatchParts.write(store, runId, chunks, scratch, settings.partBytes());
    results.end(run);
    Path file = store.work().resolve("table.parquet");
    for (ArchiveTable table : ArchiveTable.values()) {
      if (table != ArchiveTable.BATCHES && table != ArchiveTable.RUNS) {
        if (results.write(table, runId, file) > 0) {
          store.put(Layout.directory(table, runId) + Layout.part(0), file);
        } else {
          Files.deleteIfExists(file);
        }
      }
    }
    results.write(ArchiveTable.RUNS, runId, file);
    store.put(Layout.runFile(runId), file);
    store.delete(chunks);
    results.delete(runId);
    archived.keySet().removeIf(key -> key.startsWith(runId));
    open.remove(runId);
    reopened.remove(runId);
  }

  private void show() {
    if (metrics.isEmpty()) {
      return;
    }
    metrics
        .get()
        .show(
            new ArchiverStatus(
                batchCount,
                payloadBytes,
                completedCount,
                open.size(),
                refused,
                source.lost(),
                buffer.bytes(),
                buffer.isEmpty() ? OptionalLong.empty() : OptionalLong.of(buffer.oldest()),
                source.lag()));
  }

  /** Where it can be watched, without a path; empty if it cannot. */
  public Optional<String> metricsUrl() {
    return metrics.map(ArchiverMetrics::url);
  }

  /** What has been done so far. */
  public ArchiveProgress progress() {
    List<String> phrases =
        open.entrySet().stream()
            .sorted(Map.Entry.comparingByKey(Comparator.reverseOrder()))
            .limit(SHOWN)
            .map(entry -> "run " + entry.getKey() + ": " + entry.getValue().missing())
            .toList();
    return new ArchiveProgress(
        batchCount,
        payloadBytes,
        completedCount,
        completed.list(),
        unfinished.list(),
        open.size(),
        phrases,
        refused,
        source.lost());
  }

  @Override
  public void close() {
    metrics.ifPresent(ArchiverMetrics::close);
    source.close();
    buffer.close();
    closeScratch(duck, scratch);
  }

  private static void closeScratch(Duck duck, Path scratch) {
    if (duck != null) {
      duck.close();
    }
    if (scratch == null) {
      return;
    }
    try (Stream<Path> files = Files.list(scratch)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(scratch);
    } catch (IOException e) {
      log.debug("scratch directory stays, directory={}", scratch, e);
    }
  }

  private static ArchiveException cluster(String bootstrap, KafkaException e) {
    return new ArchiveException(
        Kind.CLUSTER,
        Refusals.byKafka(bootstrap, e)
            .orElseGet(() -> "Kafka or its registry: " + e.getMessage() + "; check that both run."),
        e);
  }
}
