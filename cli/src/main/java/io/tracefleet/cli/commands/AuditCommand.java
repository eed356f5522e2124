// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import io.tracefleet.archive.read.ArchiveDatabase;
import io.tracefleet.archive.store.ArchiveException;
import io.tracefleet.archive.store.ArchiveStore;
import io.tracefleet.cli.cluster.ClusterException;
import io.tracefleet.cli.cluster.ClusterStateFile;
import io.tracefleet.cli.console.CommandException;
import io.tracefleet.cli.console.Console;
import io.tracefleet.cli.console.Exit;
import io.tracefleet.cli.report.Audit;
import io.tracefleet.cli.report.ReportBuilder;
import io.tracefleet.cli.report.ReportJson;
import io.tracefleet.cli.report.ResultReader;
import io.tracefleet.cli.report.RunData;
import io.tracefleet.cli.report.RunReport;
import io.tracefleet.schemas.Run;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
      "Exits with 0 if it adds up, with 1 if not. Forked children are audited as well. With",
      "--archive, also checks that the archive holds it all and says the same as the cluster; if no",
      "cluster is up, the archive alone is audited."
    })
final class AuditCommand implements Callable<Integer> {
  private static final int ALL = Integer.MAX_VALUE;
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
    RunData live = null;
    if (!archive.given() || clusterOptions.given() || clusterIsUp()) {
      live = live();
    }
    RunData data = live;
    Optional<ArchiveAudit> archived = Optional.empty();
    if (archive.given()) {
      try (ArchiveStore store = archive.openToRead();
          ArchiveDatabase database =
              ArchiveDatabase.open(
                  store, MEMORY_MEBIBYTES, "runs vcpu_instructions accounting batches", null)) {
        RunData offline = offline(database, live);
        data = live == null ? offline : live;
        archived =
            Optional.of(
                ArchiveAudit.of(data, offline, ArchivedRuns.batches(database, data.runs())));
      }
      if (live == null) {
        console.info("no cluster: the archive's own records are audited");
      }
    }
    return report(data, archived, console);
  }

  private boolean clusterIsUp() throws ClusterException {
    return ClusterStateFile.ofUser(context.environment()).read().isPresent();
  }

  private RunData live() throws Exception {
    try (ClusterSession session =
            ClusterSession.open(clusterOptions.resolve(context.environment()));
        ResultReader reader = session.reader()) {
      List<Run> runs = reader.runs();
      Run selected = RunSelector.select(runs, run);
      return reader.readAccounts(RunSelector.withDescendants(runs, selected));
    }
  }

  /** The same runs as the cluster's, or those that are selected if there is no cluster. */
  private RunData offline(ArchiveDatabase database, RunData live)
      throws ArchiveException, CommandException {
    List<Run> runs = ArchivedRuns.of(database);
    if (live == null) {
      return ArchivedRuns.accounts(
          database, RunSelector.withDescendants(runs, RunSelector.select(runs, run)));
    }
    Set<String> wanted = new HashSet<>();
    live.runs().forEach(one -> wanted.add(one.getRunId()));
    List<Run> found = runs.stream().filter(one -> wanted.contains(one.getRunId())).toList();
    return found.isEmpty()
        ? RunData.forAudit(List.of(), Map.of(), Map.of())
        : ArchivedRuns.accounts(database, found);
  }

  private int report(RunData data, Optional<ArchiveAudit> archived, Console console)
      throws IOException {
    List<RunReport> reports =
        data.runs().stream().map(one -> ReportBuilder.build(data, one).report()).toList();
    Audit audit = Audit.of(reports, true);
    boolean passed = audit.passed() && archived.map(ArchiveAudit::passed).orElse(true);
    if (json) {
      List<String> failures = new ArrayList<>(audit.failures());
      archived.ifPresent(one -> failures.addAll(one.failures()));
      console.result(
          new ReportJson()
              .text(
                  new AuditResult(
                      passed,
                      reports.stream()
                          .map(
                              report ->
                                  new RunAccounting(report.run().runId(), report.accounting()))
                          .toList(),
                      failures)));
    } else {
      console.result(
          Reports.auditSection(reports, audit, ALL, console.colour())
              + archived.map(ArchiveAudit::render).orElse(""));
    }
    return passed ? Exit.OK : Exit.FAILURE;
  }
}
