// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.flow;

import io.tracefleet.codec.BatchCounts;
import io.tracefleet.jobs.table.Group;
import io.tracefleet.schemas.TraceBatch;
import java.util.List;

/** What decoding tells the features. Valid only during the call that delivers it. */
public sealed interface Step {
  /**
   * A batch that counts.
   *
   * @param batch the batch as read
   * @param counts what its payload holds, reused for the next batch
   * @param wholeRun the group of the whole run of its vCPU
   * @param window the group of the window in which it was opened
   */
  record Folded(TraceBatch batch, BatchCounts counts, Group wholeRun, Group window)
      implements Step {}

  /**
   * A batch that had counted before.
   *
   * @param wholeRun the group of its vCPU
   */
  record Duplicate(Group wholeRun) implements Step {}

  /**
   * A batch that could not be used; it went to the dead letters.
   *
   * @param wholeRun the group of its vCPU
   * @param sequence its sequence, or {@link #UNKNOWN}
   */
  record Broken(Group wholeRun, long sequence) implements Step {
    /** The sequence could not be read. */
    public static final long UNKNOWN = -1;
  }

  /** The totals that changed since the last time shall go out. */
  record Announce() implements Step {}

  /**
   * All totals of these groups shall go out: an earlier instance of the task had changed them and
   * may not have told.
   *
   * @param groups whose
   */
  record Restate(List<Group> groups) implements Step {}
}
