// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.cli.cluster.ClusterSettings;
import io.tracefleet.cli.cluster.EmbeddedCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Ctrl-C in every phase of a trace: the guest dies, what was recorded is reported, nothing stays
 * behind.
 */
@ExtendWith(TestCluster.Extension.class)
final class InterruptIT {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private Path directory;

  @BeforeEach
  void makeDirectory() throws IOException {
    directory = Files.createTempDirectory(Path.of("/dev/shm"), "tracefleet-it-interrupt-");
  }

  @AfterEach
  void removeDirectory() throws IOException {
    RingCheck.delete(directory);
  }

  @Test
  void whileTheClusterStarts() throws Exception {
    try (CommandLine command = CommandLine.start(directory, local("forever"))) {
      // The registry is a process of its own: once it is there, the cluster is starting.
      awaitDescendant(command, "apicurio");
      List<ProcessHandle> started = command.descendants();

      command.signal("INT");

      assertThat(command.exitCode(LIMIT)).as(command.stderr()).isEqualTo(130);
      assertEnded(started);
      assertThat(command.stdout()).doesNotContain("forever");
    }
  }

  @Test
  void whileTheGuestRuns() throws Exception {
    Path json = directory.resolve("report.json");
    List<String> arguments = new ArrayList<>(local("forever"));
    arguments.addAll(1, List.of("--json", json.toString()));
    try (CommandLine command = CommandLine.start(directory, arguments)) {
      command.awaitText("forever", LIMIT);
      List<ProcessHandle> started = command.descendants();

      command.signal("INT");

      assertThat(command.exitCode(LIMIT)).as(command.stderr()).isEqualTo(130);
      assertEnded(started);
      Counts oracle = Counts.ofOracle(Places.oracleDump(), directory.resolve("oracle"));
      // The signal may fall between the oracle's callback and the plugin's.
      assertThat(ReportFile.counts(ReportFile.read(json)).sum("vcpu", "instructions"))
          .isBetween(
              oracle.sum("vcpu", "instructions") - 1, oracle.sum("vcpu", "instructions") + 1);
      assertThat(ReportFile.read(json).get("run").get("endReason").textValue())
          .isIn("signal", "killed");
    }
  }

  @Test
  void aGuestThatIgnoresTheSignalIsKilledByTheSecond() throws Exception {
    try (CommandLine command = CommandLine.start(directory, local("stubborn"))) {
      command.awaitText("stubborn", LIMIT);
      List<ProcessHandle> started = command.descendants();

      command.signal("INT");
      assertThat(started.get(0).isAlive()).isTrue();
      command.signal("INT");

      assertThat(command.exitCode(LIMIT)).as(command.stderr()).isIn(130, 137);
      assertEnded(started);
      assertThat(command.stdout()).contains("instructions");
    }
  }

  @Test
  void whileResultsAreAwaited() throws Exception {
    // given a cluster without stream jobs: results never come
    try (EmbeddedCluster cluster =
        EmbeddedCluster.start(ClusterSettings.temporary(Places.registryHome()))) {
      List<String> arguments =
          List.of(
              "trace",
              "--bootstrap",
              cluster.bootstrap(),
              "--registry",
              cluster.registryUrl(),
              "--wait",
              "600",
              "--",
              "qemu-x86_64",
              Places.guest("workers").toString());
      try (CommandLine command = CommandLine.start(directory, arguments)) {
        command.awaitText("workers:", LIMIT);
        awaitNoDescendant(command);

        command.signal("INT");

        assertThat(command.exitCode(LIMIT)).as(command.stderr()).isEqualTo(130);
        assertThat(command.stderr()).contains("incomplete");
      }
    }
  }

  @Test
  void whileThePrivateClusterStops() throws Exception {
    try (CommandLine command = CommandLine.start(directory, local("fork"))) {
      command.awaitText("AUDIT", LIMIT);
      List<ProcessHandle> started = command.descendants();

      command.signal("INT");

      // The report was there: the trace itself succeeded, or was told to stop while it closed.
      assertThat(command.exitCode(LIMIT)).as(command.stderr()).isIn(0, 130);
      assertEnded(started);
    }
  }

  private List<String> local(String what) {
    return List.of(
        "trace",
        "--local",
        "--ring-dir",
        directory.resolve("rings").toString(),
        "--",
        "qemu-x86_64",
        "-plugin",
        Places.oracle() + ",out=" + directory.resolve("oracle"),
        Places.guest("processes").toString(),
        what);
  }

  private static void awaitDescendant(CommandLine command, String name) throws Exception {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (command.descendants().stream()
        .noneMatch(p -> p.info().commandLine().orElse("").contains(name))) {
      assertThat(System.nanoTime()).as(name + " starts").isLessThan(deadline);
      assertThat(command.isAlive()).as(command.stderr()).isTrue();
      Thread.sleep(20);
    }
  }

  private static void awaitNoDescendant(CommandLine command) throws Exception {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!command.descendants().isEmpty()) {
      assertThat(System.nanoTime()).as("the guest ends").isLessThan(deadline);
      Thread.sleep(20);
    }
  }

  private void assertEnded(List<ProcessHandle> processes) throws Exception {
    for (ProcessHandle process : processes) {
      process.onExit().get(20, TimeUnit.SECONDS);
    }
    if (Files.exists(directory.resolve("rings"))) {
      try (var files = Files.walk(directory.resolve("rings"))) {
        assertThat(files.filter(file -> file.toString().endsWith(".ring"))).isEmpty();
      }
    }
  }
}
