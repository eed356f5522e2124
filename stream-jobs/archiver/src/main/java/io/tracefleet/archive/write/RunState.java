// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.write;

import io.tracefleet.schemas.Accounting;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.VcpuTotals;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/** What is known of a run that is not complete in the archive. Used by one thread. */
final class RunState {
  private final Map<Integer, Accounting> accounting = new HashMap<>();
  private Run run;

  /** Positions beyond which everything of the run has been read; null until it is complete. */
  private Map<TopicPartition, Long> fence;

  Run run() {
    return run;
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

  /** The vCPUs of an ended run; none if the node could not tell. */
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
