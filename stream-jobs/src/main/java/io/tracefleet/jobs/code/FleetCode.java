// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.code;

import io.tracefleet.schemas.Run;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Adds the blocks of many runs up, the same code in one row wherever it was loaded and on whatever
 * node.
 */
public final class FleetCode {
  private static final Comparator<FleetBlock> ORDER =
      Comparator.comparingLong(FleetBlock::weight)
          .reversed()
          .thenComparing(FleetBlock::vaddr, Long::compareUnsigned)
          .thenComparingInt(FleetBlock::instructions)
          .thenComparingInt(FleetBlock::codeHash)
          .thenComparing(FleetBlock::runId);

  private final Map<CodeKey, FleetBlock> blocks = new HashMap<>();

  /**
   * Adds one block of a run, over its vCPUs.
   *
   * @param weight instructions executed in it: executions times instructions, if it is not scaled
   * @param place where it comes from, never null
   */
  public void add(
      Run run,
      long vaddr,
      int codeHash,
      int instructions,
      int bytes,
      long executions,
      long weight,
      CodePlace place) {
    blocks
        .computeIfAbsent(
            CodeKey.of(run.getTarget(), vaddr, codeHash, instructions, place),
            key -> new FleetBlock(codeHash, instructions))
        .add(run, vaddr, place, bytes, executions, weight);
  }

  /** Most instructions first. Nothing may be added any more. */
  public List<FleetBlock> blocks() {
    return blocks.values().stream().sorted(ORDER).toList();
  }
}
