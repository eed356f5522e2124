// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tracefleet.archive.store.ArchiveException;
import io.tracefleet.archive.store.ArchiveStore;
import io.tracefleet.archive.store.StoreLocation;
import io.tracefleet.archive.table.Duck;
import io.tracefleet.jobs.JobsConfig;
import io.tracefleet.jobs.StreamJobs;
import io.tracefleet.jobs.testing.ApiClient;
import io.tracefleet.jobs.testing.Cluster;
import io.tracefleet.metrics.MetricsSettings;
import io.tracefleet.metrics.testing.Exposition;
import io.tracefleet.schemas.Accounting;
import io.tracefleet.schemas.AccountingKey;
import io.tracefleet.schemas.HotBlock;
import io.tracefleet.schemas.HotBlockKey;
import io.tracefleet.schemas.topics.Topics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The archiver with a real broker and the real jobs; archives are read as any program would. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ArchiverIT {
  private static final Duration LIMIT = Duration.ofSeconds(90);

  private static final ArchiverSettings HOUR_AND_DAY = ArchiverSettings.of("none", Map.of());
  private static final ArchiverSettings AT_ONCE =
      HOUR_AND_DAY.withUnfinished(Duration.ZERO, Duration.ofHours(24));

  @TempDir static Path directory;

  private static Cluster cluster;
  private static StreamJobs jobs;
  private static int runs;

  @BeforeAll
  static void startCluster() throws Exception {
    cluster = new Cluster(directory.resolve("kafka"));
    jobs =
        StreamJobs.start(
            JobsConfig.parse(
                Map.of(
                    "bootstrap",
                    cluster.bootstrap(),
                    "registry",
                    cluster.registry(),
                    "result.interval.ms",
                    "250",
                    "commit.interval.ms",
                    "100")));
  }

  @AfterAll
  static void stopCluster() {
    jobs.close();
    cluster.close();
  }

  private static Guest guest(Random random) throws Exception {
    Guest guest = new Guest(Guest.runId(++runs), cluster, random);
    guest.begin();
    return guest;
  }

  @Test
  void aRunAppearsWhenItIsCompleteAndOnlyThen() throws Exception {
    Path archive = directory.resolve("appears");
    Guest guest = guest(new Random(1));
    guest.send(40);
    ArchiveProgress before = once(archive);

    assertThat(before.open())
        .anySatisfy(line -> assertThat(line).contains(guest.runId()).contains("has not ended"));
    assertThat(files(archive, "runs", guest.runId())).isEmpty();
    assertThat(openFiles(archive, guest.runId())).isNotEmpty();

    guest.send(10);
    guest.end();
    awaitAggregated(guest);
    ArchiveProgress after = once(archive);

    assertThat(after.runs()).contains(guest.runId());
    assertThat(after.refused()).isZero();
    assertThat(openFiles(archive, guest.runId())).isEmpty();
    assertSameAsTopics(archive, guest);
    assertThat(
            number(
                archive,
                "SELECT count(*) FROM read_parquet('%s/runs/*/*/*.parquet', hive_partitioning=true)"
                    + " WHERE run = '"
                    + guest.runId()
                    + "' AND date = DATE '2025-06-01' AND labels['kind'] = 'test' AND"
                    + " epoch_us(started_at) = 1748781296789012 AND name = 'it''s a \"guest\"'"))
        .isEqualTo(1);
  }

  @Test
  void whatComesLateHasTheRunWrittenAgain() throws Exception {
    Path archive = directory.resolve("late");
    Guest guest = guest(new Random(2));
    guest.send(20);
    guest.end();
    awaitAggregated(guest);
    once(archive);
    assertSameAsTopics(archive, guest);

    guest.send(5);
    guest.sendAgain();
    guest.end();
    awaitAggregated(guest);
    once(archive);

    assertSameAsTopics(archive, guest);
    assertThat(once(archive).runs()).as("nothing new").isEmpty();
  }

  @Test
  void anUnfinishedRunIsWrittenAsItStandsAndLaterReplaced() throws Exception {
    Path archive = directory.resolve("unfinished");
    Guest guest = guest(new Random(3));
    guest.send(30);
    awaitAggregated(guest);
    ArchiveProgress first = once(archive, AT_ONCE);

    assertThat(first.unfinished()).contains(guest.runId());
    assertThat(first.runs()).doesNotContain(guest.runId());
    assertThat(openFiles(archive, guest.runId())).isEmpty();
    assertSameAsTopics(archive, guest, false);
    assertThat(once(archive, AT_ONCE).unfinished()).as("nothing new").doesNotContain(guest.runId());

    guest.send(10);
    awaitAggregated(guest);
    assertThat(once(archive, AT_ONCE).unfinished()).contains(guest.runId());
    assertSameAsTopics(archive, guest, false);

    guest.sendAgain();
    guest.end();
    awaitAggregated(guest);
    assertThat(once(archive).runs()).contains(guest.runId());
    assertSameAsTopics(archive, guest, true);
  }

  @Test
  void anUnfinishedRunIsWrittenWhenItIsIdleOrGoesOnForLong() throws Exception {
    Path archive = directory.resolve("idle");
    Guest guest = guest(new Random(4));
    guest.send(5);
    awaitAggregated(guest);
    Instant now = Instant.now();

    assertThat(once(archive, HOUR_AND_DAY, now.plus(Duration.ofMinutes(55))).open())
        .anySatisfy(line -> assertThat(line).contains(guest.runId()));
    assertThat(files(archive, "runs", guest.runId())).isEmpty();
    assertThat(once(archive, HOUR_AND_DAY, now.plus(Duration.ofMinutes(65))).unfinished())
        .contains(guest.runId());

    Path other = directory.resolve("refreshed");
    ArchiverSettings never =
        HOUR_AND_DAY.withUnfinished(Duration.ofDays(365), Duration.ofHours(24));
    assertThat(once(other, never, now.plus(Duration.ofHours(23))).unfinished()).isEmpty();
    assertThat(once(other, never, now.plus(Duration.ofHours(25))).unfinished())
        .contains(guest.runId());
    assertSameAsTopics(other, guest, false);
  }

  @Test
  void anotherArchiverIsRefused() throws Exception {
    Path archive = directory.resolve("locked");
    try (ArchiveStore store = StoreLocation.parse(archive.toString(), null).openToWrite();
        Archiver first =
            Archiver.open(ArchiverProcess.settings(cluster.bootstrap()), store, cluster.serdes())) {
      assertThat(first.progress().lost()).isZero();
      assertThatThrownBy(() -> once(archive))
          .isInstanceOf(ArchiveException.class)
          .hasMessageContaining("Another archiver");
    }
  }

  @Test
  void theMetricsAreWhatWasArchived() throws Exception {
    Path archive = directory.resolve("metrics");
    Random neverAgain =
        new Random(7) {
          @Override
          public int nextInt(int bound) {
            return bound - 1; // so no batch is sent twice
          }
        };
    try (ArchiveStore store = StoreLocation.parse(archive.toString(), null).openToWrite();
        Archiver archiver =
            Archiver.open(
                ArchiverProcess.settings(cluster.bootstrap()).withMetrics(MetricsSettings.ANY_PORT),
                store,
                cluster.serdes())) {
      ApiClient api = new ApiClient(archiver.metricsUrl().orElseThrow());
      assertThat(api.get("/readyz").body()).isEqualTo("ready\n");
      archiver.runOnce(() -> false);
      Exposition before = new Exposition(api.get("/metrics").body());
      Guest guest = guest(neverAgain);
      guest.send(20);
      archiver.runOnce(() -> false);
      Exposition open = new Exposition(api.get("/metrics").body());
      guest.end();
      awaitAggregated(guest);
      archiver.runOnce(() -> false);

      Exposition after = new Exposition(api.get("/metrics").body());
      assertThat(rise(before, open, "tracefleet_archiver_batches_total")).isEqualTo(20);
      assertThat(rise(before, after, "tracefleet_archiver_batches_total")).isEqualTo(20);
      assertThat(rise(before, open, "tracefleet_archiver_payload_bytes_total"))
          .isEqualTo(
              number(
                  archive,
                  "SELECT sum(octet_length(payload))"
                      + from("batches")
                      + " WHERE run_id = '"
                      + guest.runId()
                      + "'"));
      assertThat(rise(before, open, "tracefleet_archiver_runs_open")).isEqualTo(1);
      assertThat(rise(before, after, "tracefleet_archiver_runs_open")).isZero();
      assertThat(rise(before, after, "tracefleet_archiver_runs_completed_total")).isEqualTo(1);
      assertThat(after.sum("tracefleet_archiver_batches_lost_total")).isZero();
      assertThat(after.sum("tracefleet_archiver_buffered_bytes")).isZero();
      assertThat(after.sum("tracefleet_archiver_lag_records", "topic", Topics.BATCHES)).isZero();
      assertThat(after.families()).containsKey("kafka_consumer_connection_creation_total");
    }
  }

  private static double rise(Exposition before, Exposition after, String metric) {
    return after.sum(metric) - before.sum(metric);
  }

  @Test
  void killedAnywhereNoRowIsThereTwiceOrMissing() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Path archive = directory.resolve("killed");
    List<Guest> guests = new ArrayList<>();
    Path logs = Files.createDirectories(directory.resolve("logs"));
    for (int kill = 1; kill <= 7; kill++) {
      Process process =
          ArchiverProcess.start(
              logs, kill, cluster.bootstrap(), cluster.registry(), archive.toString());
      try {
        // At some moment while it writes, so not before it does.
        long limit = System.nanoTime() + LIMIT.toNanos();
        long had = fileTimes(archive);
        Guest guest = guest(random);
        guests.add(guest);
        while (fileTimes(archive) == had && System.nanoTime() < limit) {
          guest.send(1);
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
          assertThat(process.isAlive()).as("alive; logs in %s", logs).isTrue();
        }
        guest.send(random.nextInt(30));
        guest.end();
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(1200)));
      } finally {
        process.destroyForcibly().waitFor();
      }
    }
    for (Guest guest : guests) {
      awaitAggregated(guest);
    }
    once(archive);

    for (Guest guest : guests) {
      assertSameAsTopics(archive, guest);
      assertThat(openFiles(archive, guest.runId())).as("seed %d", seed).isEmpty();
    }
  }

  /** Every change of the archive is the last one of some archiver, done or not done. */
  @Test
  void stoppedAtEachChangeOfTheArchiveNoRowIsThereTwiceOrMissing() throws Exception {
    Path archive = directory.resolve("stopped");
    List<Guest> guests = new ArrayList<>();
    int stops = 0;
    for (int change = 1; change <= 24; change++) {
      Guest guest = guest(new Random(change));
      guests.add(guest);
      guest.send(10);
      guest.end();
      awaitAggregated(guest);
      try (ArchiveStore store = StoreLocation.parse(archive.toString(), null).openToWrite();
          StoppingStore stopping = new StoppingStore(store, change, change % 2 == 0);
          Archiver archiver =
              Archiver.open(
                  ArchiverProcess.settings(cluster.bootstrap()), stopping, cluster.serdes())) {
        archiver.runOnce(() -> false);
      } catch (StoppingStore.Stopped e) {
        stops++;
      }
    }
    once(archive);

    assertThat(stops).isGreaterThan(20);
    for (Guest guest : guests) {
      assertSameAsTopics(archive, guest);
      assertThat(openFiles(archive, guest.runId())).isEmpty();
    }
  }

  /** The same while runs go on, are written as they stand, and end. */
  @Test
  void stoppedAtEachChangeUnfinishedRunsAreReplacedOnce() throws Exception {
    Path archive = directory.resolve("stopped-unfinished");
    List<Guest> guests = new ArrayList<>();
    int stops = 0;
    for (int change = 1; change <= 24; change++) {
      if (change % 3 == 1) {
        guests.add(guest(new Random(change)));
      }
      // Each is written as it stands, goes on, is written again, and ends; the last two go on.
      for (int i = Math.max(0, guests.size() - 2); i < guests.size(); i++) {
        guests.get(i).send(3);
      }
      if (change % 3 == 0 && guests.size() > 2) {
        guests.get(guests.size() - 3).end();
      }
      for (Guest guest : guests.subList(Math.max(0, guests.size() - 2), guests.size())) {
        awaitAggregated(guest);
      }
      try (ArchiveStore store = StoreLocation.parse(archive.toString(), null).openToWrite();
          StoppingStore stopping = new StoppingStore(store, change, change % 2 == 0);
          Archiver archiver = Archiver.open(settings(AT_ONCE), stopping, cluster.serdes())) {
        archiver.runOnce(() -> false);
      } catch (StoppingStore.Stopped e) {
        stops++;
      }
    }
    once(archive, AT_ONCE);

    assertThat(stops).isGreaterThan(20);
    for (int i = 0; i < guests.size(); i++) {
      assertSameAsTopics(archive, guests.get(i), i < guests.size() - 2);
      assertThat(openFiles(archive, guests.get(i).runId())).isEmpty();
    }
  }

  private static ArchiverSettings settings(ArchiverSettings unfinished) {
    return ArchiverProcess.settings(cluster.bootstrap())
        .withUnfinished(unfinished.idle(), unfinished.refresh());
  }

  private static ArchiveProgress once(Path archive) throws Exception {
    return once(archive, HOUR_AND_DAY);
  }

  private static ArchiveProgress once(Path archive, ArchiverSettings unfinished) throws Exception {
    return once(archive, unfinished, Instant.now());
  }

  private static ArchiveProgress once(Path archive, ArchiverSettings unfinished, Instant now)
      throws Exception {
    try (ArchiveStore store = StoreLocation.parse(archive.toString(), null).openToWrite();
        Archiver archiver =
            Archiver.open(
                settings(unfinished), store, cluster.serdes(), Clock.fixed(now, ZoneOffset.UTC))) {
      archiver.runOnce(() -> false);
      return archiver.progress();
    }
  }

  private static void assertSameAsTopics(Path archive, Guest guest) throws Exception {
    assertSameAsTopics(archive, guest, true);
  }

  private static void assertSameAsTopics(Path archive, Guest guest, boolean ended)
      throws Exception {
    String where = " WHERE run_id = '" + guest.runId() + "'";
    for (int vcpu = 0; vcpu < Guest.VCPUS; vcpu++) {
      String of = where + " AND vcpu = " + vcpu;
      long instructions = guest.instructions(vcpu);
      assertThat(number(archive, "SELECT sum(instructions)" + from("batches") + of))
          .as("batches of vCPU %d of %s", vcpu, guest.runId())
          .isEqualTo(instructions);
      assertThat(number(archive, "SELECT sum(instructions)" + from("vcpu_instructions") + of))
          .isEqualTo(instructions);
      assertThat(number(archive, "SELECT sum(executions * instructions)" + from("hot_blocks") + of))
          .isEqualTo(instructions);
      assertThat(
              number(
                  archive,
                  "SELECT sum(executions * instructions)" + from("hot_blocks_by_minute") + of))
          .isEqualTo(instructions);
      assertThat(number(archive, "SELECT max(aggregated)" + from("accounting") + of))
          .isEqualTo(instructions);
      assertThat(number(archive, "SELECT coalesce(max(executed), -1)" + from("accounting") + of))
          .isEqualTo(ended ? instructions : -1);
    }
    assertThat(number(archive, "SELECT count(*)" + from("runs") + where)).isEqualTo(1);
    assertThat(
            number(
                archive,
                "SELECT count(*)"
                    + from("runs")
                    + where
                    + (ended
                        ? " AND ended_at NOTNULL AND end_reason = 'exit' AND executed NOTNULL"
                        : " AND ended_at IS NULL AND end_reason = 'unfinished' AND executed IS"
                            + " NULL")))
        .isEqualTo(1);
    assertThat(number(archive, "SELECT count(*)" + from("batches") + where))
        .isEqualTo(guest.batches());
    assertThat(number(archive, "SELECT count(DISTINCT (vcpu, sequence))" + from("batches") + where))
        .isEqualTo(guest.batches());
    assertThat(number(archive, "SELECT sum(reads)" + from("hwaddr") + where + " AND NOT io"))
        .isEqualTo(3 * guest.batches());
    assertThat(number(archive, "SELECT sum(reads)" + from("hwaddr") + where + " AND io"))
        .isEqualTo(2 * guest.batches());
    assertThat(number(archive, "SELECT sum(reads)" + from("pages") + where + " AND page = 16384"))
        .isEqualTo(3 * guest.batches());
    assertThat(number(archive, "SELECT sum(calls)" + from("syscalls") + where))
        .isEqualTo(guest.batches());
    assertThat(hotBlocks(archive, where)).isEqualTo(hotBlocksOfTopic(guest.runId()));
    assertThat(number(archive, "SELECT sum(duplicates)" + from("accounting") + where))
        .isEqualTo(
            accounting(guest.runId()).values().stream().mapToLong(Accounting::getDuplicates).sum());
  }

  private static String from(String table) {
    return " FROM read_parquet('%s/" + table + "/*/*/*.parquet')";
  }

  private static Map<String, Long> hotBlocks(Path archive, String where) throws Exception {
    Map<String, Long> found = new HashMap<>();
    try (Duck duck = Duck.open(null, null, 256, 1);
        Statement statement = duck.connection().createStatement();
        ResultSet rows =
            statement.executeQuery(
                ("SELECT vcpu, vaddr, code_hash, instructions, executions"
                        + from("hot_blocks")
                        + where)
                    .formatted(archive))) {
      while (rows.next()) {
        String key =
            rows.getInt(1) + " " + rows.getLong(2) + " " + rows.getInt(3) + " " + rows.getInt(4);
        assertThat(found.put(key, rows.getLong(5))).isNull();
      }
    }
    return found;
  }

  private static Map<String, Long> hotBlocksOfTopic(String runId) {
    Map<String, Long> found = new HashMap<>();
    cluster
        .results(Topics.HOT_BLOCKS, HotBlockKey.class, HotBlock.class)
        .forEach(
            (key, value) -> {
              if (key.getRunId().equals(runId) && key.getWindowStart() == null) {
                found.put(
                    key.getVcpu()
                        + " "
                        + key.getVaddr()
                        + " "
                        + key.getCodeHash()
                        + " "
                        + key.getInstructions(),
                    value.getExecutions());
              }
            });
    return found;
  }

  private static Map<AccountingKey, Accounting> accounting(String runId) {
    Map<AccountingKey, Accounting> found = new HashMap<>();
    cluster
        .results(Topics.ACCOUNTING, AccountingKey.class, Accounting.class)
        .forEach(
            (key, value) -> {
              if (key.getRunId().equals(runId)) {
                found.put(key, value);
              }
            });
    return found;
  }

  private static void awaitAggregated(Guest guest) throws Exception {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (System.nanoTime() < deadline) {
      long batches =
          accounting(guest.runId()).values().stream().mapToLong(Accounting::getBatches).sum();
      if (batches == guest.batches()) {
        return;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
    }
    throw new AssertionError("run " + guest.runId() + " was not aggregated");
  }

  private static long number(Path archive, String query) throws Exception {
    try (Duck duck = Duck.open(null, null, 256, 1)) {
      return duck.run(query.formatted(archive));
    }
  }

  private static List<Path> files(Path archive, String table, String runId) throws Exception {
    return all(archive.resolve(table)).filter(file -> file.toString().contains(runId)).toList();
  }

  private static List<Path> openFiles(Path archive, String runId) throws Exception {
    return files(archive, "_open", runId);
  }

  /** Changes whenever the archiver has written something. */
  private static long fileTimes(Path archive) throws Exception {
    return all(archive)
        .filter(file -> file.toString().endsWith(".parquet"))
        .filter(file -> !file.toString().contains("/_open/tmp/"))
        .mapToLong(file -> file.toString().hashCode())
        .sum();
  }

  private static Stream<Path> all(Path root) throws Exception {
    if (!Files.isDirectory(root)) {
      return Stream.of();
    }
    List<Path> found = new ArrayList<>();
    Files.walkFileTree(
        root,
        new java.nio.file.SimpleFileVisitor<>() {
          @Override
          public java.nio.file.FileVisitResult visitFile(
              Path file, java.nio.file.attribute.BasicFileAttributes attributes) {
            found.add(file);
            return java.nio.file.FileVisitResult.CONTINUE;
          }

          @Override
          public java.nio.file.FileVisitResult visitFileFailed(Path file, java.io.IOException e) {
            return java.nio.file.FileVisitResult.CONTINUE; // it went while we walked
          }

          @Override
          public java.nio.file.FileVisitResult postVisitDirectory(
              Path visited, java.io.IOException e) {
            return java.nio.file.FileVisitResult.CONTINUE;
          }
        });
    return found.stream();
  }
}
