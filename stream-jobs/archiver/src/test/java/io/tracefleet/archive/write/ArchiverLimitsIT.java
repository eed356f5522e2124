// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tracefleet.archive.store.ArchiveException;
import io.tracefleet.archive.store.ArchiveStore;
import io.tracefleet.archive.store.StoreLocation;
import io.tracefleet.archive.table.Duck;
import io.tracefleet.jobs.testing.Cluster;
import io.tracefleet.schemas.topics.TopicCreator;
import io.tracefleet.schemas.topics.TopicOptions;
import io.tracefleet.schemas.topics.Topics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The archiver with large chunks, without room, and with little memory of the runs it wrote. */
@Timeout(300)
class ArchiverLimitsIT {
  private static final int PAYLOAD = 512 << 10;

  @TempDir static Path directory;

  private static Cluster cluster;
  private static int runs;

  @BeforeAll
  static void startCluster() throws Exception {
    cluster = new Cluster(directory.resolve("kafka"));
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", cluster.bootstrap()))) {
      new TopicCreator(admin, Duration.ofSeconds(30))
          .create(Topics.all(TopicOptions.DEFAULTS.withReplication(1)));
    }
  }

  @AfterAll
  static void stopCluster() {
    cluster.close();
  }

  private static RecordedGuest guest(int batches, int payloadBytes) throws Exception {
    RecordedGuest guest = new RecordedGuest(++runs, cluster);
    guest.send(batches, payloadBytes);
    return guest;
  }

  /** Chunks of 4 MiB, two of them a file. */
  private static ArchiverSettings settings() {
    return ArchiverSettings.of(cluster.bootstrap(), Map.of())
        .withChunks(4 << 20, Duration.ofSeconds(30))
        .withPartBytes(8 << 20);
  }

  private static ArchiveStore store(Path archive) throws ArchiveException {
    return StoreLocation.parse(archive.toString(), null).openToWrite();
  }

  private static void once(ArchiveStore store) throws Exception {
    try (Archiver archiver = Archiver.open(settings(), store, cluster.serdes())) {
      archiver.runOnce(() -> false);
    }
  }

  private static long number(Path archive, String query, RecordedGuest guest) throws Exception {
    try (Duck duck = Duck.open(null, null, 256, 1)) {
      return duck.run(
          (query + " FROM read_parquet('%s/batches/*/run=%s/*.parquet')")
              .formatted(archive, guest.runId()));
    }
  }

  private static void assertWhole(Path archive, RecordedGuest guest) throws Exception {
    assertThat(number(archive, "SELECT count(*)", guest)).isEqualTo(guest.batches());
    assertThat(number(archive, "SELECT count(DISTINCT sequence)", guest))
        .isEqualTo(guest.batches());
    assertThat(number(archive, "SELECT count(DISTINCT md5(payload))", guest))
        .isEqualTo(guest.batches());
    try (var open = Files.walk(archive.resolve("_open"))) {
      assertThat(open).noneMatch(file -> file.toString().contains(guest.runId()));
    }
  }

  /** Chunks are written while the next are gathered, and put together as they are. */
  @Test
  void stoppedAtEachChangeNoLargeBatchIsThereTwiceOrMissing() throws Exception {
    Path archive = directory.resolve("stopped");
    RecordedGuest plain = guest(40, PAYLOAD);
    RecordedGuest again = guest(20, PAYLOAD);
    again.sendAgain();
    plain.end();
    again.end();
    int stops = 0;
    for (int change = 1; change <= 100; change++) {
      try (ArchiveStore store = store(archive);
          StoppingStore stopping = new StoppingStore(store, 1 + change % 5, change % 2 == 0)) {
        once(stopping);
        break;
      } catch (StoppingStore.Stopped e) {
        stops++;
      }
    }

    assertThat(stops).isGreaterThan(5);
    assertWhole(archive, plain);
    assertWhole(archive, again);
  }

  @Test
  void largeChunksArePutTogetherAsTheyAre() throws Exception {
    Path archive = directory.resolve("together");
    RecordedGuest guest = guest(40, PAYLOAD);
    try (ArchiveStore store = store(archive)) {
      once(store);
    }
    String before = rowGroups(archive + "/_open/*/batches/*/run=" + guest.runId() + "/*.parquet");
    guest.end();
    try (ArchiveStore store = store(archive)) {
      once(store);
    }

    String parts = archive + "/batches/*/run=" + guest.runId() + "/*.parquet";
    assertThat(rowGroups(parts)).isEqualTo(before).contains(" ");
    assertThat(files(parts)).isBetween(2L, 3L);
    assertWhole(archive, guest);
  }

  private static long files(String glob) throws Exception {
    try (Duck duck = Duck.open(null, null, 256, 1)) {
      return duck.run("SELECT count(*) FROM glob(" + Duck.literal(glob) + ")");
    }
  }

  /** Sizes of all row groups, in order. */
  private static String rowGroups(String glob) throws Exception {
    try (Duck duck = Duck.open(null, null, 256, 1);
        Statement statement = duck.connection().createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT string_agg(bytes, ' ' ORDER BY bytes) FROM (SELECT DISTINCT file_name,"
                    + " row_group_id, row_group_bytes::VARCHAR AS bytes FROM parquet_metadata("
                    + Duck.literal(glob)
                    + "))")) {
      row.next();
      return row.getString(1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"chunk.parquet", "offsets.json", "part.parquet", "table.parquet"})
  void withoutRoomItSaysSoAndTheNextOneGoesOn(String file) throws Exception {
    Path archive = directory.resolve("full-" + file);
    RecordedGuest guest = guest(20, PAYLOAD);
    guest.end();
    try (ArchiveStore store = store(archive);
        FullDisk full = new FullDisk(store, file)) {
      ArchiveException failure = catchThrowableOfType(ArchiveException.class, () -> once(full));
      assertThat(failure.kind()).isEqualTo(ArchiveException.Kind.STORE);
      assertThat(failure)
          .hasMessageContaining(archive.toString())
          .hasMessageContaining("no room is left")
          .hasMessageContaining("goes on where it was");
      assertThat(failure.getMessage().lines()).hasSize(1);
    }
    assertThat(archive.resolve("runs")).doesNotExist();

    try (ArchiveStore store = store(archive)) {
      once(store);
    }

    assertWhole(archive, guest);
  }

  @Test
  void lateDataFindsARunThatWasForgotten() throws Exception {
    Path archive = directory.resolve("forgotten");
    RecordedGuest first = guest(3, 100);
    first.counted(1, 0); // and never again
    first.end();
    RecordedGuest second = guest(3, 100);
    second.end();
    RecordedGuest third = guest(3, 100);
    third.end();
    try (ArchiveStore store = store(archive);
        Archiver archiver =
            Archiver.open(settings(), store, cluster.serdes(), Clock.systemUTC(), 1)) {
      archiver.runOnce(() -> false);
      long completed = archiver.progress().completed();
      FileTime written = time(archive, second);

      first.send(2, 100);
      first.end();
      archiver.runOnce(() -> false);

      assertThat(archiver.progress().completed()).as("the first again").isEqualTo(completed + 1);
      assertThat(archiver.progress().openRuns()).isZero();
      assertThat(time(archive, second)).as("no more than that").isEqualTo(written);
    }
    for (RecordedGuest guest : List.of(first, second, third)) {
      assertWhole(archive, guest);
    }
    try (Duck duck = Duck.open(null, null, 256, 1)) {
      assertThat(
              duck.run(
                  "SELECT 10 * count(*) + sum(batches) FROM read_parquet('%s/accounting/*/run=%s/*.parquet')"
                      .formatted(archive, first.runId())))
          .as("both vCPUs, and the latest of the first")
          .isEqualTo(25);
    }
  }

  private static FileTime time(Path archive, RecordedGuest guest) throws Exception {
    try (var files = Files.walk(archive.resolve("runs"))) {
      return Files.getLastModifiedTime(
          files
              .filter(Files::isRegularFile)
              .filter(file -> file.toString().contains(guest.runId()))
              .findFirst()
              .orElseThrow());
    }
  }
}
