// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.answers;

import io.tracefleet.jobs.flow.SectionId;
import io.tracefleet.jobs.query.Ask;
import io.tracefleet.jobs.table.Group;

/**
 * A span of time, microseconds since the epoch; a bound that is null is open.
 *
 * @param from first moment
 * @param to moment behind the last
 */
public record Span(Long from, Long to) {
  /** All of the run. */
  public static final Span WHOLE = new Span(null, null);

  /** Behind every window; a whole number of minutes, far from overflow. */
  static final long END = (Long.MAX_VALUE >> 2) / Group.WINDOW_MICROS * Group.WINDOW_MICROS;

  boolean isWhole() {
    return from == null && to == null;
  }

  /** Widened to whole windows. */
  Span inWindows() {
    return new Span(
        from == null ? null : Math.floorDiv(from, Group.WINDOW_MICROS) * Group.WINDOW_MICROS,
        to == null ? null : -Math.floorDiv(-to, Group.WINDOW_MICROS) * Group.WINDOW_MICROS);
  }

  boolean contains(long micros) {
    return (from == null || micros >= from) && (to == null || micros < to);
  }

  /** The ask for a run's totals of these windows. */
  Ask ask(SectionId table, String runId) {
    Span windows = inWindows();
    return isWhole()
        ? Ask.wholeRun(table, runId)
        : Ask.windows(
            table,
            runId,
            windows.from == null ? 0 : Math.max(0, windows.from),
            windows.to == null ? END : Math.max(1, Math.min(END, windows.to)));
  }
}
