// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.cli.report.Audit;
import io.tracefleet.node.config.GuestSpec;
import io.tracefleet.node.config.TraceMode;
import io.tracefleet.schemas.AddressRange;
import io.tracefleet.schemas.TraceChange;
import io.tracefleet.schemas.TraceControl;
import io.tracefleet.schemas.VcpuTotals;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What the control topic holds before Linux boots, in system emulation: it comes into force and
 * stays, and the results have all of what was asked for. The guests begin with everything traced,
 * so what a filter chooses is traced from the start to the end.
 */
@ExtendWith(TestCluster.Extension.class)
final class FleetFiltersIT {
  private static final String NODE = "it";

  private static TraceControl.Builder control(TraceMode mode) {
    return TraceControl.newBuilder()
        .setMode(mode.word())
        .setUpdatedBy("FleetFiltersIT")
        .setUpdatedAt(Instant.now().truncatedTo(ChronoUnit.MICROS));
  }

  /** Linux with 2 vCPUs, started in this mode while this is in force. */
  private static Traces.Traced boot(
      TestCluster cluster, Traces traces, TraceMode mode, TraceControl control) throws Exception {
    cluster.control(NODE, control);
    try {
      Traces.Traced traced =
          traces.trace(
              GuestSpec.of(LinuxBootIT.command("qemu-system-x86_64", 2))
                  .withName("filtered")
                  .withMode(mode));
      assertThat(traced.outcome().exitCode()).as(traces.said()).isZero();
      assertThat(Audit.of(List.of(traced.root()), true).failures()).isEmpty();
      assertThat(traced.outcome().root().getChanges()).hasSize(1);
      assertThat(change(traced).getAskedBy()).isEqualTo("FleetFiltersIT");
      return traced;
    } finally {
      cluster.control(NODE, null);
    }
  }

  private static TraceChange change(Traces.Traced traced) {
    return traced.outcome().root().getChanges().get(0);
  }

  /** Instructions that each vCPU had executed while it was traced, until the change. */
  private static Map<Integer, Long> untilChange(Traces.Traced traced) {
    return change(traced).getVcpus().stream()
        .collect(Collectors.toMap(v -> v.getVcpu(), v -> v.getInstructions()));
  }

  private static Map<Integer, Long> executed(Traces.Traced traced) {
    return traced.outcome().root().getTotals().stream()
        .collect(Collectors.toMap(VcpuTotals::getVcpu, VcpuTotals::getExecuted));
  }

  private static long instructions(Counts counts, int vcpu) {
    return counts.number("vcpu " + vcpu + ".0", "instructions");
  }

  @Test
  void withModeOffInTheTopicNothingIsTracedFromThenOn(TestCluster cluster) throws Exception {
    try (Traces traces = Traces.open(cluster)) {
      Traces.Traced traced = boot(cluster, traces, TraceMode.FULL, control(TraceMode.OFF).build());

      assertThat(change(traced).getFrom() + " " + change(traced).getTo()).isEqualTo("full off");
      assertThat(executed(traced)).isEqualTo(untilChange(traced));
      for (int vcpu = 0; vcpu < 2; vcpu++) {
        assertThat(instructions(traced.rootCounts(), vcpu))
            .isEqualTo(untilChange(traced).get(vcpu))
            .isLessThan(instructions(traced.oracle(), vcpu) / 2);
      }
      traces.good();
    }
  }

  /** Of the vCPU chosen all events, idles and resumes too; of the other what was until then. */
  @Test
  void aVcpuFilterInTheTopicLosesNothing(TestCluster cluster) throws Exception {
    try (Traces traces = Traces.open(cluster)) {
      Traces.Traced traced =
          boot(
              cluster,
              traces,
              TraceMode.FULL,
              control(TraceMode.FULL).setVcpus(List.of(1)).build());

      assertThat(
              Counts.differences(
                  traced.oracle().asReported().only("vcpu 1.", "hwaddr 1 "),
                  traced.rootCounts().only("vcpu 1.", "hwaddr 1 ")))
          .isEmpty();
      assertThat(change(traced).getVcpuFilter()).containsExactly(1);
      assertThat(instructions(traced.rootCounts(), 1)).isGreaterThan(untilChange(traced).get(1));
      assertThat(instructions(traced.rootCounts(), 0))
          .isEqualTo(untilChange(traced).get(0))
          .isLessThan(instructions(traced.oracle(), 0) / 2);
      traces.good();
    }
  }

  /** Programs, and the kernel only while it unpacks itself. */
  @Test
  void anAddressRangeInTheTopicLosesNothing(TestCluster cluster) throws Exception {
    LongPredicate programs = vaddr -> vaddr >= 0x400000 && vaddr < 0x8000_0000_0000L;
    try (Traces traces = Traces.open(cluster)) {
      Traces.Traced traced =
          boot(
              cluster,
              traces,
              TraceMode.COUNT,
              control(TraceMode.COUNT)
                  .setAddressFilters(List.of(new AddressRange(0x400000L, 0x8000_0000_0000L)))
                  .build());

      Map<String, Long> chosen = ControlFiltersIT.blocks(traced.rootCounts(), programs);
      assertThat(chosen).isEqualTo(ControlFiltersIT.blocks(traced.oracle(), programs));
      assertThat(chosen).hasSizeGreaterThan(1000);
      assertThat(instructions(traced.rootCounts(), 0))
          .isGreaterThan(untilChange(traced).get(0))
          .isLessThan(instructions(traced.oracle(), 0) - 100_000_000);
      traces.good();
    }
  }
}
