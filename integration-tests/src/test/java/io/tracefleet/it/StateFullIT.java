// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.cli.cluster.ClusterSettings;
import io.tracefleet.cli.cluster.EmbeddedCluster;
import io.tracefleet.node.config.ClusterAccess;
import io.tracefleet.node.config.GuestSpec;
import io.tracefleet.node.config.NodeSettings;
import io.tracefleet.node.config.RingSettings;
import io.tracefleet.node.run.EmulatorNode;
import io.tracefleet.node.run.NodeListener;
import io.tracefleet.node.run.TraceOutcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * No room for what the stream jobs keep on disk: one line says so, so does their health, and when
 * there is room again everything is there and has counted once.
 */
final class StateFullIT {
  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final String LINE = "o room is left in";

  @TempDir Path directory;

  private EmbeddedCluster cluster;
  private SmallDisk disk;
  private int port;

  @BeforeEach
  void start() throws Exception {
    disk = SmallDisk.at(directory.resolve("disk"), 128);
    cluster = EmbeddedCluster.start(ClusterSettings.temporary(Places.registryHome()));
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
  }

  @AfterEach
  void stop() throws Exception {
    try (SmallDisk opened = disk) {
      if (cluster != null) {
        cluster.close();
      }
    }
  }

  @Test
  void descriptionsOfBlocksWaitForRoom() throws Exception {
    try (CommandLine jobs = jobs("memory")) {
      api().awaitReady(LIMIT);
      disk.fillUpTo(0);

      String run = trace("150000");

      awaitState("full");
      assertExact(run); // what is counted needs no disk
      disk.makeRoom();
      api().awaitReady(LIMIT);
      awaitCode(run);
      assertExact(run);
      assertThat((jobs.stdout() + jobs.stderr()).lines().filter(line -> line.contains(LINE)))
          .hasSize(1);
      assertThat(jobs.isAlive()).isTrue();
    }
  }

  @Test
  void totalsOnDiskEndTheJobsWhichGoOnWhereTheyWere() throws Exception {
    String run;
    try (CommandLine jobs = jobs("disk")) {
      api().awaitReady(LIMIT);
      disk.fillUpTo(0);

      run = trace("200000");

      assertThat(jobs.exitCode(LIMIT)).as(jobs.stderr()).isEqualTo(1);
      assertThat(jobs.stderr().lines().filter(line -> line.startsWith("tracefleet-jobs: ")))
          .singleElement()
          .asString()
          .contains("N" + LINE, disk.path().toString(), "make room");
    }
    disk.makeRoom();
    try (CommandLine again = jobs("disk")) {
      api().awaitReady(LIMIT);
      assertExact(run);
      assertThat(again.isAlive()).isTrue();
    }
  }

  private CommandLine jobs(String state) throws IOException {
    return CommandLine.start(
        directory,
        "io.tracefleet.jobs.JobsMain",
        Map.of(
            "JAVA_TOOL_OPTIONS",
            "-Dlogback.configurationFile="
                + Places.module().resolveSibling("deploy/images/logback.xml")),
        List.of(
            "bootstrap=" + cluster.bootstrap(),
            "registry=" + cluster.registryUrl(),
            "start.timeout.ms=" + LIMIT.toMillis(),
            "state=" + state,
            "state.dir=" + disk.path().resolve("state"),
            "http.port=" + port));
  }

  private FleetApi api() {
    return new FleetApi(() -> "http://127.0.0.1:" + port, "");
  }

  private void awaitState(String wanted) throws Exception {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    String state;
    while (!(state = api().state()).equals(wanted)) {
      assertThat(System.nanoTime()).as("%s, not %s", state, wanted).isLessThan(deadline);
      Thread.sleep(100);
    }
    assertThat(api().ask("/readyz")).as("answer 200 of /readyz").isEmpty();
  }

  /** Runs a guest of so many blocks with the oracle to its end. */
  private String trace(String blocks) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "qemu-x86_64",
                "-plugin",
                Places.oracle() + ",out=" + directory.resolve("oracle"),
                Places.guest("jit").toString(),
                blocks));
    GuestSpec spec = GuestSpec.of(command);
    try (EmulatorNode node =
        EmulatorNode.open(
            NodeSettings.defaults()
                .withPluginLibrary(Places.plugin())
                .withRing(RingSettings.defaults().withDirectory(directory.resolve("rings"))),
            ClusterAccess.embedded(cluster.bootstrap(), cluster.registryUrl()),
            new NodeListener() {})) {
      TraceOutcome outcome =
          node.trace(
              new GuestSpec(
                  spec.name(),
                  spec.command(),
                  spec.mode(),
                  spec.whenFull(),
                  spec.labels(),
                  spec.restart(),
                  spec.maxRestarts(),
                  spec.backoff(),
                  Path.of("/dev/null"),
                  directory.resolve("stdout"),
                  directory.resolve("stderr"),
                  spec.plugin()));
      return outcome.rootRunId();
    }
  }

  /** Waits until the blocks that executed least, the latest ones, are described. */
  private void awaitCode(String run) throws Exception {
    api()
        .await(
            "/api/v1/runs/" + run + "/hot-blocks?limit=1000&offset=120000",
            LIMIT,
            page ->
                StreamSupport.stream(page.get("rows").spliterator(), false)
                    .allMatch(block -> !block.get("code").isEmpty()));
  }

  /** Nothing is missing or there twice, and every count is the oracle's. */
  private void assertExact(String run) throws Exception {
    api()
        .await(
            "/api/v1/runs/" + run + "/audit",
            LIMIT,
            audit -> audit.get("verdict").asText().equals("ok"));
    assertThat(
            Counts.differences(
                Counts.ofOracle(Places.oracleDump(), directory.resolve("oracle")).asReported(),
                api().counts(run)))
        .isEmpty();
  }
}
