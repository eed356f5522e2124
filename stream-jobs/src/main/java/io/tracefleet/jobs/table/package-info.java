// SPDX-License-Identifier: Apache-2.0
/**
 * Totals in memory, written behind.
 *
 * <p>A {@link io.tracefleet.jobs.table.Table} holds, for each vCPU of each run (and each window),
 * rows of long columns that are found by a pair of longs. Adding to a row touches primitive arrays
 * only. When the task commits, {@link io.tracefleet.jobs.table.TotalsStore} writes what has
 * changed, in chunks of 64 rows, to an ordinary logged key-value store, so it becomes part of the
 * same transaction as the input offsets and the results; after a restart the rows are read back
 * from there.
 *
 * <p>Threading: everything here belongs to one stream task and is used by its thread only, but for
 * {@link io.tracefleet.jobs.table.StoreRead}, by which any thread can read what was committed.
 */
package io.tracefleet.jobs.table;
