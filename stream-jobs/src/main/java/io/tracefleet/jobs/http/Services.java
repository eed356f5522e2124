// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.http;

import io.tracefleet.jobs.answers.Audit;
import io.tracefleet.jobs.answers.FleetAnswers;
import io.tracefleet.jobs.answers.FleetBlocks;
import io.tracefleet.jobs.answers.FleetSums;
import io.tracefleet.jobs.answers.FunctionAnswers;
import io.tracefleet.jobs.answers.RunAnswers;
import io.tracefleet.jobs.answers.Timeline;
import io.tracefleet.jobs.catalog.Catalog;
import io.tracefleet.jobs.progress.ProgressTracker;
import io.tracefleet.jobs.query.Gatherer;
import io.tracefleet.jobs.query.LocalStores;
import io.tracefleet.jobs.query.Views;
import java.time.Clock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What answers.
 *
 * @param state of the jobs
 */
public record Services(
    LocalStores local,
    Catalog catalog,
    ProgressTracker tracker,
    RunAnswers runs,
    Timeline timeline,
    Audit audit,
    FleetAnswers fleet,
    FleetBlocks fleetBlocks,
    FunctionAnswers functions,
    Supplier<JobsState> state,
    Clock clock) {

  /** Puts them together. */
  public static Services of(
      LocalStores local,
      Gatherer gatherer,
      Catalog catalog,
      ProgressTracker tracker,
      Supplier<JobsState> state,
      LongSupplier nanoTime,
      Clock clock) {
    Views views = new Views(gatherer, nanoTime);
    FleetSums sums = new FleetSums(views, catalog, tracker, nanoTime);
    return new Services(
        local,
        catalog,
        tracker,
        new RunAnswers(views, catalog, tracker),
        new Timeline(views),
        new Audit(views, tracker),
        new FleetAnswers(catalog, tracker),
        new FleetBlocks(sums, catalog),
        new FunctionAnswers(catalog, sums),
        state,
        clock);
  }
}
