// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import static io.tracefleet.cli.console.TextTable.grouped;

import io.tracefleet.archive.export.ArchivedBatches;
import io.tracefleet.archive.export.EventExport;
import io.tracefleet.archive.export.TopicBatches;
import io.tracefleet.archive.read.ArchiveDatabase;
import io.tracefleet.archive.store.ArchiveStore;
import io.tracefleet.cli.console.CommandException;
import io.tracefleet.cli.console.Console;
import io.tracefleet.cli.console.Exit;
import io.tracefleet.cli.report.ResultReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes what a vCPU did, event by event. */
@Command(
    name = "export",
    description =
        "Writes the decoded events of a run, one row each: blocks, accesses, system calls.",
    footer = {
      "",
      "From an archive, or from the cluster while Kafka has the batches. The run must have been",
      "traced in full mode. Rows of a vCPU are in the order in which it made them."
    })
final class ExportCommand implements Callable<Integer> {
  private static final int MEMORY_MEBIBYTES = 512;

  private final Context context;

  @Mixin private OutputOptions output;
  @Mixin private ClusterOptions clusterOptions;
  @Mixin private ArchiveOption archive;

  @Option(
      names = "--run",
      paramLabel = "RUN",
      description =
          "Run id, its unique beginning or end, or a guest's name. Default: the latest run.")
  private String run;

  @Option(names = "--vcpu", paramLabel = "N", description = "Only this vCPU. Default: all.")
  private Integer vcpu;

  @Option(
      names = "--from-instruction",
      paramLabel = "A",
      defaultValue = "0",
      description = "First instruction, counted per vCPU. Default: ${DEFAULT-VALUE}.")
  private long from;

  @Option(
      names = "--to-instruction",
      paramLabel = "B",
      description = "First instruction that is not wanted. Default: all.")
  private Long to;

  @Option(
      names = "--format",
      paramLabel = "parquet|csv",
      defaultValue = "parquet",
      description = "How the file is written. Default: ${DEFAULT-VALUE}.")
  private EventExport.Format format;

  @Option(names = "--out", required = true, paramLabel = "FILE", description = "File to write.")
  private Path out;

  ExportCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    Console console = context.consoles().apply(output.quiet());
    long end = to == null ? Long.MAX_VALUE : to;
    if (from < 0 || end <= from) {
      throw new CommandException(
          Exit.USAGE,
          "Instructions " + from + " to " + end + ": give 0 or more, and an end behind the start.");
    }
    Outputs.checkFile("--out", out);
    if (archive.given() && clusterOptions.given()) {
      throw new CommandException(
          Exit.USAGE, "--archive and --bootstrap exclude each other: give one of them.");
    }
    long rows = archive.given() ? fromArchive(end, console) : fromCluster(end, console);
    console.clearProgress();
    console.info(grouped(rows) + " rows written to " + out);
    return Exit.OK;
  }

  private long fromArchive(long end, Console console) throws Exception {
    try (ArchiveStore store = archive.openToRead();
        ArchiveDatabase database =
            ArchiveDatabase.open(store, MEMORY_MEBIBYTES, "runs batches", null)) {
      String runId = RunSelector.select(ArchivedRuns.of(database), run).getRunId();
      return write(runId, end, new ArchivedBatches(database), console);
    }
  }

  private long fromCluster(long end, Console console) throws Exception {
    try (ClusterSession session =
            ClusterSession.open(clusterOptions.resolve(context.environment()));
        ResultReader reader = session.reader()) {
      String runId = RunSelector.select(reader.runs(), run).getRunId();
      return write(
          runId,
          end,
          new TopicBatches(
              session.access().bootstrap(), session.access().clientProperties(), session.serdes()),
          console);
    }
  }

  private long write(String runId, long end, EventExport.BatchSource source, Console console)
      throws Exception {
    try {
      return new EventExport(runId, vcpu, from, end)
          .write(source, format, out, rows -> console.progress(grouped(rows) + " rows written"));
    } catch (IOException e) {
      throw new CommandException(
          Exit.CANNOT_WRITE, "File " + out + " cannot be written: " + e.getMessage() + ".", e);
    }
  }
}
