// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.report;

import static io.tracefleet.cli.report.Records.CHILD;
import static io.tracefleet.cli.report.Records.ROOT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.tracefleet.jobs.weight.Weight;
import io.tracefleet.jobs.weight.Weights;
import io.tracefleet.schemas.Accounting;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.VcpuTotals;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ScaledDataTest {
  /** vCPU 0 recorded 100 of 250 instructions, vCPU 1 all of its 12. */
  private static Records windowed(boolean ended) {
    Run.Builder run = Records.run(ROOT);
    Accounting first = Records.accounting(1, 1, 100, 0, 0);
    first.setPassed(150);
    if (ended) {
      VcpuTotals total = Records.totals(0, 250, 0, 1);
      total.setEncoded(100);
      total.setPassed(150);
      run.setTotals(List.of(total, Records.totals(1, 12, 0, 1)));
      first.setPassed(7); // not up to date any more
    } else {
      run.setEnd(null);
    }
    return new Records()
        .add(run.build())
        .vcpu(ROOT, 0, 0, null, 61, 7, 5, 3, 40, 24, 9, 8)
        .vcpu(ROOT, 0, 1, null, 39, 7, 5, 3, 40, 24, 9, 8)
        .vcpu(ROOT, 1, 0, null, 12, 1, 1, 1, 8, 8, 1, 1)
        .hot(ROOT, 0, 0x401000, 7, 3, 20, null, 11)
        .hot(ROOT, 0, 0x402000, 7, 1, 20, null, 67)
        .hot(ROOT, 0, 0xffff_ffff_8100_0000L, -9, 1, 20, null, 0)
        .hot(ROOT, 1, 0x401000, 7, 3, 20, null, 4)
        .hot(ROOT, 0, 0x401000, 7, 3, 20, Records.START, 999)
        .traffic(ROOT, 0, false, "RAM", null, null, 9, 5, 72, 40)
        .traffic(ROOT, 0, true, "serial", null, null, 1, 1, 1, 1)
        .traffic(ROOT, 0, false, "RAM", 0x1000L, null, 6, 5, 48, 40)
        .traffic(ROOT, 0, false, "RAM", 0x2000L, null, 3, 0, 24, 0)
        .syscall(ROOT, 0, 1, "write", null, 3, 1)
        .account(ROOT, 0, first)
        .account(ROOT, 1, Records.accounting(1, 1, 12, 0, 0));
  }

  private static RunView view(RunData data) {
    return ReportBuilder.build(data, data.runs().get(0));
  }

  @Test
  void eachVcpuIsScaledByItsWeightBeforeTheyAreAddedUp() {
    RunData data = windowed(true).data();

    RunView scaled = view(ScaledData.of(data));

    assertThat(scaled.blocks())
        .extracting(BlockView::vaddr, block -> block.row().executions(), BlockView::weight)
        .containsExactly(
            tuple(0x402000L, 168L, 168L), // 167.5
            tuple(0x401000L, 27L + 4, 82L + 12), // 27.5, 82.5
            tuple(0xffff_ffff_8100_0000L, 0L, 0L));
    assertThat(scaled.blocks().stream().mapToLong(BlockView::weight).sum())
        .as("as executed")
        .isEqualTo(250 + 12);
    assertThat(scaled.report().hotFunctions())
        .extracting(RunReport.HotFunctionRow::instructions)
        .containsExactly(250L + 12);
    assertThat(scaled.report().vcpus())
        .extracting(RunReport.VcpuRow::instructions, RunReport.VcpuRow::loads)
        .containsExactly(tuple(152L, 12L), tuple(98L, 13L), tuple(12L, 1L)); // 152.5, 97.5
    assertThat(scaled.report().vcpus())
        .as("always recorded")
        .extracting(RunReport.VcpuRow::idles, RunReport.VcpuRow::resumes)
        .containsExactly(tuple(9L, 8L), tuple(9L, 8L), tuple(1L, 1L));
    assertThat(scaled.report().hwaddr())
        .extracting(RunReport.HwaddrRow::reads)
        .containsExactly(22L, 3L); // 22.5, 2.5
    assertThat(scaled.pages()).extracting(PageView::reads).containsExactly(15L, 7L);
    assertThat(scaled.report().syscalls()).isEqualTo(view(data).report().syscalls());
    assertThat(scaled.report().accounting()).isEqualTo(view(data).report().accounting());
  }

  @Test
  void whileARunGoesOnItsBatchesTellTheWeights() {
    RunData data = windowed(false).data();

    assertThat(ScaledData.weights(data, data.runs().get(0)))
        .isEqualTo(new Weights(Map.of(0, new Weight(100, 150), 1, new Weight(12, 0))));
    assertThat(view(ScaledData.of(data)).report().hotFunctions())
        .extracting(RunReport.HotFunctionRow::instructions)
        .containsExactly(250L + 12);
  }

  @Test
  void withoutWindowsEverythingStays() {
    for (RunData data : List.of(Samples.userMode(), Samples.systemEmulation())) {
      RunView exact = view(data);
      RunView scaled = view(ScaledData.of(data));

      assertThat(scaled.report()).isEqualTo(exact.report());
      assertThat(scaled.pages()).isEqualTo(exact.pages());
      assertThat(scaled.blocks()).isEqualTo(exact.blocks());
    }
    assertThat(FleetBlocks.of(ScaledData.of(Samples.userMode())).rows())
        .isEqualTo(FleetBlocks.of(Samples.userMode()).rows());
    assertThat(ScaledData.runsScaled(Samples.userMode())).isZero();
  }

  @Test
  void theFleetIsScaledRunByRun() {
    RunData data =
        windowed(true)
            .add(Records.run(CHILD).setTotals(List.of(Records.totals(0, 3_000, 0, 1))).build())
            .hot(CHILD, 0, 0x401000, 7, 3, 20, null, 1_000)
            .data();

    FleetBlocks fleet = FleetBlocks.of(ScaledData.of(data));

    assertThat(fleet.rows().get(0).block().executions()).isEqualTo(1_000 + 27 + 4);
    assertThat(fleet.functions())
        .extracting(row -> row.function().instructions())
        .containsExactly(3_000L + 250 + 12);
    assertThat(ScaledData.runsScaled(data)).isEqualTo(1);
  }

  @Test
  void anEstimateIsNeverTakenForExact() {
    Weights weights =
        new Weights(Map.of(0, new Weight(1_000, 2_000), 1, new Weight(5, 0), 2, new Weight(0, 9)));

    assertThat(Estimate.note(weights))
        .isEqualTo(
            "  ESTIMATE, not exact: counts are scaled by what windows passed over: vCPU 0 by 3.000"
                + " (1,000 recorded, 2,000 passed over), vCPU 2 not at all (nothing recorded, 9"
                + " passed over)\n");
    assertThat(Estimate.note(new Weights(Map.of(0, new Weight(5, 0)))))
        .contains("Nothing was passed over");
    assertThat(Estimate.note(2)).contains("ESTIMATE, not exact: counts of 2 runs are scaled");
    assertThat(Estimate.note(0)).contains("Nothing was passed over");
    assertThat(new ReportJson().text(Estimate.ofRun(weights, List.of())).replaceAll("\\s+", ""))
        .isEqualTo(
            "{\"scaled\":true,\"weights\":["
                + "{\"vcpu\":0,\"encoded\":1000,\"passed\":2000,\"weight\":3.0},"
                + "{\"vcpu\":1,\"encoded\":5,\"passed\":0,\"weight\":1.0},"
                + "{\"vcpu\":2,\"encoded\":0,\"passed\":9,\"weight\":null}],\"rows\":[]}");
    assertThat(new ReportJson().text(Estimate.ofFleet(3, List.of())).replaceAll("\\s+", ""))
        .isEqualTo("{\"scaled\":true,\"runsScaled\":3,\"rows\":[]}");
  }
}
