// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import io.tracefleet.cli.console.CommandException;
import io.tracefleet.cli.console.Console;
import io.tracefleet.cli.console.Exit;
import io.tracefleet.cli.report.CodeTables;
import io.tracefleet.cli.report.Estimate;
import io.tracefleet.cli.report.FleetBlocks;
import io.tracefleet.cli.report.LiveApi;
import io.tracefleet.cli.report.ReportBuilder;
import io.tracefleet.cli.report.ReportJson;
import io.tracefleet.cli.report.ResultReader;
import io.tracefleet.cli.report.RunData;
import io.tracefleet.cli.report.RunReport;
import io.tracefleet.cli.report.RunTables;
import io.tracefleet.cli.report.RunView;
import io.tracefleet.cli.report.ScaledData;
import io.tracefleet.jobs.weight.Weights;
import io.tracefleet.schemas.Run;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows one table of one run, also while it goes on. */
@Command(
    name = "top",
    description = "Shows what a run executed most, as far as it has been aggregated.")
final class TopCommand implements Callable<Integer> {
  private final Context context;

  @Mixin private OutputOptions output;
  @Mixin private ClusterOptions clusterOptions;

  @Parameters(
      index = "0",
      paramLabel = "TABLE",
      description = "hot-blocks, hot-functions, vcpus, hwaddr or syscalls.")
  private String table;

  @Option(
      names = "--run",
      paramLabel = "RUN",
      description =
          "Run id, its unique beginning or end, or a guest's name. Default: the latest run.")
  private String run;

  @Option(
      names = "--fleet",
      description =
          "Adds all runs up, for hot-blocks and hot-functions: the same code of the same image is"
              + " one row, on whatever node and wherever it was loaded.")
  private boolean fleet;

  @Option(
      names = "--scaled",
      description =
          "Shows an estimate of all that was executed instead of what was recorded: counts of each vCPU are scaled by what windows passed over.")
  private boolean scaled;

  @Option(
      names = "--limit",
      paramLabel = "ROWS",
      defaultValue = "20",
      description = "Rows. Default: ${DEFAULT-VALUE}.")
  private int limit;

  @Option(names = "--json", description = "Writes the rows as JSON instead of a table.")
  private boolean json;

  @Option(
      names = "--follow",
      description =
          "Shows it again each time it has changed, until the run has ended and all of it is aggregated, or ctrl-C; with --fleet until ctrl-C.")
  private boolean follow;

  @Mixin private ApiOptions api;

  TopCommand(Context context) {
    this.context = context;
  }

  /** The tables that there are. */
  enum Table {
    HOT_BLOCKS(RunTables::hotBlocks, RunReport::hotBlocks),
    HOT_FUNCTIONS(RunTables::hotFunctions, RunReport::hotFunctions),
    VCPUS(RunTables::vcpus, RunReport::vcpus),
    HWADDR(RunTables::hwaddr, RunReport::hwaddr),
    SYSCALLS(RunTables::syscalls, RunReport::syscalls);

    private final BiFunction<RunView, Integer, String> text;
    private final Function<RunReport, List<?>> rows;

    Table(BiFunction<RunView, Integer, String> text, Function<RunReport, List<?>> rows) {
      this.text = text;
      this.rows = rows;
    }

    String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Table parse(String word) throws CommandException {
      for (Table table : values()) {
        if (table.word().equals(word)) {
          return table;
        }
      }
      throw new CommandException(
          Exit.USAGE,
          "No table \""
              + word
              + "\": choose "
              + Arrays.stream(values()).map(Table::word).collect(Collectors.joining(", "))
              + ".");
    }
  }

  @Override
  public Integer call() throws Exception {
    Table chosen = Table.parse(table);
    if (limit < 1) {
      throw new CommandException(Exit.USAGE, "--limit must be at least 1, not " + limit + ".");
    }
    if (fleet && (run != null || chosen != Table.HOT_BLOCKS && chosen != Table.HOT_FUNCTIONS)) {
      throw new CommandException(
          Exit.USAGE, "--fleet is for hot-blocks and hot-functions of all runs, without --run.");
    }
    if (scaled && chosen == Table.SYSCALLS) {
      throw new CommandException(
          Exit.USAGE,
          "--scaled is not for syscalls: they are recorded whatever the windows are, so they are exact.");
    }
    if (follow && json) {
      throw new CommandException(Exit.USAGE, "--follow and --json do not go together.");
    }
    Console console = context.consoles().apply(output.quiet());
    if (follow) {
      LiveApi live = api.resolve(clusterOptions, context.environment());
      Following following = new Following(live, context.signals(), console);
      if (fleet) {
        return following.follow(Followed.fleet(chosen.word(), limit, scaled));
      }
      String runId;
      try (ClusterSession session =
              ClusterSession.open(clusterOptions.resolve(context.environment()));
          ResultReader reader = session.reader()) {
        runId = RunSelector.select(reader.runs(), run).getRunId();
      }
      return following.follow(Followed.run(runId, chosen.word(), limit, scaled));
    }
    if (api.given()) {
      throw new CommandException(Exit.USAGE, "--api and --token-file are for --follow: add it.");
    }
    try (ClusterSession session =
            ClusterSession.open(clusterOptions.resolve(context.environment()));
        ResultReader reader = session.reader()) {
      List<Run> runs = reader.runs();
      if (fleet) {
        showFleet(chosen, console, runs, reader);
        return Exit.OK;
      }
      Run selected = RunSelector.select(runs, run);
      // The whole tree: a child's blocks may be described in its parent's records.
      RunData data = reader.read(ResultReader.tree(runs, selected.getRootRunId()));
      RunView view = ReportBuilder.build(scaled ? ScaledData.of(data) : data, selected);
      Weights weights = ScaledData.weights(data, selected);
      if (json) {
        List<?> rows = first(chosen.rows.apply(view.report()));
        show(console, scaled ? Estimate.ofRun(weights, rows) : rows);
      } else {
        console.result(
            RunTables.header(view)
                + (scaled ? Estimate.note(weights) : "")
                + "\n"
                + chosen.text.apply(view, limit));
      }
    }
    return Exit.OK;
  }

  private void showFleet(Table chosen, Console console, List<Run> runs, ResultReader reader)
      throws Exception {
    RunData data = reader.readBlocks(runs);
    FleetBlocks blocks = FleetBlocks.of(scaled ? ScaledData.of(data) : data);
    long runsScaled = scaled ? ScaledData.runsScaled(data) : 0;
    boolean functions = chosen == Table.HOT_FUNCTIONS;
    if (json) {
      List<?> rows = first(functions ? blocks.functions() : blocks.rows());
      show(console, scaled ? Estimate.ofFleet(runsScaled, rows) : rows);
    } else {
      console.result(
          (scaled ? Estimate.note(runsScaled) : "")
              + (functions
                  ? CodeTables.fleetFunctions(blocks.functions(), limit)
                  : CodeTables.fleet(blocks, limit)));
    }
  }

  private List<?> first(List<?> rows) {
    return rows.subList(0, Math.min(limit, rows.size()));
  }

  private static void show(Console console, Object json) throws Exception {
    console.result(new ReportJson().text(json));
  }
}
