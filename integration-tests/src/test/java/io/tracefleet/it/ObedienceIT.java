// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.node.config.TraceMode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * How long the plugin takes to obey, the node's part and Kafka's left out: from the wish in the
 * ring's control block until, as the ring says, it is in force. The longest of all changes counts,
 * not the median. Two clocks of one machine are compared; what else the machine does meanwhile is
 * in the figure, and not taken off. Without Kafka.
 */
final class ObedienceIT {
  private static final long SECOND_MICROS = 1_000_000;
  private static final int GAP_MILLIS = 30;
  private static final int GAP_MILLIS_LINUX = 150; // each change has a lot translated again

  /** A guest in user mode with its arguments, or Linux with so many vCPUs. */
  private static List<String> command(String guest) throws Exception {
    String[] words = guest.split(" ", -1);
    if (words[0].equals("linux")) {
      return LinuxBootIT.command("qemu-system-x86_64", Integer.parseInt(words[1]));
    }
    List<String> command = new ArrayList<>(List.of("qemu-x86_64"));
    command.add(Places.guest(words[0]).toString());
    command.addAll(List.of(words).subList(1, words.length));
    return command;
  }

  @ParameterizedTest
  @ValueSource(strings = {"bench 12", "workers 150000 4", "linux 1", "linux 2"})
  void everyWishIsObeyedWithinASecond(String guest) throws Exception {
    ModeChanges changes =
        new ModeChanges(
            guest.startsWith("linux") ? GAP_MILLIS_LINUX : GAP_MILLIS,
            TraceMode.OFF,
            TraceMode.FULL,
            TraceMode.OFF,
            TraceMode.COUNT);
    try (PluginRun run = PluginRun.of(command(guest)).flushEveryMillis(100).start()) {
      run.await(changes::step);

      List<Long> delays = changes.delays().stream().sorted().toList();
      assertThat(run.exitCode()).as(run.said()).isZero();
      assertThat(delays).hasSizeGreaterThan(8);
      long median = delays.get(delays.size() / 2);
      long longest = delays.get(delays.size() - 1);
      System.out.printf(
          "[control] %s: %d changes, obeyed after %d us in the median, %d us at most%n",
          guest, delays.size(), median, longest);
      assertThat(delays).allMatch(delay -> delay >= -1000, "not before it was asked for");
      assertThat(longest).isLessThan(SECOND_MICROS);
      assertThat(changes.ignoredMicros()).isLessThan(SECOND_MICROS);
    }
  }
}
