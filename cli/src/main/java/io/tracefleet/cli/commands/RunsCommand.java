// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import static io.tracefleet.cli.console.TextTable.grouped;

import io.tracefleet.cli.console.CommandException;
import io.tracefleet.cli.console.Console;
import io.tracefleet.cli.console.Exit;
import io.tracefleet.cli.console.Printable;
import io.tracefleet.cli.console.TextTable;
import io.tracefleet.cli.report.ReportBuilder;
import io.tracefleet.cli.report.ReportJson;
import io.tracefleet.cli.report.ResultReader;
import io.tracefleet.cli.report.RunSummary;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.VcpuTotals;
import java.time.Duration;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists the runs of a cluster. */
@Command(name = "runs", description = "Lists the runs that a cluster knows, the latest last.")
final class RunsCommand implements Callable<Integer> {
  private static final int NAME_LIMIT = 32;
  private static final DateTimeFormatter START =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);

  private final Context context;

  @Mixin private OutputOptions output;
  @Mixin private ClusterOptions clusterOptions;

  @Option(
      names = "--limit",
      paramLabel = "ROWS",
      defaultValue = "50",
      description = "How many, the latest. Default: ${DEFAULT-VALUE}.")
  private int limit;

  @Option(names = "--json", description = "Writes JSON instead of a table.")
  private boolean json;

  RunsCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    if (limit < 1) {
      throw new CommandException(Exit.USAGE, "--limit must be at least 1, not " + limit + ".");
    }
    Console console = context.consoles().apply(output.quiet());
    try (ClusterSession session =
            ClusterSession.open(clusterOptions.resolve(context.environment()));
        ResultReader reader = session.reader()) {
      List<Run> runs = reader.runs();
      List<Run> latest = runs.subList(Math.max(0, runs.size() - limit), runs.size());
      console.result(
          json
              ? new ReportJson().text(latest.stream().map(ReportBuilder::summary).toList())
              : table(latest));
      if (runs.size() > limit && !json) {
        console.info(grouped(runs.size() - (long) limit) + " earlier runs not shown (--limit)");
      }
    }
    return Exit.OK;
  }

  private static String table(List<Run> runs) {
    if (runs.isEmpty()) {
      return "no runs\n";
    }
    TextTable table =
        new TextTable()
            .text("run")
            .text("name")
            .text("node")
            .text("target")
            .text("mode")
            .text("start")
            .number("seconds")
            .number("instructions")
            .text("end")
            .number("exit");
    for (Run run : runs) {
      RunSummary summary = ReportBuilder.summary(run);
      boolean ended = run.getEnd() != null;
      table.row(
          summary.runId(),
          (summary.parentRunId() == null ? "" : "└ ") + Printable.of(summary.name(), NAME_LIMIT),
          Printable.of(summary.node(), NAME_LIMIT),
          Printable.of(summary.target(), NAME_LIMIT) + (summary.systemEmulation() ? " system" : ""),
          Printable.of(summary.mode(), NAME_LIMIT),
          START.format(run.getStart().atZone(ZoneId.systemDefault())),
          ended ? seconds(Duration.between(run.getStart(), run.getEnd())) : "",
          ended && run.getTotals() != null
              ? grouped(run.getTotals().stream().mapToLong(VcpuTotals::getExecuted).sum())
              : "",
          ended
              ? Printable.of(summary.endReason() == null ? "?" : summary.endReason(), NAME_LIMIT)
              : "running",
          summary.exitCode() == null ? "" : Integer.toString(summary.exitCode()));
    }
    return table.render();
  }

  private static String seconds(Duration duration) {
    return String.format(Locale.ROOT, "%.3f", duration.toNanos() / 1e9);
  }
}
