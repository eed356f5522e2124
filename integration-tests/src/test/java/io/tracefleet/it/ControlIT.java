// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.node.config.TraceMode;
import io.tracefleet.node.config.TraceWish;
import io.tracefleet.node.config.TraceWish.AddressRange;
import io.tracefleet.node.config.TraceWish.Window;
import io.tracefleet.node.ring.AppliedChange;
import io.tracefleet.node.ring.VcpuTally;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is traced changes while the guest runs. Without Kafka. */
final class ControlIT {
  private static final long SECOND_MICROS = 1_000_000;
  private static final int OUTER = 60_000; // about 1.4 G instructions, no system call

  @TempDir Path directory;

  private static PluginRun.Setup guest(String name, String... arguments) {
    List<String> command = new ArrayList<>(List.of("qemu-x86_64", Places.guest(name).toString()));
    command.addAll(List.of(arguments));
    return PluginRun.of(command);
  }

  private PluginRun.Setup loops() throws Exception {
    return PluginRun.of("qemu-x86_64", TinyGuest.loops(directory, OUTER).toString());
  }

  /**
   * Both modes count everything: their sum is the oracle's, whatever was counted by which. Guests
   * of one thread: others could return from system calls while QEMU tells nobody.
   */
  @ParameterizedTest(name = "{0}, {1}")
  @CsvSource({"bench, FULL", "bench, COUNT", "vectors, FULL", "strings, FULL", "compress, COUNT"})
  void fullAndCountTogetherCountEverything(String guest, TraceMode first) throws Exception {
    ModeChanges changes =
        first == TraceMode.FULL
            ? new ModeChanges(5, TraceMode.COUNT, TraceMode.FULL)
            : new ModeChanges(5, TraceMode.FULL, TraceMode.COUNT);
    try (PluginRun run = guest(guest).mode(first).withOracle().start()) {
      run.await(changes::step);

      assertThat(run.exitCode()).as(run.said()).isZero();
      assertThat(changes.made()).isPositive();
      // Which instructions a block dispatched is not told block by block in count mode.
      assertThat(
              Counts.differences(
                  run.oracle().without("dispatched "), run.ring().counts().without("dispatched ")))
          .isEmpty();
    }
  }

  /** No callback is in the translated code when tracing goes on again. */
  @ParameterizedTest
  @EnumSource(TraceMode.class)
  void aGuestThatMakesNoSystemCallObeysWithinASecond(TraceMode first) throws Exception {
    ModeChanges changes =
        new ModeChanges(20, TraceMode.OFF, TraceMode.FULL, TraceMode.OFF, TraceMode.COUNT);
    try (PluginRun run = loops().mode(first).start()) {
      run.await(changes::step);

      assertThat(run.exitCode()).as(run.said()).isEqualTo(7);
      assertThat(changes.made()).isGreaterThan(3);
      assertThat(changes.delays()).allMatch(delay -> delay < SECOND_MICROS);
      assertThat(run.ring().instructions()).isBetween(1L, TinyGuest.loopInstructions(OUTER) - 1);
    }
  }

