// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.write;

import io.tracefleet.schemas.Accounting;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.VcpuTotals;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/**
 * What is known of a run that is not in the archive, or whose rows there are not the latest. Times
 * are milliseconds since the epoch. Used by one thread.
 */
final class RunState {
  /** For a run whose first record decides it. */
  static final long UNKNOWN = Long.MAX_VALUE;

  private final Map<Integer, Accounting> accounting = new HashMap<>();
  private Run run;
  private long since;
  private final boolean sinceIsKnown;
  private long latest = Long.MIN_VALUE;

  /** Positions beyond which everything of the run has been read; null until it is complete. */
  private Map<TopicPartition, Long> fence;

  /**
   * @param since when something came of it that is not in the archive, or {@link #UNKNOWN}
   */
  RunState(long since) {
    this.since = since;
    this.sinceIsKnown = since != UNKNOWN;
  }

  Run run() {
    return run;
  }

  /** Something of the run came, and this is when. */
  void heard(long time) {
    latest = Math.max(latest, time);
    if (!sinceIsKnown) {
      since = Math.min(since, time);
    }
  }

  /**
   * The run is not {@link #settled}, and is to be archived as it stands: nothing came for a while,
   * or it goes on for long. Without its record there is nothing to put its results beside.
   */
  boolean unfinished(long now, Duration idle, Duration refresh) {
    return run != null
        && latest != Long.MIN_VALUE
        && (now - latest >= idle.toMillis() || now - since >= refresh.toMillis());
  }

  void run(Run latest) {
    run = latest;
    fence = null;
  }

  void accounting(int vcpu, Accounting latest) {
    accounting.put(vcpu, latest);
    fence = null;
  }

  Map<TopicPartition, Long> fence() {
    return fence;
  }

  void fence(Map<TopicPartition, Long> positions) {
    fence = positions;
  }

  /** The run has ended, and the jobs have counted, or found broken, all that it published. */
  boolean settled() {
    if (run == null || run.getEnd() == null) {
      return false;
    }
    for (VcpuTotals totals : totals(run)) {
      Accounting counted = accounting.get(totals.getVcpu());
      long settled = counted == null ? 0 : counted.getBatches() + counted.getBroken();
      if (settled < totals.getBatches()) {
        return false;
      }
    }
    return true;
  }

  /** The vCPUs of an ended run; none if the node could not tell, or it has not ended. */
  static List<VcpuTotals> totals(Run run) {
    return run.getTotals() == null ? List.of() : run.getTotals();
  }

  /** What is missing, a phrase. */
  String missing() {
    if (run == null) {
      return "its record has not arrived";
    }
    return run.getEnd() == null ? "it has not ended" : "its batches are not all aggregated";
  }
}
