// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.write;

import io.tracefleet.archive.store.ArchiveException;
import io.tracefleet.archive.store.ArchiveStore;
import io.tracefleet.archive.table.ArchiveTable;
import io.tracefleet.archive.table.Layout;

/**
 * Which runs are in the archive. The archive itself knows; those that were asked for last are
 * remembered, so that it is not asked for each record. Used by one thread.
 */
final class KnownRuns {
  private final ArchiveStore store;
  private final LatestRuns remembered;

  /**
   * @param most that are remembered
   */
  KnownRuns(ArchiveStore store, int most) {
    this.store = store;
    this.remembered = new LatestRuns(most);
  }

  void add(String runId) {
    remembered.add(runId);
  }

  /** Not to be asked for a run that was taken out of the archive's hands and goes on. */
  boolean contains(String runId) throws ArchiveException {
    if (remembered.contains(runId)) {
      return true;
    }
    if (store.list(Layout.directory(ArchiveTable.RUNS, runId)).isEmpty()) {
      return false;
    }
    remembered.add(runId);
    return true;
  }

  void remove(String runId) {
    remembered.remove(runId);
  }
}
