// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.table;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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
    PackedBytes in = new PackedBytes(value);
    Totals.checkVersion(key, in.u8());
    long count = in.varint();
    long first = 0;
    long[] row = new long[columns];
    for (long i = 0; i < count; i++) {
      first += in.zigzag();
      long second = in.zigzag();
      for (int column = 0; column < columns; column++) {
        row[column] = in.varint();
      }
      sink.row(first, second, row);
    }
  }

  /** The names of a chunk of names, in the order of their numbers. */
  public List<String> nameList() {
    PackedBytes in = new PackedBytes(value);
    Totals.checkVersion(key, in.u8());
    int count = (int) in.varint();
    List<String> names = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      names.add(new String(in.bytes((int) in.varint()), StandardCharsets.UTF_8));
    }
    return names;
  }
}
