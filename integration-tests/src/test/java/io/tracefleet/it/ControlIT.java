// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.node.config.TraceMode;
import io.tracefleet.node.config.TraceWish;
import io.tracefleet.node.config.TraceWish.AddressRange;
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

  /** Asks for one mode after the other, each when the one before is in force. */
  private static final class Changes {
    private final List<TraceMode> modes;
    private final List<Long> delays = new ArrayList<>();
    private final long gapNanos;
    private int made;
    private int number;
    private long askedMicros;
    private long next;

    Changes(int gapMillis, TraceMode... modes) {
      this.modes = List.of(modes);
      this.gapNanos = gapMillis * 1_000_000L;
    }

    void step(PluginRun run) {
      if (run.rings().isEmpty()) {
        return;
      }
      PluginRun.Ring ring = run.ring();
      if (number != 0) {
        ring.applied(number)
            .ifPresent(
                change -> {
                  delays.add(change.micros() - askedMicros);
                  number = 0;
                  made++;
                  next = System.nanoTime() + gapNanos;
                });
      } else if (System.nanoTime() - next >= 0) {
        askedMicros = System.currentTimeMillis() * 1000;
        number = ring.want(TraceWish.of(modes.get(made % modes.size())));
      }
    }
  }

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
    Changes changes =
        first == TraceMode.FULL
            ? new Changes(5, TraceMode.COUNT, TraceMode.FULL)
            : new Changes(5, TraceMode.FULL, TraceMode.COUNT);
    try (PluginRun run = guest(guest).mode(first).withOracle().start()) {
      run.await(changes::step);

      assertThat(run.exitCode()).as(run.said()).isZero();
      assertThat(changes.made).isPositive();
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
    Changes changes =
        new Changes(20, TraceMode.OFF, TraceMode.FULL, TraceMode.OFF, TraceMode.COUNT);
    try (PluginRun run = loops().mode(first).start()) {
      run.await(changes::step);

      assertThat(run.exitCode()).as(run.said()).isEqualTo(7);
      assertThat(changes.made).isGreaterThan(3);
      assertThat(changes.delays).allMatch(delay -> delay < SECOND_MICROS);
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
    Changes changes =
        new Changes(
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

  private static List<Long> blocks(Counts counts) {
    return counts.only("block ").lines().keySet().stream()
        .map(key -> Long.parseUnsignedLong(key.replaceAll("^block 0x|/.*$", ""), 16))
        .sorted()
        .toList();
  }
}
