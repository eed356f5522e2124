// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.weight;

/**
 * Scales the rows of a vCPU's table, one after the other in the order of their keys.
 *
 * <p>What is rounded down is not a row but the sum of it and of all rows before it: a row is the
 * difference of two such sums. So each number is less than one away from count times weight, and
 * the rows of a table add up to their scaled sum, however many there are.
 */
public final class ScaledRows {
  private final Weight weight;
  private final long[] sums;
  private final long[] given;

  /**
   * @param weight of the vCPU
   * @param columns that are scaled
   */
  public ScaledRows(Weight weight, int columns) {
    this.weight = weight;
    this.sums = new long[columns];
    this.given = new long[columns];
  }

  /** The next row's count of a column, scaled. Each column is on its own. */
  public long next(int column, long count) {
    sums[column] += count;
    long scaled = weight.scale(sums[column]) - given[column];
    given[column] += scaled;
    return scaled;
  }
}
