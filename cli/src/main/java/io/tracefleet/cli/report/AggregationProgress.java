// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.report;

import io.tracefleet.schemas.Accounting;
import io.tracefleet.schemas.AccountingKey;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.VcpuTotals;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How far the jobs are with the batches of ended runs: complete when, for every vCPU, all batches
 * that the broker acknowledged have been counted or found broken. Used by one thread.
 */
public final class AggregationProgress {
  private final Map<AccountingKey, Long> expected = new HashMap<>();
  private final Map<AccountingKey, Long> settled = new HashMap<>();
  private long expectedBatches;
  private long settledBatches;
  private int unsettledVcpus;

  /**
   * @param runs end records of the runs; those without totals are not waited for
   */
  public AggregationProgress(Collection<Run> runs) {
    for (Run run : runs) {
      if (run.getTotals() == null) {
        continue;
      }
      for (VcpuTotals totals : run.getTotals()) {
        if (totals.getBatches() > 0) {
          expected.put(new AccountingKey(run.getRunId(), totals.getVcpu()), totals.getBatches());
          expectedBatches += totals.getBatches();
          unsettledVcpus++;
        }
      }
    }
  }

  /** Takes what the jobs say about one vCPU; other runs' are ignored. */
  public void update(AccountingKey key, Accounting accounting) {
    Long batches = expected.get(key);
    if (batches == null) {
      return;
    }
    long now = Math.min(batches, accounting.getBatches() + accounting.getBroken());
    Long before = settled.put(key, now);
    settledBatches += now - (before == null ? 0 : before);
    if (now == batches && (before == null || before < batches)) {
      unsettledVcpus--;
    }
  }

  /** Nothing is missing. */
  public boolean complete() {
    return unsettledVcpus == 0;
  }

  /** Batches that are to be counted. */
  public long expectedBatches() {
    return expectedBatches;
  }

  /** Batches counted, or found broken, so far. */
  public long aggregatedBatches() {
    return settledBatches;
  }

  /** What is missing, one phrase per vCPU, at most the given number. */
  public List<String> missing(int limit) {
    List<String> phrases = new ArrayList<>();
    for (Map.Entry<AccountingKey, Long> entry : expected.entrySet()) {
      long have = settled.getOrDefault(entry.getKey(), 0L);
      if (have < entry.getValue() && phrases.size() < limit) {
        phrases.add(
            "run "
                + entry.getKey().getRunId()
                + " vCPU "
                + entry.getKey().getVcpu()
                + ": "
                + have
                + " of "
                + entry.getValue());
      }
    }
    return phrases;
  }
}
