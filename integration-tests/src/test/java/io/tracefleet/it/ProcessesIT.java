// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.cli.report.RunReport;
import io.tracefleet.cli.report.RunView;
import io.tracefleet.node.config.GuestSpec;
import io.tracefleet.node.config.TraceMode;
import io.tracefleet.schemas.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Processes that fork, execute other programs and die in every way: nothing recorded is lost. */
@ExtendWith(TestCluster.Extension.class)
final class ProcessesIT {
  /** Case, exit code, end reason of the root, children, end reason of the children. */
  private static final List<List<String>> CASES =
      List.of(
          List.of("fork", "0", "exit", "1", "exit"),
          List.of("tree", "0", "exit", "14", "exit"),
          List.of("vfork", "0", "exit", "20", "exit"),
          List.of("exec", "0", "exec", "0", ""),
          List.of("exec-fails", "0", "exit", "0", ""),
          List.of("spawn", "0", "exit", "3", "exec"),
          List.of("thread-exits", "7", "exit", "0", ""),
          List.of("threads-fork", "0", "exit", "10", "exit"),
          List.of("segv", "139", "signal", "0", ""),
          List.of("abort", "134", "signal", "0", ""),
          List.of("term", "143", "signal", "0", ""),
          List.of("kill", "137", "killed", "0", ""),
          List.of("child-killed", "0", "exit", "1", "killed"),
          List.of("orphan", "6", "exit", "1", "exit"),
          List.of("main-exits", "9", "exit", "1", "exit"));

  static Stream<Arguments> cases() {
    return CASES.stream()
        .flatMap(
            one ->
                Stream.of(TraceMode.FULL, TraceMode.COUNT)
                    .map(mode -> Arguments.of(one.get(0), mode, one)));
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("cases")
  void everyProcessIsARunWithTheOraclesCounts(
      String name, TraceMode mode, List<String> expected, TestCluster cluster) throws Exception {
    try (Traces traces = Traces.open(cluster)) {
      Traces.Traced traced =
          traces.trace(
              mode,
              List.of(
                  "qemu-x86_64",
                  Places.guest("processes").toString(),
                  name,
                  Places.guest("loops").toString()));

      traces.assertEqual(traced);
      RunReport root = traced.root();
      assertThat(traced.outcome().exitCode()).as(traces.said()).isEqualTo(number(expected, 1));
      assertThat(root.run().endReason()).isEqualTo(expected.get(2));
      List<RunView> children = traced.views().subList(1, traced.views().size());
      assertThat(children).hasSize(number(expected, 3));
      assertThat(children)
          .allSatisfy(
              child -> {
                assertThat(child.run().getRootRunId()).isEqualTo(root.run().runId());
                assertThat(child.report().run().parentRunId()).isNotNull();
                assertThat(child.report().run().endReason()).isEqualTo(expected.get(4));
              });
      assertThat(root.children())
          .containsExactlyInAnyOrderElementsOf(
              children.stream()
                  .map(RunView::run)
                  .filter(child -> root.run().runId().equals(child.getParentRunId()))
                  .map(Run::getRunId)
                  .toList());
    }
  }

  @ParameterizedTest
  @EnumSource(value = TraceMode.class, names = "OFF", mode = EnumSource.Mode.EXCLUDE)
  void aForkStormLeaksNoRingNoFileAndNoThread(TraceMode mode, TestCluster cluster)
      throws Exception {
    try (Traces traces = Traces.open(cluster)) {
      List<String> command =
          List.of("qemu-x86_64", Places.guest("processes").toString(), "storm", "200");
      traces.assertEqual(
          traces.trace(mode, List.of("qemu-x86_64", Places.guest("processes").toString(), "fork")));
      long files = openFiles();
      int threads = Thread.activeCount();

      Traces.Traced traced = traces.trace(mode, command);

      assertThat(traced.views()).hasSize(201);
      traces.assertEqual(traced);
      try (Stream<Path> left = Files.walk(traces.directory().resolve("rings"))) {
        assertThat(left.map(Path::toString).filter(file -> file.contains(".ring"))).isEmpty();
      }
      assertThat(openFiles()).as("open files").isLessThanOrEqualTo(files + 8);
      assertThat(Thread.activeCount()).as("threads").isLessThanOrEqualTo(threads + 2);
    }
  }

  @Test
  void aGuestThatIsKilledFromOutsideLosesNothing(TestCluster cluster) throws Exception {
    try (Traces traces = Traces.open(cluster)) {
      Path output = traces.directory().resolve("stdout");
      Thread killer =
          new Thread(
              () -> {
                try {
                  long deadline = System.nanoTime() + 60_000_000_000L;
                  while (System.nanoTime() < deadline
                      && !(Files.exists(output) && Files.readString(output).contains("forever"))) {
                    Thread.sleep(20);
                  }
                  long published = traces.node().progress().instructions();
                  while (System.nanoTime() < deadline
                      && traces.node().progress().instructions() == published) {
                    Thread.sleep(20);
                  }
                  ProcessHandle.current()
                      .descendants()
                      .filter(p -> p.info().commandLine().orElse("").contains("processes forever"))
                      .forEach(ProcessHandle::destroyForcibly);
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              },
              "killer");
      killer.start();

      Traces.Traced traced =
          traces.trace(
              GuestSpec.of(
                  List.of("qemu-x86_64", Places.guest("processes").toString(), "forever")));
      killer.join();

      assertThat(traced.outcome().exitCode()).isEqualTo(137);
      assertThat(traced.root().run().endReason()).isIn("killed", "signal");
      // The kill may fall between the oracle's callback and the plugin's.
      long counted = traced.oracle().sum("vcpu", "instructions");
      assertThat(traced.rootCounts().sum("vcpu", "instructions"))
          .isBetween(counted - 1, counted + 1);
      assertThat(traced.rootCounts().sum("vcpu", "blocks"))
          .isCloseTo(
              traced.oracle().sum("vcpu", "blocks"), org.assertj.core.data.Offset.offset(1L));
      traces.good();
    }
  }

  private static int number(List<String> words, int index) {
    return Integer.parseInt(words.get(index));
  }

  private static long openFiles() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
      return files.count();
    }
  }
}
