// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.node.config.TraceMode;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** User-mode guests: every number equals the oracle's, in both modes. */
@ExtendWith(TestCluster.Extension.class)
final class UserGuestsIT {
  private static final Pattern EXPECTED = Pattern.compile("([a-zA-Z.0-9]+)=(\\d+)");

  /** Exit code, guest, arguments. */
  private static final List<String> GUESTS =
      List.of(
          "0 straight",
          "0 loops",
          "0 recursion",
          "0 smc",
          "0 numbers",
          "0 strings",
          "0 atomics",
          "0 threads",
          "0 signals",
          "0 faults",
          "0 vectors",
          "0 jit 100000",
          "0 bench",
          "0 chase",
          "0 compress",
          "0 workers",
          "0 aarch64/atomics",
          "0 aarch64/threads 100",
          "0 aarch64/signals",
          "0 aarch64/processes tree",
          "0 aarch64/workers",
          "0 aarch64/bench",
          "0 riscv64/atomics",
          "0 riscv64/threads 100",
          "0 riscv64/signals",
          "0 riscv64/processes tree",
          "0 riscv64/workers",
          "0 riscv64/bench");

  static Stream<Arguments> guests() {
    return GUESTS.stream()
        .flatMap(
            guest ->
                Stream.of(TraceMode.FULL, TraceMode.COUNT).map(mode -> Arguments.of(guest, mode)));
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("guests")
  void everyCountIsTheOracles(String guest, TraceMode mode, TestCluster cluster) throws Exception {
    List<String> words = List.of(guest.split(" ", -1));
    String program = words.get(1);
    int slash = program.indexOf('/');
    List<String> command = new ArrayList<>();
    command.add("qemu-" + (slash < 0 ? "x86_64" : program.substring(0, slash)));
    command.add(Places.guest(program).toString());
    command.addAll(words.subList(2, words.size()));

    try (Traces traces = Traces.open(cluster)) {
      Traces.Traced traced = traces.trace(mode, command);

      assertThat(traced.outcome().exitCode())
          .as(traces.said())
          .isEqualTo(Integer.parseInt(words.get(0)));
      assertThat(traced.root().run().endReason()).isEqualTo("exit");
      assertThat(traced.root().run().exitCode()).isEqualTo(traced.outcome().exitCode());
      traces.assertEqual(traced);
      assertKnownByHand(program, traced);
    }
  }

  /** Guests in assembly say in their source what they do. */
  private static void assertKnownByHand(String program, Traces.Traced traced) throws Exception {
    var source = Places.module().resolve("guests/user/" + program + ".S");
    if (!Files.exists(source)) {
      return;
    }
    Counts counts = traced.rootCounts();
    String expected =
        Files.readAllLines(source).stream()
            .filter(line -> line.startsWith("// expect: "))
            .findFirst()
            .orElseThrow();
    Matcher matcher = EXPECTED.matcher(expected);
    int seen = 0;
    while (matcher.find()) {
      String name = matcher.group(1);
      long number = Long.parseLong(matcher.group(2));
      assertThat(
              name.startsWith("syscall.")
                  ? counts.number("syscall " + name.substring("syscall.".length()), "calls")
                  : counts.number("vcpu 0.0", name))
          .as(name)
          .isEqualTo(number);
      seen++;
    }
    assertThat(seen).isGreaterThan(3);
  }
}
