// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.table;

import java.util.List;

/**
 * A chunk as it lies in the store: up to 64 rows, or up to 256 names. Its value must not be
 * changed.
 *
 * @param key where it lies
 * @param value its bytes
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Chunk(ChunkKey key, byte[] value) {
  /** Sees one row; the array is reused for the next. */
  @FunctionalInterface
  public interface RowSink {
    void row(long first, long second, long[] columns);
  }

  /**
   * Reads the rows of a chunk of rows.
   *
   * @param columns columns of the table
   */
  public void rows(int columns, RowSink sink) {
    Totals.readRows(key, value, columns, sink);
  }

  /** The names of a chunk of names, in the order of their numbers. */
  public List<String> nameList() {
    return Totals.readNames(key, value);
  }
}
