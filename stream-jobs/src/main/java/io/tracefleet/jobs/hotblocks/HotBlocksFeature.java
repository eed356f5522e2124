// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.hotblocks;

import io.tracefleet.codec.BatchCounts;
import io.tracefleet.jobs.flow.Feature;
import io.tracefleet.jobs.flow.SectionId;
import io.tracefleet.jobs.flow.Step;
import io.tracefleet.jobs.table.Group;
import io.tracefleet.jobs.table.Table;
import io.tracefleet.jobs.table.Totals;
import io.tracefleet.schemas.HotBlock;
import io.tracefleet.schemas.HotBlockKey;

/** One row for each block of a vCPU: first key vaddr, second key code hash and instructions. */
public final class HotBlocksFeature implements Feature<HotBlockKey, HotBlock> {
  public static final int EXECUTIONS = 0;
  public static final int BYTES = 1;
  public static final int COLUMNS = 2;

  @Override
  public SectionId section() {
    return SectionId.HOT_BLOCKS;
  }

  @Override
  public int columns() {
    return COLUMNS;
  }

  @Override
  public void add(Step.Folded batch, Table table) {
    add(batch.counts(), table.totals(batch.wholeRun()));
    add(batch.counts(), table.totals(batch.window()));
  }

  private static void add(BatchCounts counts, Totals totals) {
    for (int i = 0; i < counts.blockCount(); i++) {
      long shape =
          (long) counts.blockCodeHash(i) << 32 | (counts.blockInstructions(i) & 0xffff_ffffL);
      int row = totals.row(counts.blockVaddr(i), shape);
      totals.add(row, EXECUTIONS, counts.blockExecutions(i));
      totals.set(row, BYTES, counts.blockBytes(i));
    }
  }

  @Override
  public HotBlockKey key(Totals totals, int row) {
    Group group = totals.group();
    long shape = totals.second(row);
    return new HotBlockKey(
        group.runId(),
        group.vcpu(),
        totals.first(row),
        (int) (shape >>> 32),
        (int) shape,
        group.window());
  }

  @Override
  public HotBlock value(Totals totals, int row) {
    return new HotBlock(
        (int) totals.second(row), (int) totals.get(row, BYTES), totals.get(row, EXECUTIONS));
  }
}
