// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.report;

import static io.tracefleet.cli.console.TextTable.grouped;

import io.tracefleet.cli.console.TextTable;
import io.tracefleet.cli.report.RunReport.AccountingRow;
import io.tracefleet.jobs.accounting.Conservation;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether what was executed was aggregated: per vCPU executed = encoded + dropped + passed, encoded
 * = published = aggregated, no gaps. Stateless.
 *
 * @param runs runs looked at
 * @param vcpus vCPUs looked at
 * @param sum their rows added up
 * @param failures one line per difference
 */
public record Audit(
    boolean complete, int runs, int vcpus, Conservation sum, List<String> failures) {
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
    Conservation sum = Conservation.NONE;
    int vcpus = 0;
    for (RunReport report : reports) {
      String runId = report.run().runId();
      if (report.run().end() == null) {
        failures.add("run " + runId + " has not ended: its totals are not known yet");
      }
      for (AccountingRow row : report.accounting()) {
        vcpus++;
        sum = sum.plus(row.conservation());
        if (report.run().end() != null) {
          failures.addAll(
              row.conservation()
                  .failures(
                      "run " + runId + " vCPU " + row.vcpu() + ": ",
                      complete,
                      reported(report, row.vcpu())));
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
    String verdict =
        passed() ? "AUDIT OK" : failures.isEmpty() ? "AUDIT INCOMPLETE" : "AUDIT FAILED";
    String coloured = colour ? (passed() ? GREEN : RED) + verdict + PLAIN : verdict;
    StringBuilder text = new StringBuilder(sum.line(coloured, runs, vcpus)).append('\n');
    for (String failure : failures) {
      text.append("  ").append(failure).append('\n');
    }
    return text.toString();
  }

  /** One row per vCPU. */
  public static String table(List<AccountingRow> rows) {
    // Few runs have windows.
    boolean windows = rows.stream().anyMatch(row -> row.passed() != 0);
    TextTable table =
        new TextTable().number("vCPU").number("executed").number("encoded").number("dropped");
    if (windows) {
      table.number("passed over");
    }
    table.number("published").number("aggregated").number("duplicates").number("gaps").text("");
    for (AccountingRow row : rows) {
      List<String> cells =
          new ArrayList<>(
              List.of(
                  Integer.toString(row.vcpu()),
                  grouped(row.executed()),
                  grouped(row.encoded()),
                  grouped(row.dropped()),
                  grouped(row.published()),
                  grouped(row.aggregated()),
                  grouped(row.duplicates()),
                  grouped(row.gaps()),
                  row.conservation().holds() ? "ok" : "DIFFERS"));
      if (windows) {
        cells.add(4, grouped(row.passed()));
      }
      table.row(cells.toArray(String[]::new));
    }
    return table.render();
  }

  private static long reported(RunReport report, int vcpu) {
    return report.vcpus().stream()
        .filter(row -> row.vcpu() == vcpu)
        .mapToLong(RunReport.VcpuRow::instructions)
        .sum();
  }
}
