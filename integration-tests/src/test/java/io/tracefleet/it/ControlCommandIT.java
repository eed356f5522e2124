// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.schemas.AddressRange;
import io.tracefleet.schemas.InstructionWindow;
import io.tracefleet.schemas.TraceControl;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code control get} and {@code control watch} show what the topic holds. */
@ExtendWith(TestCluster.Extension.class)
final class ControlCommandIT {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Instant TIME = Instant.parse("2026-01-02T03:04:05.678901Z");
  private static final String SINCE =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss")
          .format(TIME.atZone(ZoneId.systemDefault()));
  private static final String HEADING = "node mode addresses vCPUs windows budget since asked by";

  private static final TraceControl OFF =
      TraceControl.newBuilder().setMode("off").setUpdatedBy("ops").setUpdatedAt(TIME).build();

  /** With a colour in the name of who wrote it: whoever may write the topic may write that. */
  private static final TraceControl ALL_OPTIONS =
      TraceControl.newBuilder()
          .setMode("full")
          .setAddressFilters(
              List.of(new AddressRange(0x401000L, 0x402000L), new AddressRange(-4096L, -1L)))
          .setVcpus(List.of(0, 2))
          .setWindows(
              List.of(
                  new InstructionWindow(1_000_000L, 5_000L, 0L),
                  new InstructionWindow(0L, 1_000L, 1_000_000L)))
          .setBudget(20_000_000L)
          .setUpdatedBy("me@\u001b[31mhere")
          .setUpdatedAt(TIME)
          .build();

  private static final String ALL_OPTIONS_ROW =
      "node-7 full 0x401000-0x402000 0xfffffffffffff000-0xffffffffffffffff 0,2"
          + " 1000000+5000 1000/1000000 20,000,000 "
          + SINCE
          + " me@\\x1b[31mhere";

  @TempDir Path directory;

  private CommandLine start(TestCluster cluster, String... words) throws Exception {
    List<String> arguments = new ArrayList<>(List.of(words));
    arguments.addAll(cluster.options());
    return CommandLine.start(directory, arguments);
  }

  /** The lines of the answer, with one space between columns, without the rule. */
  private List<String> get(TestCluster cluster, String... words) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("control", "get"));
    arguments.addAll(List.of(words));
    try (CommandLine command = start(cluster, arguments.toArray(String[]::new))) {
      assertThat(command.exitCode(LIMIT)).as(command.stderr()).isZero();
      return command
          .stdout()
          .lines()
          .map(line -> line.strip().replaceAll(" +", " "))
          .filter(line -> !line.matches("[-─ ]+"))
          .toList();
    }
  }

  @Test
  void getShowsWhatIsInForce(TestCluster cluster) throws Exception {
    assertThat(get(cluster))
        .containsExactly("nothing is set: guests are traced as they were started");
    cluster.control("*", OFF);
    cluster.control("node-7", ALL_OPTIONS);
    String forAll = "* off all all all none " + SINCE + " ops";
    try {
      assertThat(get(cluster)).containsExactly(HEADING, forAll, ALL_OPTIONS_ROW);
      assertThat(get(cluster, "node-7")).containsExactly(HEADING, ALL_OPTIONS_ROW);
      assertThat(get(cluster, "node-8")).containsExactly(HEADING, forAll);
    } finally {
      cluster.control("*", null);
      cluster.control("node-7", null);
    }
  }

  @Test
  void watchShowsEachChangeUntilInterrupted(TestCluster cluster) throws Exception {
    cluster.control("node-7", OFF);
    try (CommandLine watch = start(cluster, "control", "watch")) {
      watch.awaitText("2026-01-02T03:04:05.678901Z node-7: off, asked by ops\n", LIMIT);
      cluster.control("node-7", ALL_OPTIONS);
      watch.awaitText(
          "2026-01-02T03:04:05.678901Z node-7: full, only"
              + " 0x401000-0x402000 0xfffffffffffff000-0xffffffffffffffff, only vCPU 0,2,"
              + " only instructions 1000000+5000 1000/1000000,"
              + " at most 20,000,000 bytes per second, asked by me@\\x1b[31mhere\n",
          LIMIT);
      cluster.control("node-7", null);
      watch.awaitText("node-7: as started\n", LIMIT);
      assertThat(watch.stdout()).doesNotContain("\u001b");
      watch.signal("INT");
      assertThat(watch.exitCode(LIMIT)).as(watch.stderr()).isEqualTo(130);
    } finally {
      cluster.control("node-7", null);
    }
  }
}
