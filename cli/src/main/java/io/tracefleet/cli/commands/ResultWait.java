// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import static io.tracefleet.cli.console.TextTable.grouped;

import io.tracefleet.cli.console.Console;
import io.tracefleet.cli.report.AggregationProgress;
import io.tracefleet.cli.report.ReportBuilder;
import io.tracefleet.cli.report.ResultException;
import io.tracefleet.cli.report.ResultReader;
import io.tracefleet.cli.report.RunData;
import io.tracefleet.cli.report.RunView;
import io.tracefleet.node.config.ClusterAccess;
import io.tracefleet.schemas.Run;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Waits until ended runs are aggregated and reads their results. An interrupt ends the wait; what
 * is there is read.
 *
 * @param limit gives up when nothing arrives for so long
 * @param jobsAlive false once the jobs have failed
 */
record ResultWait(Duration limit, BooleanSupplier jobsAlive) {
  private static final int MISSING_SHOWN = 2;

  /**
   * @param runs end records, the root first
   * @param givenUp the user does not want to wait: what is there now is read
   */
  Aggregated await(ClusterAccess access, List<Run> runs, Console console, boolean givenUp)
      throws ResultException, InterruptedException {
    try (ClusterSession session = ClusterSession.open(access);
        ResultReader reader = session.reader()) {
      AggregationProgress progress = new AggregationProgress(runs);
      boolean complete = false;
      boolean interrupted = givenUp;
      try {
        complete =
            !givenUp
                && reader.awaitAggregated(
                    progress,
                    limit,
                    jobsAlive,
                    () ->
                        console.progress(
                            "aggregated "
                                + grouped(progress.aggregatedBatches())
                                + " of "
                                + grouped(progress.expectedBatches())
                                + " batches"));
      } catch (InterruptedException e) {
        interrupted = true;
      }
      console.progress("reading the results");
      RunData data = reader.read(runs);
      List<RunView> views = runs.stream().map(run -> ReportBuilder.build(data, run)).toList();
      console.clearProgress();
      return new Aggregated(
          views, complete, interrupted, complete ? "" : reason(progress, interrupted));
    }
  }

  private String reason(AggregationProgress progress, boolean interrupted) {
    String missing =
        grouped(progress.aggregatedBatches())
            + " of "
            + grouped(progress.expectedBatches())
            + " batches were aggregated ("
            + String.join(", ", progress.missing(MISSING_SHOWN))
            + ")";
    if (interrupted) {
      return "interrupted when " + missing + ".";
    }
    return jobsAlive.getAsBoolean()
        ? missing
            + " and nothing came for "
            + limit.toSeconds()
            + " s; check that stream jobs run on this cluster, or wait longer with --wait."
        : missing + " when the stream jobs failed.";
  }
}
