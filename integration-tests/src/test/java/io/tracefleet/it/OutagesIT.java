// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tracefleet.node.config.ClusterAccess;
import io.tracefleet.node.config.NodeSettings;
import io.tracefleet.node.config.RingSettings;
import io.tracefleet.node.run.EmulatorNode;
import io.tracefleet.node.run.NodeListener;
import io.tracefleet.schemas.Run;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Broker, registry, jobs or node go away while a guest runs: nothing is lost, nothing counts twice.
 */
@ExtendWith(TestCluster.Extension.class)
final class OutagesIT {
  private static final Duration LIMIT = Duration.ofMinutes(4);

  private Path directory;

  @BeforeEach
  void makeDirectory() throws IOException {
    directory = Files.createTempDirectory(Path.of("/dev/shm"), "tracefleet-it-outage-");
  }

  @AfterEach
  void removeDirectory() throws IOException {
    RingCheck.delete(directory);
  }

  @Test
  void theClusterIsKilledInTheMiddleAndComesBack() throws Exception {
    // given a cluster of its own that keeps its data
    String broker = freePort();
    String registry = freePort();
    List<String> up =
        List.of(
            "up",
            "--data",
            directory.resolve("data").toString(),
            "--port",
            broker,
            "--registry-port",
            registry);
    Path json = directory.resolve("report.json");
    CommandLine cluster = CommandLine.start(directory, up);
    try {
      cluster.awaitText("up;", LIMIT);
      try (CommandLine trace =
          CommandLine.start(
              directory,
              List.of(
                  "trace",
                  "--json",
                  json.toString(),
                  "--ring-dir",
                  directory.resolve("rings").toString(),
                  "--wait",
                  "120",
                  "--",
                  "qemu-x86_64",
                  "-plugin",
                  Places.oracle() + ",out=" + directory.resolve("oracle"),
                  Places.guest("chase").toString(),
                  "20000000"))) {
        awaitTraced(directory, 50_000_000);

        // when
        cluster.kill();
        cluster = CommandLine.start(directory, up);
        cluster.awaitText("up;", LIMIT);

        // then
        assertThat(trace.exitCode(LIMIT)).as(trace.stderr()).isZero();
      }
      JsonNode report = ReportFile.read(json);
      assertThat(
              Counts.differences(
                  Counts.ofOracle(Places.oracleDump(), directory.resolve("oracle")).asReported(),
                  ReportFile.counts(report)))
          .isEmpty();
    } finally {
      cluster.kill();
    }
  }

  @Test
  void theNodeIsKilledAndAnotherOneAdoptsItsRings(TestCluster cluster) throws Exception {
    // given a node in a process of its own; its ring holds all that the guest does
    Path rings = directory.resolve("rings");
    List<String> arguments = new ArrayList<>(List.of("trace", "--name", "orphaned"));
    arguments.addAll(cluster.options());
    arguments.addAll(
        List.of(
            "--ring-dir",
            rings.toString(),
            "--ring-buffers",
            "256",
            "--",
            "qemu-x86_64",
            "-plugin",
            Places.oracle() + ",out=" + directory.resolve("oracle"),
            Places.guest("chase").toString(),
            "8000000"));
    List<ProcessHandle> guests;
    try (CommandLine trace = CommandLine.start(directory, arguments)) {
      awaitTraced(directory, 50_000_000);
      guests =
          trace.descendants().stream()
              .filter(p -> p.info().commandLine().orElse("").contains("chase"))
              .toList();
      assertThat(guests).isNotEmpty();

      // when
      trace.signal("KILL");
      assertThat(trace.exitCode(LIMIT)).isEqualTo(137);
      guests.forEach(guest -> guest.onExit().join());
    }
    // and a node of another cluster, which must leave them alone
    Path mark = onlyMark(rings);
    String clusterId = Files.readString(mark);
    Files.writeString(mark, "of-another-cluster\n");
    List<String> said = new ArrayList<>();
    assertThat(adopt(cluster, rings, said)).isZero();
    assertThat(said)
        .singleElement()
        .asString()
        .contains("of-another-cluster", clusterId.strip(), rings.toString(), "left as it is")
        .doesNotContain("\n");
    Files.writeString(mark, clusterId);

    int adopted = adopt(cluster, rings, said);

    // then
    assertThat(adopted).isEqualTo(1);
    assertThat(said).hasSize(1);
    Run run =
        cluster.runs().stream()
            .filter(r -> r.getName().equals("orphaned"))
            .reduce((first, second) -> second)
            .orElseThrow();
    assertThat(run.getEnd()).isNotNull();
    Counts expected =
        Counts.ofOracle(Places.oracleDump(), directory.resolve("oracle")).asReported();
    assertThat(Counts.differences(expected, Traces.counts(cluster.reports(List.of(run)).get(0))))
        .isEmpty();
  }

  /** Which Kafka cluster the one guest's rings are for. */
  private static Path onlyMark(Path rings) throws IOException {
    try (Stream<Path> files = Files.walk(rings)) {
      return files
          .filter(file -> file.endsWith("cluster"))
          .reduce(OutagesIT::onlyOne)
          .orElseThrow();
    }
  }

  private static Path onlyOne(Path first, Path second) {
    throw new AssertionError("two of them: " + first + ", " + second);
  }

  private static int adopt(TestCluster cluster, Path rings, List<String> said) throws Exception {
    NodeListener listener =
        new NodeListener() {
          @Override
          public void warning(String line) {
            said.add(line);
          }
        };
    try (EmulatorNode node =
        EmulatorNode.open(
            NodeSettings.defaults()
                .withPluginLibrary(Places.plugin())
                .withRing(RingSettings.defaults().withDirectory(rings)),
            ClusterAccess.of(cluster.access().bootstrap(), cluster.access().registry()),
            listener)) {
      return node.adoptOrphans();
    }
  }

  /** Waits until the guest has executed so many instructions, as the oracle counts them. */
  private static void awaitTraced(Path directory, long instructions) throws Exception {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (true) {
      if (Files.exists(directory.resolve("oracle"))) {
        try {
          if (Counts.ofOracle(Places.oracleDump(), directory.resolve("oracle"))
                  .sum("vcpu", "instructions")
              >= instructions) {
            return;
          }
        } catch (IOException e) {
          // The oracle is not ready yet.
        }
      }
      assertThat(System.nanoTime()).as("the guest runs").isLessThan(deadline);
      Thread.sleep(50);
    }
  }

  private static String freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return Integer.toString(socket.getLocalPort());
    }
  }
}
