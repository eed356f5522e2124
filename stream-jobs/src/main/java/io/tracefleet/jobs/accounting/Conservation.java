// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.accounting;

import io.tracefleet.schemas.VcpuTotals;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What became of the instructions of one vCPU, or of several added up. Nothing was lost in silence
 * if executed = encoded + dropped + passed, encoded = published = aggregated, and no batch is
 * missing.
 *
 * @param executed instructions dispatched while traced, as the plugin counted them
 * @param encoded instructions in batches that the node read
 * @param dropped instructions in batches that were dropped because the ring was full
 * @param passed instructions that were counted but passed over, outside windows
 * @param published instructions in batches that the broker acknowledged
 * @param aggregated instructions in batches that the jobs counted
 * @param duplicates batches that arrived again and were not counted
 * @param gaps batches that are missing
 */
public record Conservation(
    long executed,
    long encoded,
    long dropped,
    long passed,
    long published,
    long aggregated,
    long duplicates,
    long gaps) {

  /** Of no vCPU. */
  public static final Conservation NONE = new Conservation(0, 0, 0, 0, 0, 0, 0, 0);

  /**
   * One vCPU.
   *
   * @param totals what its node says, null while the run goes on
   * @param batches counted by the jobs
   * @param nextSequence after the last that arrived
   * @param aggregated instructions in these batches
   * @param duplicates batches that arrived again
   */
  public static Conservation of(
      VcpuTotals totals, long batches, long nextSequence, long aggregated, long duplicates) {
    if (totals == null) {
      return new Conservation(0, 0, 0, 0, 0, aggregated, duplicates, nextSequence - batches);
    }
    // Missing are holes, and what the broker acknowledged beyond the last sequence that arrived.
    long gaps = Math.max(nextSequence, totals.getBatches()) - batches;
    return new Conservation(
        totals.getExecuted(),
        totals.getEncoded(),
        totals.getDropped(),
        totals.getPassed(),
        totals.getPublished(),
        aggregated,
        duplicates,
        gaps);
  }

  /** Both added up. */
  public Conservation plus(Conservation other) {
    return new Conservation(
        executed + other.executed,
        encoded + other.encoded,
        dropped + other.dropped,
        passed + other.passed,
        published + other.published,
        aggregated + other.aggregated,
        duplicates + other.duplicates,
        gaps + other.gaps);
  }

  /** Nothing lost but what was counted as dropped. */
  public boolean holds() {
    return allEncoded() && allPublished() && allAggregated() && gaps == 0;
  }

  /**
   * One line per difference.
   *
   * @param where begins each line
   * @param complete false: more may arrive, so what the jobs have is not looked at
   * @param reported instructions that the results add up to
   */
  public List<String> failures(String where, boolean complete, long reported) {
    List<String> failures = new ArrayList<>();
    if (!allEncoded()) {
      failures.add(
          text("executed %,d, but encoded %,d + dropped %,d", executed, encoded, dropped)
              + passedOver());
    }
    if (!allPublished()) {
      failures.add(text("encoded %,d, but published %,d", encoded, published));
    }
    if (complete && !allAggregated()) {
      failures.add(text("published %,d, but aggregated %,d", published, aggregated));
    }
    if (complete && gaps != 0) {
      failures.add(counted(gaps, "batch is", "batches are") + " missing");
    }
    if (complete && reported != aggregated) {
      failures.add(text("aggregated %,d, but the results add up to %,d", aggregated, reported));
    }
    return failures.stream().map(where::concat).toList();
  }

  /**
   * All of it in one line.
   *
   * @param verdict begins the line
   * @param runs added up here
   * @param vcpus added up here
   */
  public String line(String verdict, int runs, int vcpus) {
    return verdict
        + text(
            "  executed %,d = encoded %,d + dropped %,d%s, published %,d, aggregated %,d instructions; ",
            executed, encoded, dropped, passedOver(), published, aggregated)
        + String.join(
            ", ",
            counted(runs, "run", "runs"),
            counted(vcpus, "vCPU", "vCPUs"),
            counted(gaps, "gap", "gaps"),
            counted(duplicates, "duplicate", "duplicates"));
  }

  /** Empty unless windows passed over something. */
  private String passedOver() {
    return passed == 0 ? "" : text(" + passed over %,d", passed);
  }

  private boolean allEncoded() {
    return executed == encoded + dropped + passed;
  }

  private boolean allPublished() {
    return published == encoded;
  }

  private boolean allAggregated() {
    return aggregated == published;
  }

  private static String counted(long number, String one, String many) {
    return text("%,d ", number) + (number == 1 ? one : many);
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
