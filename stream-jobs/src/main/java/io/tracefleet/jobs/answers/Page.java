// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.answers;

/**
 * Which rows are wanted, in which order.
 *
 * @param sort field to sort by, or null for the table's own order
 * @param descending largest first
 * @param offset rows to skip
 * @param limit most rows
 */
public record Page(String sort, boolean descending, int offset, int limit) {
  /** The same, sorted by this field if none was asked for. */
  Page orElse(String field, boolean fallsDescending) {
    return sort != null ? this : new Page(field, fallsDescending, offset, limit);
  }

  /** The first row of so many, and the one behind the last. */
  int from(int rows) {
    return Math.min(offset, rows);
  }

  int to(int rows) {
    return (int) Math.min((long) offset + limit, rows);
  }
}
