// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.flow;

import io.tracefleet.jobs.table.Table;
import io.tracefleet.jobs.table.Totals;

/**
 * One kind of result.
 *
 * @param <K> the results' key
 * @param <V> the results' value
 */
public interface Feature<K, V> {
  /** Which table is its own. */
  SectionId section();

  /** Columns of its rows. */
  int columns();

  /** Adds a batch, each of its keys once. */
  void add(Step.Folded batch, Table table);

  /** Notes a batch that had counted before. */
  default void add(Step.Duplicate batch, Table table) {}

  /** Notes a batch that could not be used. */
  default void add(Step.Broken batch, Table table) {}

  /** The key of a row's result. */
  K key(Totals totals, int row);

  /** The value of a row's result. */
  V value(Totals totals, int row);
}
