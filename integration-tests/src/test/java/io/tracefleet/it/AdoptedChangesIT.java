// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tracefleet.cli.report.Audit;
import io.tracefleet.cli.report.RunReport;
import io.tracefleet.cli.report.RunView;
import io.tracefleet.node.config.ClusterAccess;
import io.tracefleet.node.config.NodeSettings;
import io.tracefleet.node.config.RingSettings;
import io.tracefleet.node.run.EmulatorNode;
import io.tracefleet.node.run.NodeListener;
import io.tracefleet.schemas.EpochMicros;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.TraceChange;
import io.tracefleet.schemas.TraceControl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A node that has changed what is traced is killed; the next one's record has all changes. */
@ExtendWith(TestCluster.Extension.class)
final class AdoptedChangesIT {
  private static final Duration LIMIT = Duration.ofMinutes(1);

  /** A node makes one change in a second. */
  private static final long CHANGE_MILLIS = 1_100;

  private Path directory;
  private boolean good;

  @BeforeEach
  void makeDirectory() throws IOException {
    directory = Files.createTempDirectory(Path.of("/dev/shm"), "tracefleet-it-adopted-");
  }

  @AfterEach
  void removeDirectory() throws IOException {
    if (good) {
      RingCheck.delete(directory);
    }
  }

  /** What the whole fleet is to trace. Full and count together count everything. */
  private static void ask(TestCluster cluster, String mode, String by) throws Exception {
    cluster.control(
        "*",
        TraceControl.newBuilder()
            .setMode(mode)
            .setUpdatedBy(by)
            .setUpdatedAt(Instant.now().truncatedTo(ChronoUnit.MICROS))
            .build());
  }

  private static List<Run> runs(TestCluster cluster, String name) throws Exception {
    return cluster.runs().stream().filter(run -> run.getName().equals(name)).toList();
  }

