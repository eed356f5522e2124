// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.progress;

import io.tracefleet.schemas.EpochMicros;
import io.tracefleet.schemas.Run;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the runs that go on each second, so that who asks once is told their rates. Runs that
 * have stood still for a minute are left alone until somebody asks.
 */
public final class Sampler implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Sampler.class);
  private static final Duration EVERY = Duration.ofSeconds(1);
  private static final Duration STANDS_STILL = Duration.ofMinutes(1);

  private static final int STOP_SECONDS = 5;

  /** Most runs looked at. */
  private static final int MAX_RUNS = 1_000;

  private final ProgressTracker tracker;
  private final Supplier<Collection<Run>> runs;
  private final Clock clock;
  private final Map<String, Instant> moved = new HashMap<>(); // its thread's own
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread made = new Thread(task, "tracefleet-sampler");
            made.setDaemon(true);
            return made;
          });

  /**
   * @param runs all that are known
   */
  public Sampler(ProgressTracker tracker, Supplier<Collection<Run>> runs, Clock clock) {
    this.tracker = tracker;
    this.runs = runs;
    this.clock = clock;
  }

  /** From now on it looks. */
  public void start() {
    thread.scheduleWithFixedDelay(
        this::sample, EVERY.toMillis(), EVERY.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void sample() {
    try {
      Instant since = clock.instant().minus(STANDS_STILL);
      List<Run> watched =
          runs.get().stream()
              .filter(
                  run ->
                      run.getEnd() == null
                          && (run.getStart().isAfter(since)
                              || moved.getOrDefault(run.getRunId(), Instant.MIN).isAfter(since)))
              .limit(MAX_RUNS)
              .toList();
      moved.keySet().retainAll(watched.stream().map(Run::getRunId).toList());
      if (!watched.isEmpty()) {
        tracker
            .of(watched)
            .byRun()
            .forEach((run, progress) -> moved.put(run, EpochMicros.instant(progress.lastSeen())));
      }
    } catch (RuntimeException e) {
      log.warn("the progress of runs is not known", e);
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
    try {
      if (!thread.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
        log.debug("still sampling");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
