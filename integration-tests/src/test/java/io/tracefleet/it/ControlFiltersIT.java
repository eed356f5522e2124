// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.node.config.TraceMode;
import io.tracefleet.node.config.TraceWish;
import io.tracefleet.node.config.TraceWish.AddressRange;
import io.tracefleet.node.ring.AppliedChange;
import io.tracefleet.node.ring.AppliedChange.Counted;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A filter loses nothing of what it lets through. These guests begin with everything traced, so
 * what the filter chooses is traced from the guest's start to its end, whenever the change is made:
 * of that every count is the oracle's. Without Kafka.
 */
final class ControlFiltersIT {
  /** Traced after the change at least, or the filter was hardly tried. */
  private static final long ENOUGH = 1_000_000;

  private static final Counted NONE = new Counted(0, 0);

  private static PluginRun.Setup guest(TraceMode mode, String name, String... arguments) {
    List<String> command = new ArrayList<>(List.of("qemu-x86_64", Places.guest(name).toString()));
    command.addAll(List.of(arguments));
    return PluginRun.of(command).mode(mode);
  }

  /** Runs to the end; asks for this as soon as there is a ring. Returns when it came into force. */
  private static AppliedChange change(PluginRun run, TraceWish wish) throws Exception {
    List<AppliedChange> changes = new ArrayList<>();
    ControlIT.askOnce(run, wish, changes);
    assertThat(run.exitCode()).as(run.said()).isZero();
    return changes.get(0);
  }

  /** Executions by block; of blocks at these addresses only. */
  static Map<String, Long> blocks(Counts counts, LongPredicate wanted) {
    Map<String, Long> blocks = new TreeMap<>();
    counts
        .only("block ")
        .lines()
        .forEach(
            (block, executions) -> {
              if (wanted.test(address(block))) {
                blocks.put(block, Long.parseLong(executions));
              }
            });
    return blocks;
  }

  /** Of a block of {@link Counts}. */
  static long address(String block) {
    return Long.parseUnsignedLong(block.replaceAll("^block 0x|/.*$", ""), 16);
  }

  private static long instructions(Map<String, Long> blocks) {
    return blocks.entrySet().stream()
        .mapToLong(
            b -> b.getValue() * Long.parseLong(b.getKey().substring(b.getKey().indexOf('/') + 1)))
        .sum();
  }

  /** Every block in the range as often as the oracle saw it; every other, until the change. */
  @ParameterizedTest(name = "{0} half of the blocks, {1}")
  @CsvSource({"lower, FULL", "upper, FULL", "lower, COUNT", "upper, COUNT"})
  void anAddressRangeLosesNothing(String half, TraceMode mode) throws Exception {
    long middle;
    try (PluginRun run = guest(TraceMode.COUNT, "bench").run()) {
      List<Long> all =
          blocks(run.ring().counts(), any -> true).keySet().stream()
              .map(ControlFiltersIT::address)
              .sorted()
              .toList();
      middle = all.get(all.size() / 2);
    }
    long begin = half.equals("lower") ? 0 : middle;
    long end = half.equals("lower") ? middle : Long.MAX_VALUE;
    LongPredicate inside = vaddr -> vaddr >= begin && vaddr < end;
    TraceWish wish = new TraceWish(mode, List.of(new AddressRange(begin, end)), "test");
    try (PluginRun run = guest(mode, "bench", "2").withOracle().start()) {
      long before = change(run, wish).vcpus().get(0).traced();

      Counts traced = run.ring().counts();
      Map<String, Long> chosen = blocks(traced, inside);
      assertThat(chosen).isEqualTo(blocks(run.oracle(), inside));
      assertThat(instructions(blocks(traced, inside.negate()))).isLessThanOrEqualTo(before);
      assertThat(run.ring().instructions())
          .isBetween(before + ENOUGH, run.oracle().sum("vcpu ", "instructions") - ENOUGH);
    }
  }

  /** All events of the vCPUs chosen are the oracle's; of others there is what was until then. */
  @ParameterizedTest
  @EnumSource(value = TraceMode.class, names = "OFF", mode = EnumSource.Mode.EXCLUDE)
  void aVcpuFilterLosesNothing(TraceMode mode) throws Exception {
    TraceWish wish = new TraceWish(mode, List.of(), List.of(3, 5), List.of(), 0, "test");
    try (PluginRun run = guest(mode, "atomics", "100000").withOracle().start()) {
      Map<Integer, Counted> before = change(run, wish).vcpus();

      Counts traced = run.ring().counts();
      Counts oracle = run.oracle();
      assertThat(
              Counts.differences(
                  oracle.only("vcpu 3.", "vcpu 5."), traced.only("vcpu 3.", "vcpu 5.")))
          .isEmpty();
      for (int vcpu = 0; vcpu <= 8; vcpu++) {
        long counted = traced.sum("vcpu " + vcpu + ".", "instructions");
        long marked = before.getOrDefault(vcpu, NONE).traced();
        if (vcpu == 3 || vcpu == 5) {
          assertThat(counted).as("vCPU " + vcpu).isGreaterThan(marked + ENOUGH);
        } else {
          assertThat(counted).as("vCPU " + vcpu).isEqualTo(marked);
        }
      }
      assertThat(run.ring().instructions())
          .isLessThan(oracle.sum("vcpu ", "instructions") - ENOUGH);
    }
  }
}
