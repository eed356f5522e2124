// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.run;

import io.tracefleet.node.config.GuestSpec;
import io.tracefleet.schemas.Run;
import java.time.Duration;
import java.util.List;

/**
 * How tracing a guest ended.
 *
 * @param guest as it was to be traced
 * @param exitCode the guest's, 128 + n if signal n ended it
 * @param rootRunId null if QEMU ended before tracing began
 * @param runs the end records, the root's first
 * @param published what was published for it
 * @param elapsed from QEMU's start until everything was acknowledged
 * @param restarts how often the guest was started again; all else is of the last time
 * @param problems what went wrong with the trace while the guest ran on, one line each; empty if
 *     the trace is whole
 */
public record TraceOutcome(
    GuestSpec guest,
    int exitCode,
    String rootRunId,
    List<Run> runs,
    NodeProgress published,
    Duration elapsed,
    int restarts,
    List<String> problems) {
  public TraceOutcome {
    runs = List.copyOf(runs);
    problems = List.copyOf(problems);
  }

  /** The root run's end record, null if QEMU ended before tracing began. */
  public Run root() {
    return runs.isEmpty() || !runs.get(0).getRunId().equals(rootRunId) ? null : runs.get(0);
  }

  /** The ids of all runs, the root's first. */
  public List<String> runIds() {
    return runs.stream().map(Run::getRunId).toList();
  }

  TraceOutcome withRestarts(int count) {
    return new TraceOutcome(guest, exitCode, rootRunId, runs, published, elapsed, count, problems);
  }
}
