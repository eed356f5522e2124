// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.query;

import io.tracefleet.jobs.flow.SectionId;
import io.tracefleet.jobs.table.Group;
import java.util.UUID;

/**
 * What is asked of a store: one table of one run.
 *
 * @param table which
 * @param run the run
 * @param from first window, microseconds since the epoch, or {@link Group#WHOLE_RUN}
 * @param to windows before it, or {@link Group#WHOLE_RUN}
 * @param versionOnly true: only whether something has changed
 */
public record Ask(SectionId table, UUID run, long from, long to, boolean versionOnly) {
  /** The totals of the whole run. */
  public static Ask wholeRun(SectionId table, String runId) {
    return new Ask(table, UUID.fromString(runId), Group.WHOLE_RUN, Group.WHOLE_RUN, false);
  }

  /** The windows that begin from a time until before another, microseconds since the epoch. */
  public static Ask windows(SectionId table, String runId, long from, long to) {
    return new Ask(table, UUID.fromString(runId), from, to, false);
  }

  boolean isWholeRun() {
    return from == Group.WHOLE_RUN;
  }

  Ask forVersion() {
    return new Ask(table, run, from, to, true);
  }
}
