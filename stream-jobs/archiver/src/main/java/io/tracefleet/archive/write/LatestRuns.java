// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.write;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Ids of runs, at most some: who adds one more makes it forget the one that was added first. Used
 * by one thread.
 */
final class LatestRuns {
  private final int most;
  private final Set<String> ids = new LinkedHashSet<>();

  LatestRuns(int most) {
    this.most = most;
  }

  void add(String runId) {
    ids.remove(runId); // it comes last now
    ids.add(runId);
    if (ids.size() > most) {
      Iterator<String> first = ids.iterator();
      first.next();
      first.remove();
    }
  }

  boolean contains(String runId) {
    return ids.contains(runId);
  }

  void remove(String runId) {
    ids.remove(runId);
  }

  /** In the order in which they were added. */
  List<String> list() {
    return List.copyOf(ids);
  }
}
