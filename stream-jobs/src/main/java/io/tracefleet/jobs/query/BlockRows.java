// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.query;

import io.tracefleet.jobs.hotblocks.HotBlocksFeature;
import io.tracefleet.jobs.table.Chunk;
import io.tracefleet.jobs.table.Totals;
import io.tracefleet.jobs.weight.ScaledRows;
import io.tracefleet.jobs.weight.Weights;
import java.util.function.IntToLongFunction;

/** Hot blocks, added up over vCPUs and windows; also scaled by the weights of the vCPUs. */
public final class BlockRows extends SortedTotals {
  /** How they are decoded. */
  public static final Views.Form<BlockRows> FORM =
      new Views.Form<>(
          "hot-blocks", chunks -> new BlockRows(BlockRows.SUMS.recorded(chunks)), BlockRows::size);

  private static final int WEIGHT = HotBlocksFeature.COLUMNS;
  private static final int COLUMNS = HotBlocksFeature.COLUMNS + 1;
  private static final ScaledSums SUMS =
      new ScaledSums(COLUMNS, BlockRows::addRows, BlockRows::addScaled);

  private final long totalWeight;

  private BlockRows(Totals totals) {
    super(totals);
    long sum = 0;
    for (int row = 0; row < totals.size(); row++) {
      sum += weight(row);
    }
    totalWeight = sum;
  }

  /** How they are decoded and scaled. */
  public static Views.Form<BlockRows> scaled(Weights weights) {
    return weights.scale()
        ? new Views.Form<>(
            "hot-blocks " + weights,
            chunks -> new BlockRows(SUMS.scaled(chunks, weights)),
            BlockRows::size)
        : FORM;
  }

  private static void addRows(Chunk chunk, Totals totals) {
    chunk.rows(
        HotBlocksFeature.COLUMNS,
        (vaddr, shape, columns) -> {
          long executions = columns[HotBlocksFeature.EXECUTIONS];
          int row = totals.row(vaddr, shape);
          totals.add(row, HotBlocksFeature.EXECUTIONS, executions);
          totals.set(row, HotBlocksFeature.BYTES, columns[HotBlocksFeature.BYTES]);
          totals.add(row, WEIGHT, executions * (int) shape);
        });
  }

  /** In the order of address, code hash and instructions, all signed, as they lie in archives. */
  private static void addScaled(Totals own, ScaledRows scaled, Totals totals) {
    for (int from :
        Ordering.sorted(
            own.size(),
            (a, b) -> {
              int order = Long.compare(own.first(a), own.first(b));
              return order != 0 ? order : Long.compare(own.second(a), own.second(b));
            })) {
      int row = totals.row(own.first(from), own.second(from));
      totals.set(row, HotBlocksFeature.BYTES, own.get(from, HotBlocksFeature.BYTES));
      for (int column : new int[] {HotBlocksFeature.EXECUTIONS, WEIGHT}) {
        totals.add(row, column, scaled.next(column, own.get(from, column)));
      }
    }
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

  /** Instructions that it stands for: executions times instructions; scaled by itself. */
  public long weight(int row) {
    return totals().get(row, WEIGHT);
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
