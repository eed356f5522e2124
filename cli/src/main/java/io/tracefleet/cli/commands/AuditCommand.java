// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import io.tracefleet.cli.console.Console;
import io.tracefleet.cli.console.Exit;
import io.tracefleet.cli.report.Audit;
import io.tracefleet.cli.report.ReportBuilder;
import io.tracefleet.cli.report.ReportJson;
import io.tracefleet.cli.report.ResultReader;
import io.tracefleet.cli.report.RunData;
import io.tracefleet.cli.report.RunReport;
import io.tracefleet.schemas.Run;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Compares what was executed with what was aggregated. */
@Command(
    name = "audit",
    description =
        "Checks that every instruction a run executed was encoded or counted as dropped, published and aggregated.",
    footer = {
      "",
      "Exits with 0 if it adds up, with 1 if not. Forked children are audited as well."
    })
final class AuditCommand implements Callable<Integer> {
  private static final int ALL = Integer.MAX_VALUE;

  private final Context context;

  @Mixin private OutputOptions output;
  @Mixin private ClusterOptions clusterOptions;

  @Option(
      names = "--run",
      paramLabel = "RUN",
      description =
          "Run id, its unique beginning or end, or a guest's name. Default: the latest run.")
  private String run;

  @Option(names = "--json", description = "Writes the accounting as JSON instead of tables.")
  private boolean json;

  AuditCommand(Context context) {
    this.context = context;
  }

  /**
   * The audit of one run in JSON.
   *
   * @param runId the run
   * @param accounting per vCPU
   */
  record RunAccounting(String runId, List<RunReport.AccountingRow> accounting) {}

  /**
   * The whole audit in JSON.
   *
   * @param passed it adds up
   * @param runs the run and its descendants
   * @param failures one line per difference
   */
  record AuditResult(boolean passed, List<RunAccounting> runs, List<String> failures) {}

  @Override
  public Integer call() throws Exception {
    Console console = context.consoles().apply(output.quiet());
    try (ClusterSession session =
            ClusterSession.open(clusterOptions.resolve(context.environment()));
        ResultReader reader = session.reader()) {
      List<Run> runs = reader.runs();
      Run selected = RunSelector.select(runs, run);
      List<Run> audited = RunSelector.withDescendants(runs, selected);
      RunData data = reader.readAccounts(audited);
      List<RunReport> reports =
          audited.stream().map(one -> ReportBuilder.build(data, one).report()).toList();
      Audit audit = Audit.of(reports, true);
      if (json) {
        console.result(
            new ReportJson()
                .text(
                    new AuditResult(
                        audit.passed(),
                        reports.stream()
                            .map(
                                report ->
                                    new RunAccounting(report.run().runId(), report.accounting()))
                            .toList(),
                        audit.failures())));
      } else {
        console.result(Reports.auditSection(reports, audit, ALL, console.colour()));
      }
      return audit.passed() ? Exit.OK : Exit.FAILURE;
    }
  }
}
