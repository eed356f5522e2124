// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.query;

import io.tracefleet.jobs.hotblocks.HotBlocksFeature;
import io.tracefleet.jobs.table.Chunk;
import io.tracefleet.jobs.table.Totals;
import java.util.function.IntToLongFunction;

/** Hot blocks, added up over vCPUs and windows. */
public final class BlockRows extends SortedTotals {
  /** How they are decoded. */
  public static final Views.Form<BlockRows> FORM =
      new Views.Form<>("hot-blocks", BlockRows::decode, BlockRows::size);

  private final long totalWeight;

  private BlockRows(Totals totals) {
    super(totals);
    long sum = 0;
    for (int row = 0; row < totals.size(); row++) {
      sum += weight(row);
    }
    totalWeight = sum;
  }

  private static BlockRows decode(Views.Chunks chunks) {
    Totals totals = Totals.detached(HotBlocksFeature.COLUMNS);
    for (Chunk chunk : chunks.wanted()) {
      chunk.rows(
          HotBlocksFeature.COLUMNS,
          (vaddr, shape, columns) -> {
            int row = totals.row(vaddr, shape);
            totals.add(row, HotBlocksFeature.EXECUTIONS, columns[HotBlocksFeature.EXECUTIONS]);
            totals.set(row, HotBlocksFeature.BYTES, columns[HotBlocksFeature.BYTES]);
          });
    }
    return new BlockRows(totals);
  }

  public long vaddr(int row) {
    return totals().first(row);
  }

  public int codeHash(int row) {
    return (int) (totals().second(row) >>> 32);
  }

  public int instructions(int row) {
    return (int) totals().second(row);
  }

  public int bytes(int row) {
    return (int) totals().get(row, HotBlocksFeature.BYTES);
  }

  public long executions(int row) {
    return totals().get(row, HotBlocksFeature.EXECUTIONS);
  }

  /** Instructions that it stands for: executions times instructions. */
  public long weight(int row) {
    return executions(row) * instructions(row);
  }

  /** Of all rows. */
  public long totalWeight() {
    return totalWeight;
  }

  /**
   * @param field weight, executions, instructions, bytes or vaddr
   */
  public int[] order(String field, boolean descending) {
    IntToLongFunction by =
        switch (field) {
          case "weight" -> this::weight;
          case "executions" -> this::executions;
          case "instructions" -> this::instructions;
          case "bytes" -> this::bytes;
          case "vaddr" -> this::vaddr;
          default -> throw new IllegalArgumentException(field);
        };
    return order(field, by, field.equals("vaddr"), descending);
  }
}