  @Test
  void withTracingOffNothingIsRecorded() throws Exception {
    try (PluginRun run = guest("bench").mode(TraceMode.OFF).run()) {
      assertThat(run.exitCode()).as(run.said()).isZero();
      assertThat(run.ring().translations()).isZero();
      assertThat(run.ring().batches()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"threads 1000", "atomics 20000", "workers 4000", "processes fork"})
  void threadsAndChildrenLiveThroughManyChanges(String guest) throws Exception {
    String[] words = guest.split(" ", -1);
    ModeChanges changes =
        new ModeChanges(
            3, TraceMode.OFF, TraceMode.FULL, TraceMode.COUNT, TraceMode.OFF, TraceMode.COUNT);
    try (PluginRun run =
        guest(words[0], List.of(words).subList(1, words.length).toArray(String[]::new)).start()) {
      run.await(
          r -> {
            if (r.rings().size() == 1) {
              changes.step(r);
            }
          });

      assertThat(run.exitCode()).as(run.said()).isZero();
    }
  }

  /** Only the blocks asked for, and all of them, with everything that they do. */
  @ParameterizedTest
  @EnumSource(value = TraceMode.class, names = "OFF", mode = EnumSource.Mode.EXCLUDE)
  void addressRangesChooseBlocks(TraceMode mode) throws Exception {
    List<Long> all;
    try (PluginRun run = guest("bench").mode(mode).run()) {
      all = blocks(run.ring().counts());
    }
    long middle = all.get(all.size() / 2);
    try (PluginRun run = guest("bench").mode(TraceMode.OFF).withOracle().start()) {
      int[] number = {0};
      run.await(
          r -> {
            if (number[0] == 0 && !r.rings().isEmpty()) {
              number[0] =
                  r.ring().want(new TraceWish(mode, List.of(new AddressRange(0, middle)), "test"));
            }
          });

      List<Long> traced = blocks(run.ring().counts());
      assertThat(run.exitCode()).as(run.said()).isZero();
      assertThat(traced).isNotEmpty().allMatch(vaddr -> Long.compareUnsigned(vaddr, middle) < 0);
      Counts oracle = run.oracle();
      run.ring()
          .counts()
          .only("block ")
          .lines()
          .forEach(
              (block, executions) ->
                  assertThat(Long.parseLong(executions))
                      .as(block)
                      .isLessThanOrEqualTo(Long.parseLong(oracle.line(block))));
    }
  }

  /** What is passed over is counted too, so the totals are the oracle's. */
  @ParameterizedTest
  @EnumSource(value = TraceMode.class, names = "OFF", mode = EnumSource.Mode.EXCLUDE)
  void windowsKeepTotalsTrue(TraceMode mode) throws Exception {
    List<AppliedChange> changes = new ArrayList<>();
    try (PluginRun run = guest("bench").withOracle().start()) {
      askOnce(run, wish(mode, List.of(), new Window(0, 1_000, 10_000)), changes);

      assertThat(run.exitCode()).as(run.said()).isZero();
      VcpuTally tally = run.ring().tallies().get(0);
      long before = changes.get(0).vcpus().get(0).traced();
      assertThat(tally.executed()).isEqualTo(run.oracle().sum("vcpu ", "instructions"));
      assertThat(tally.passed()).isEqualTo(tally.executed() - tally.encoded()).isPositive();
      assertThat(run.ring().instructions()).isEqualTo(tally.encoded());
      assertThat((double) (tally.encoded() - before) / (tally.executed() - before))
          .isBetween(0.09, 0.12);
      assertThat(
              Counts.differences(
                  run.oracle().only("syscall "), run.ring().counts().only("syscall ")))
          .isEmpty();
    }
  }

  /** Where the window begins and ends is a block's boundary; nothing else is recorded. */
  @ParameterizedTest
  @EnumSource(value = TraceMode.class, names = "OFF", mode = EnumSource.Mode.EXCLUDE)
  void aWindowIsRecordedOnce(TraceMode mode) throws Exception {
    List<AppliedChange> changes = new ArrayList<>();
    try (PluginRun run = guest("bench").withOracle().start()) {
      askOnce(run, wish(mode, List.of(), new Window(60_000_000, 1_000_000, 0)), changes);

      VcpuTally tally = run.ring().tallies().get(0);
      long before = changes.get(0).vcpus().get(0).traced();
      assertThat(before).as("the window was asked for before it began").isLessThan(60_000_000);
      assertThat(tally.encoded() - before).isBetween(1_000_000L - 512, 1_000_000L + 512);
      assertThat(tally.executed()).isEqualTo(run.oracle().sum("vcpu ", "instructions"));
    }
  }

  /** Of other vCPUs there is nothing, and what there is of these is the oracle's. */
  @Test
  void aVcpuFilterChoosesVcpus() throws Exception {
    List<AppliedChange> changes = new ArrayList<>();
    try (PluginRun run = guest("atomics", "20000").mode(TraceMode.OFF).withOracle().start()) {
      askOnce(run, wish(TraceMode.FULL, List.of(3, 5)), changes);

      assertThat(run.exitCode()).as(run.said()).isZero();
      assertThat(run.ring().counts().only("vcpu ").lines().keySet())
          .allMatch(vcpu -> vcpu.startsWith("vcpu 3.") || vcpu.startsWith("vcpu 5."));
      assertThat(run.ring().instructions())
          .isPositive()
          .isLessThanOrEqualTo(
              run.oracle().sum("vcpu 3.", "instructions")
                  + run.oracle().sum("vcpu 5.", "instructions"));
      assertThat(run.ring().tallies()).allMatch(tally -> tally.passed() == 0);
    }
  }

  private static TraceWish wish(TraceMode mode, List<Integer> vcpus, Window... windows) {
    return new TraceWish(mode, List.of(), vcpus, List.of(windows), 0, "test");
  }

  /** Runs to the end; asks for this as soon as there is a ring. The change must come into force. */
  static void askOnce(PluginRun run, TraceWish wish, List<AppliedChange> changes) throws Exception {
    int[] number = {0};
    run.await(
        r -> {
          if (number[0] == 0 && !r.rings().isEmpty()) {
            number[0] = r.ring().want(wish);
          } else if (number[0] != 0 && changes.isEmpty()) {
            r.ring().applied(number[0]).ifPresent(changes::add);
          }
        });
    assertThat(changes).as("in force; QEMU said: " + run.said()).hasSize(1);
  }

  private static List<Long> blocks(Counts counts) {
    return counts.only("block ").lines().keySet().stream()
        .map(ControlFiltersIT::address)
        .sorted()
        .toList();
  }
}
