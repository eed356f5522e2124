// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.report;

import static io.tracefleet.cli.console.TextTable.grouped;

import io.tracefleet.cli.console.TextTable;
import io.tracefleet.cli.report.RunReport.AccountingRow;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether what was executed was aggregated: per vCPU executed = encoded + dropped, encoded =
 * published = aggregated, no gaps. Stateless.
 *
 * @param runs runs looked at
 * @param vcpus vCPUs looked at
 * @param sum their rows added up; its vCPU index means nothing
 * @param failures one line per difference
 */
public record Audit(
    boolean complete, int runs, int vcpus, AccountingRow sum, List<String> failures) {
  private static final String GREEN = "\033[32m";
  private static final String RED = "\033[31m";
  private static final String PLAIN = "\033[0m";

  public Audit {
    failures = List.copyOf(failures);
  }

  /**
   * Audits the runs of these reports together.
   *
   * @param complete false: the jobs were not done when the results were read
   */
  public static Audit of(List<RunReport> reports, boolean complete) {
    List<String> failures = new ArrayList<>();
    AccountingRow sum = new AccountingRow(0, 0, 0, 0, 0, 0, 0, 0);
    int vcpus = 0;
    for (RunReport report : reports) {
      String runId = report.run().runId();
      if (report.run().end() == null) {
        failures.add("run " + runId + " has not ended: its totals are not known yet");
      }
      for (AccountingRow row : report.accounting()) {
        vcpus++;
        sum = plus(sum, row);
        if (report.run().end() != null) {
          check(report, row, complete, failures);
        }
      }
    }
    return new Audit(complete, reports.size(), vcpus, sum, failures);
  }

  /** Nothing was lost but what was counted as dropped. */
  public boolean passed() {
    return complete && failures.isEmpty();
  }

  /** The verdict in one line, then a line per failure. */
  public String render(boolean colour) {
    StringBuilder text = new StringBuilder();
    String verdict =
        passed() ? "AUDIT OK" : failures.isEmpty() ? "AUDIT INCOMPLETE" : "AUDIT FAILED";
    text.append(colour ? (passed() ? GREEN : RED) + verdict + PLAIN : verdict)
        .append("  executed ")
        .append(grouped(sum.executed()))
        .append(" = encoded ")
        .append(grouped(sum.encoded()))
        .append(" + dropped ")
        .append(grouped(sum.dropped()))
        .append(", published ")
        .append(grouped(sum.published()))
        .append(", aggregated ")
        .append(grouped(sum.aggregated()))
        .append(" instructions; ")
        .append(counted(runs, "run"))
        .append(", ")
        .append(counted(vcpus, "vCPU"))
        .append(", ")
        .append(counted(sum.gaps(), "gap"))
        .append(", ")
        .append(counted(sum.duplicates(), "duplicate"))
        .append('\n');
    for (String failure : failures) {
      text.append("  ").append(failure).append('\n');
    }
    return text.toString();
  }

  /** One row per vCPU. */
  public static String table(List<AccountingRow> rows) {
    TextTable table =
        new TextTable()
            .number("vCPU")
            .number("executed")
            .number("encoded")
            .number("dropped")
            .number("published")
            .number("aggregated")
            .number("duplicates")
            .number("gaps")
            .text("");
    for (AccountingRow row : rows) {
      table.row(
          Integer.toString(row.vcpu()),
          grouped(row.executed()),
          grouped(row.encoded()),
          grouped(row.dropped()),
          grouped(row.published()),
          grouped(row.aggregated()),
          grouped(row.duplicates()),
          grouped(row.gaps()),
          row.conserved() ? "ok" : "DIFFERS");
    }
    return table.render();
  }

  private static void check(
      RunReport report, AccountingRow row, boolean complete, List<String> failures) {
    String where = "run " + report.run().runId() + " vCPU " + row.vcpu() + ": ";
    if (row.executed() != row.encoded() + row.dropped()) {
      failures.add(
          where
              + "executed "
              + grouped(row.executed())
              + ", but encoded "
              + grouped(row.encoded())
              + " + dropped "
              + grouped(row.dropped()));
    }
    if (row.published() != row.encoded()) {
      failures.add(
          where
              + "encoded "
              + grouped(row.encoded())
              + ", but published "
              + grouped(row.published()));
    }
    if (!complete) {
      return;
    }
    if (row.aggregated() != row.published()) {
      failures.add(
          where
              + "published "
              + grouped(row.published())
              + ", but aggregated "
              + grouped(row.aggregated()));
    }
    if (row.gaps() != 0) {
      failures.add(where + counted(row.gaps(), "batch is", "batches are") + " missing");
    }
    long reported =
        report.vcpus().stream()
            .filter(vcpu -> vcpu.vcpu() == row.vcpu())
            .mapToLong(RunReport.VcpuRow::instructions)
            .sum();
    if (reported != row.aggregated()) {
      failures.add(
          where
              + "aggregated "
              + grouped(row.aggregated())
              + ", but the results add up to "
              + grouped(reported));
    }
  }

  private static AccountingRow plus(AccountingRow a, AccountingRow b) {
    return new AccountingRow(
        0,
        a.executed() + b.executed(),
        a.encoded() + b.encoded(),
        a.dropped() + b.dropped(),
        a.published() + b.published(),
        a.aggregated() + b.aggregated(),
        a.duplicates() + b.duplicates(),
        a.gaps() + b.gaps());
  }

  private static String counted(long number, String one) {
    return counted(number, one, one + "s");
  }

  private static String counted(long number, String one, String many) {
    return grouped(number) + " " + (number == 1 ? one : many);
  }
}
