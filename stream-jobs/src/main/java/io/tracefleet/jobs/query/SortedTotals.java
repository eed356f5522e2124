// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.query;

import io.tracefleet.jobs.table.Totals;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntToLongFunction;

/**
 * Rows that do not change any more, and their orders, made when first asked for. Ties are in the
 * order of the rows' keys, first by the first half, unsigned.
 */
public class SortedTotals {
  private final Totals totals;
  private final Map<String, int[]> orders = new ConcurrentHashMap<>();

  SortedTotals(Totals totals) {
    this.totals = totals;
  }

  /** The rows; not to be changed. */
  public Totals totals() {
    return totals;
  }

  public int size() {
    return totals.size();
  }

  /**
   * The rows' numbers in an order.
   *
   * @param name of what it is sorted by; must always stand for the same
   * @param by the number to sort by
   * @param unsigned compares as unsigned numbers
   */
  public int[] order(String name, IntToLongFunction by, boolean unsigned, boolean descending) {
    return orders.computeIfAbsent(
        (descending ? "-" : "") + name,
        key ->
            Ordering.sorted(
                totals.size(),
                (a, b) -> {
                  long left = by.applyAsLong(a);
                  long right = by.applyAsLong(b);
                  int result =
                      unsigned ? Long.compareUnsigned(left, right) : Long.compare(left, right);
                  return result != 0 ? (descending ? -result : result) : compareKeys(a, b);
                }));
  }

  private int compareKeys(int a, int b) {
    int result = Long.compareUnsigned(totals.first(a), totals.first(b));
    return result != 0 ? result : Long.compareUnsigned(totals.second(a), totals.second(b));
  }
}
