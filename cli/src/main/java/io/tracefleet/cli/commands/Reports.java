// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import static io.tracefleet.cli.console.TextTable.grouped;

import io.tracefleet.cli.console.TextTable;
import io.tracefleet.cli.report.Audit;
import io.tracefleet.cli.report.RunReport;
import io.tracefleet.cli.report.RunReport.AccountingRow;
import io.tracefleet.cli.report.RunView;
import java.util.List;

/** Parts of reports that several commands print. Stateless. */
final class Reports {
  private Reports() {}

  /** A line per forked child; nothing if there are none. */
  static String children(List<RunView> views, int limit) {
    if (views.size() < 2) {
      return "";
    }
    TextTable table =
        new TextTable()
            .text("run")
            .text("parent")
            .number("instructions")
            .text("end")
            .number("exit code");
    for (RunView view : views.subList(1, Math.min(views.size(), limit + 1))) {
      RunReport.RunInfo run = view.report().run();
      table.row(
          run.runId(),
          run.parentRunId() == null ? "" : run.parentRunId(),
          grouped(view.report().vcpus().stream().mapToLong(RunReport.VcpuRow::instructions).sum()),
          run.endReason() == null ? "running" : run.endReason(),
          run.exitCode() == null ? "" : Integer.toString(run.exitCode()));
    }
    int hidden = views.size() - 1 - limit;
    return "\nForked children\n"
        + table.render()
        + (hidden > 0 ? "  and " + grouped(hidden) + " more (--json-dir)\n" : "");
  }

  /** The accounting of the runs and the audit line. */
  static String auditSection(List<RunReport> reports, Audit audit, int limit, boolean colour) {
    StringBuilder text = new StringBuilder();
    for (RunReport report : reports.subList(0, Math.min(limit, reports.size()))) {
      List<AccountingRow> rows = report.accounting();
      if (rows.isEmpty()) {
        continue;
      }
      text.append("Accounting of run ").append(report.run().runId()).append(", instructions\n");
      text.append(Audit.table(rows.subList(0, Math.min(limit, rows.size()))));
      if (rows.size() > limit) {
        text.append("  and ").append(grouped(rows.size() - (long) limit)).append(" more vCPUs\n");
      }
      text.append('\n');
    }
    if (reports.size() > limit) {
      text.append("and ").append(grouped(reports.size() - (long) limit)).append(" more runs\n\n");
    }
    return text + audit.render(colour);
  }
}