  private static List<Run> await(TestCluster cluster, String name, Predicate<Run> wanted)
      throws Exception {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (true) {
      List<Run> runs = runs(cluster, name);
      if (runs.size() == 2 && runs.stream().allMatch(wanted)) {
        return runs;
      }
      assertThat(System.nanoTime()).as("runs as wanted: " + runs).isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  private static Predicate<Run> changes(int count) {
    return run -> run.getChanges().size() >= count;
  }

  /**
   * The second change is asked for so many milliseconds before the kill: nobody has heard of it
   * yet, the plugin obeys, or all of it has been published.
   */
  @ParameterizedTest
  @ValueSource(ints = {0, 60, 130, 1_500})
  void eachChangeIsInTheRecordOnce(int millis, TestCluster cluster) throws Exception {
    String name = "steered-" + millis;
    Path rings = directory.resolve("rings");
    List<String> arguments = new ArrayList<>(List.of("trace", "--name", name));
    arguments.addAll(cluster.options());
    arguments.addAll(
        List.of(
            "--ring-dir",
            rings.toString(),
            "--",
            "qemu-x86_64",
            "-plugin",
            Places.oracle() + ",out=" + directory.resolve("oracle"),
            Places.guest("processes").toString(),
            "fork-works",
            directory.resolve("enough").toString()));
    List<String> said = new CopyOnWriteArrayList<>();
    List<Run> before;
    List<Run> last;
    try (CommandLine trace = CommandLine.start(directory, arguments)) {
      await(cluster, name, run -> true);
      ask(cluster, "count", "first");
      before = await(cluster, name, changes(1));
      TimeUnit.MILLISECONDS.sleep(CHANGE_MILLIS);
      ask(cluster, "full", "second");
      TimeUnit.MILLISECONDS.sleep(millis);

      trace.signal("KILL");
      assertThat(trace.exitCode(LIMIT)).isEqualTo(137);
      int known = runs(cluster, name).stream().mapToInt(run -> run.getChanges().size()).sum();
      System.out.printf("[adopted] killed after %d ms: %d changes published%n", millis, known);
      try (EmulatorNode next = adopter(cluster, rings, said)) {
        assertThat(next.adoptOrphans()).isZero();
        await(cluster, name, changes(2));
        TimeUnit.MILLISECONDS.sleep(CHANGE_MILLIS);
        ask(cluster, "count", "third");
        await(cluster, name, changes(3));
        Files.createFile(directory.resolve("enough"));
        last = await(cluster, name, run -> run.getEnd() != null);
      }
    } finally {
      cluster.control("*", null);
      if (!Files.exists(directory.resolve("enough"))) {
        Files.createFile(directory.resolve("enough")); // the guest has lost its node
      }
    }

    assertThat(said).singleElement().asString().contains("of a dead node still runs");
    for (Run run : last) {
      assertThat(run.getChanges())
          .extracting(change -> change.getFrom() + " " + change.getTo() + " " + change.getAskedBy())
          .containsExactly("full count first", "count full second", "full count third");
      assertThat(run.getChanges())
          .extracting(TraceChange::getAt)
          .isSorted()
          .doesNotHaveDuplicates();
      Run sent =
          before.stream()
              .filter(r -> r.getRunId().equals(run.getRunId()))
              .findFirst()
              .orElseThrow();
      assertThat(run.getChanges()).startsWith(sent.getChanges().get(0));
      assertThat(changesOfTheApi(cluster, run))
          .containsExactlyElementsOf(
              run.getChanges().stream()
                  .map(c -> EpochMicros.of(c.getAt()) + " " + c.getTo() + " " + c.getAskedBy())
                  .toList());
    }
    assertEqualToTheOracle(cluster, last);
    try (Stream<Path> left = Files.list(rings)) {
      assertThat(left).as("what is left beside the rings").isEmpty();
    }
    good = true;
  }

  private static EmulatorNode adopter(TestCluster cluster, Path rings, List<String> said)
      throws Exception {
    return EmulatorNode.open(
        NodeSettings.defaults()
            .withNode("it-next")
            .withPluginLibrary(Places.plugin())
            .withRing(RingSettings.defaults().withDirectory(rings)),
        ClusterAccess.of(cluster.access().bootstrap(), cluster.access().registry()),
        new NodeListener() {
          @Override
          public void warning(String line) {
            said.add(line);
          }
        });
  }

  private static List<String> changesOfTheApi(TestCluster cluster, Run run) throws Exception {
    JsonNode answer =
        new FleetApi(cluster::url, "")
            .await(
                "/api/v1/runs/" + run.getRunId(),
                LIMIT,
                json -> !json.get("run").get("end").isNull());
    assertThat(answer.get("run").get("changesLeftOut").longValue()).isZero();
    List<String> changes = new ArrayList<>();
    for (JsonNode change : answer.get("run").get("changes")) {
      changes.add(
          change.get("at").longValue()
              + " "
              + change.get("to").textValue()
              + " "
              + change.get("askedBy").textValue());
    }
    return changes;
  }

  private void assertEqualToTheOracle(TestCluster cluster, List<Run> runs) throws Exception {
    List<RunView> views = cluster.reports(runs);
    for (int i = 0; i < runs.size(); i++) {
      boolean child = runs.get(i).getParentRunId() != null;
      assertThat(Counts.differences(oracle(child), Traces.counts(views.get(i))))
          .as(child ? "child" : "root")
          .isEmpty();
    }
    List<RunReport> reports = views.stream().map(RunView::report).toList();
    assertThat(Audit.of(reports, true).failures()).isEmpty();
    assertThat(reports).allMatch(report -> report.run().changes().size() == 3);
  }

  private Counts oracle(boolean child) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      Path file =
          files
              .filter(f -> f.getFileName().toString().startsWith(child ? "oracle." : "oracle"))
              .filter(f -> child || f.endsWith("oracle"))
              .findFirst()
              .orElseThrow();
      return Counts.ofOracle(Places.oracleDump(), file).asReported();
    }
  }
}
