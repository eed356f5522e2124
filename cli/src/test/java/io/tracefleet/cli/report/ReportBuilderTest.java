// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.cli.report.RunReport.AccountingRow;
import io.tracefleet.cli.report.RunReport.HotBlockRow;
import io.tracefleet.cli.report.RunReport.HotFunctionRow;
import io.tracefleet.cli.report.RunReport.HwaddrRow;
import io.tracefleet.cli.report.RunReport.SyscallRow;
import io.tracefleet.cli.report.RunReport.VcpuRow;
import io.tracefleet.schemas.Run;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ReportBuilderTest {
  private static RunReport root(RunData data) {
    return ReportBuilder.build(data, data.runs().get(0)).report();
  }

  @Test
  void ordersVcpusByIndexAndGenerationAndLeavesWindowsOut() {
    assertThat(root(Samples.userMode()).vcpus())
        .containsExactly(
            new VcpuRow(0, 0, 1_000, 120, 60, 50, 480, 400, 1, 1),
            new VcpuRow(1, 0, 300, 40, 8, 9, 64, 72, 2, 1),
            new VcpuRow(1, 1, 200, 30, 4, 5, 32, 40, 0, 0));
  }

  @Test
  void addsBlocksOverVcpusAndKeepsOtherCodeAtTheSameAddressApart() {
    assertThat(root(Samples.userMode()).hotBlocks())
        .containsExactly(
            new HotBlockRow(
                "0x401000",
                5,
                20,
                140,
                "main\033[31m",
                "n::hot<int>()",
                0x10L,
                "/src/hot\033.cc:12",
                "/usr/bin/prog",
                0x1010L,
                "abcd"),
            new HotBlockRow(
                "0xffffffff81000000", 20, 80, 10, null, null, null, null, null, null, null),
            new HotBlockRow("0x401000", 5, 21, 3, null, null, null, null, null, null, null));
  }

  @Test
  void takesAChildsBlockDetailsFromItsParent() {
    RunData data = Samples.userMode();
    RunReport child = ReportBuilder.build(data, data.runs().get(1)).report();

    assertThat(child.hotBlocks()).hasSize(1);
    assertThat(child.hotBlocks().get(0).executions()).isEqualTo(2);
    assertThat(child.hotBlocks().get(0).symbol()).isEqualTo("main\033[31m");
    assertThat(child.children()).isEmpty();
    assertThat(child.run().parentRunId()).isEqualTo(Records.ROOT);
  }

  @Test
  void listsChildren() {
    assertThat(root(Samples.userMode()).children()).containsExactly(Records.CHILD);
  }

  @Test
  void addsSystemCallsOverVcpus() {
    assertThat(root(Samples.userMode()).syscalls())
        .containsExactly(new SyscallRow(1, "write", 7, 1), new SyscallRow(231, "exit_group", 1, 0));
  }

  @Test
  void keepsTrafficPerVcpuAndPagesApart() {
    RunData data = Samples.systemEmulation();
    RunView view = ReportBuilder.build(data, data.runs().get(0));

    assertThat(view.report().hwaddr())
        .containsExactly(
            new HwaddrRow(0, "RAM", "RAM", 180, 90, 1_440, 720),
            new HwaddrRow(0, "IO", "apic\nmsi", 0, 5, 0, 20),
            new HwaddrRow(0, "IO", "serial", 3, 7, 3, 7),
            new HwaddrRow(1, "RAM", "RAM", 10, 5, 80, 40));
    assertThat(view.pages())
        .containsExactly(
            new PageView(0x1000, 110, 55, 880, 440),
            new PageView(0x1_0000_0000L, 80, 40, 640, 320));
  }

  @Test
  void comparesTotalsWithWhatWasAggregated() {
    assertThat(root(Samples.userMode()).accounting())
        .containsExactly(
            new AccountingRow(0, 1_000, 1_000, 0, 0, 1_000, 1_000, 2, 0),
            new AccountingRow(1, 600, 500, 100, 0, 500, 500, 0, 0));
  }

  @Test
  void countsHolesAndWhatNeverArrivedAsGaps() {
    Run run =
        Records.run(Records.ROOT)
            .setTotals(List.of(Records.totals(0, 100, 0, 10), Records.totals(1, 7, 0, 2)))
            .build();
    RunData data =
        new Records().add(run).account(Records.ROOT, 0, Records.accounting(6, 8, 60, 0, 1)).data();

    assertThat(root(data).accounting())
        .containsExactly(
            new AccountingRow(0, 100, 100, 0, 0, 100, 60, 0, 4),
            new AccountingRow(1, 7, 7, 0, 0, 7, 0, 0, 2));
  }

  @Test
  void showsWhatIsAggregatedOfARunThatGoesOn() {
    Run run = Records.run(Records.ROOT).setEnd(null).setExitCode(null).setEndReason(null).build();
    RunData data =
        new Records().add(run).account(Records.ROOT, 3, Records.accounting(6, 6, 60, 0, 0)).data();

    RunReport report = root(data);

    assertThat(report.accounting()).containsExactly(new AccountingRow(3, 0, 0, 0, 0, 0, 60, 0, 0));
    assertThat(report.run().end()).isNull();
    assertThat(report.run().start()).isEqualTo(1_735_787_045_123_456L);
  }

  @Test
  void addsBlocksUpByFunctionAndWithoutOneByImage() {
    Run run = Records.run(Records.ROOT).build();
    Records records = new Records().add(run);
    records.hot(Records.ROOT, 0, 0x1000, 1, 5, 20, null, 10);
    records.hot(Records.ROOT, 0, 0x1020, 2, 3, 20, null, 10);
    records.hot(Records.ROOT, 0, 0x2000, 3, 1, 20, null, 7);
    records.hot(Records.ROOT, 0, 0x3000, 4, 1, 20, null, 3);
    records.hot(Records.ROOT, 0, 0x4000, 5, 1, 20, null, 1);
    records.detail(Records.ROOT, 0x1000, 1, null).in("/lib/a.so", 0x100, "id", "f", 0);
    records.detail(Records.ROOT, 0x1020, 2, null).in("/lib/a.so", 0x120, "id", "f", 0x20);
    records.detail(Records.ROOT, 0x2000, 3, null).in("/lib/a.so", 0x200, "id", null, 0);
    records.detail(Records.ROOT, 0x3000, 4, "known to QEMU");

    assertThat(root(records.data()).hotFunctions())
        .containsExactly(
            new HotFunctionRow("f", "f", "/lib/a.so", "id", 80, 20, 2),
            new HotFunctionRow("[a.so]", null, "/lib/a.so", "id", 7, 7, 1),
            new HotFunctionRow("known to QEMU", "known to QEMU", null, null, 3, 3, 1),
            new HotFunctionRow("[unknown]", null, null, null, 1, 1, 1));
  }
}
