// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tracefleet.node.config.RingSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** What became of one run of the fleet, from the oracle to the archive. */
record FleetRun(Fleet fleet, FleetNode node, String guest) {
  private static final Duration LIMIT = Duration.ofMinutes(4);

  /** The run and its counts must be exactly the oracle's, and nothing may be left over. */
  void assertExact(String afterWhat) throws Exception {
    assertCounted(afterWhat, 0, 0);
  }

  /**
   * The same of a guest with one vCPU that was killed, when one event, and instructions of one
   * block, may be counted by one of the two plugins only.
   */
  void assertExactButTheLastEvent(String afterWhat) throws Exception {
    assertCounted(afterWhat, 1, 0);
  }

  /**
   * The same of a guest whose node was killed, too: what Kafka had, and the ring still held, is
   * published again and must count once.
   */
  void assertAdopted(String afterWhat) throws Exception {
    assertCounted(afterWhat, 1, RingSettings.defaults().buffers());
  }

  /**
   * @param last events that may be counted by one of the two plugins only
   * @param again batches that may have arrived twice
   */
  private void assertCounted(String afterWhat, long last, long again) throws Exception {
    FleetApi api = fleet.api(0);
    String runId =
        api.await(
                "/api/v1/runs?node=" + node.name() + "&name=" + guest,
                LIMIT,
                runs -> runs.at("/rows/0/end").isNumber())
            .at("/rows/0/runId")
            .asText();
    JsonNode audit =
        api.await(
            "/api/v1/runs/" + runId + "/audit?tree=true",
            LIMIT,
            answer -> answer.get("verdict").asText().equals("ok"));
    JsonNode sum = audit.get("sum");
    long executed = sum.get("executed").asLong();
    Counts oracle = node.oracle(guest).asReported();
    Counts traced = api.counts(runId);
    Archived archived = archived(runId);
    String line =
        "%s: oracle %,d, executed %,d, published %,d, aggregated %,d, archived %,d instructions; %d gaps, %d duplicates, %,d dropped; %d batches archived, each once"
            .formatted(
                afterWhat,
                oracle.sum("vcpu", "instructions"),
                executed,
                sum.get("published").asLong(),
                sum.get("aggregated").asLong(),
                archived.instructions,
                sum.get("gaps").asLong(),
                sum.get("duplicates").asLong(),
                sum.get("dropped").asLong(),
                archived.batches);
    System.out.println("[fleet] " + line);

    if (last == 0) {
      assertThat(Counts.differences(oracle, traced)).as(line).isEmpty();
    } else {
      for (String counted : List.of("instructions", "blocks", "loads", "stores")) {
        // The oracle counts each instruction by itself, the plugin up to the next one that may
        // fault.
        long most = counted.equals("instructions") ? oracle.longestBlock() : last;
        assertThat(traced.sum("vcpu", counted))
            .as(counted + "; " + line)
            .isBetween(oracle.sum("vcpu", counted) - most, oracle.sum("vcpu", counted) + most);
      }
    }
    assertThat(executed).as(line).isEqualTo(traced.sum("vcpu", "instructions")).isPositive();
    assertThat(List.of("published", "aggregated"))
        .as(line)
        .allSatisfy(stage -> assertThat(sum.get(stage).asLong()).isEqualTo(executed));
    assertThat(List.of("gaps", "dropped"))
        .as(line)
        .allSatisfy(lost -> assertThat(sum.get(lost).asLong()).isZero());
    assertThat(sum.get("duplicates").asLong()).as(line).isBetween(0L, again);
    assertThat(archived.instructions).as(line).isEqualTo(executed);
    assertThat(archived.batches).as(line).isEqualTo(archived.distinct).isPositive();
  }

  private record Archived(long batches, long distinct, long instructions) {}

  /** What is in the archive's files, once the archiver says that the run is whole. */
  private Archived archived(String runId) throws Exception {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!isComplete(runId)) {
      assertThat(System.nanoTime())
          .as("run %s is archived; the archiver says: %s", runId, fleet.archiver().said())
          .isLessThan(deadline);
      Thread.sleep(200);
    }
    try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duck.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT count(*), count(DISTINCT (vcpu, sequence)), sum(instructions)::BIGINT FROM read_parquet('%s/batches/*/run=%s/*.parquet')"
                    .formatted(fleet.archive(), runId))) {
      row.next();
      return new Archived(row.getLong(1), row.getLong(2), row.getLong(3));
    }
  }

  private boolean isComplete(String runId) throws Exception {
    Path runs = fleet.archive().resolve("runs");
    if (!Files.isDirectory(runs)) {
      return false;
    }
    try (Stream<Path> dates = Files.list(runs)) {
      return dates.anyMatch(date -> Files.isDirectory(date.resolve("run=" + runId)))
          && fileOf(runs, runId);
    }
  }

  private static boolean fileOf(Path runs, String runId) throws Exception {
    try (Stream<Path> files =
        Files.find(runs, 3, (path, a) -> path.endsWith("part-00000.parquet"))) {
      return files.anyMatch(file -> file.toString().contains("run=" + runId + "/"));
    }
  }
}
