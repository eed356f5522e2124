// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

import java.util.Arrays;

/** Reads, writes, and the bytes of each, of numbered pages or devices. */
final class Traffic {
  private static final int ROW = 4;

  private long[] rows = new long[16 * ROW];

  /** The next number, whose traffic is none yet. */
  void start(int number) {
    if (ROW * number == rows.length) {
      rows = Arrays.copyOf(rows, 2 * rows.length);
    }
    Arrays.fill(rows, ROW * number, ROW * number + ROW, 0);
  }

  /** Counts accesses of a kind, which is store << 3 | log2 of the size. */
  void count(int number, int kind, long times) {
    int at = ROW * number + (kind >>> 3);
    rows[at] += times;
    rows[at + 2] += times << (kind & 7);
  }

  long reads(int number) {
    return rows[ROW * number];
  }

  long writes(int number) {
    return rows[ROW * number + 1];
  }

  long readBytes(int number) {
    return rows[ROW * number + 2];
  }

  long writeBytes(int number) {
    return rows[ROW * number + 3];
  }

  /** Adds the accesses, wherever they went. */
  void addTo(BatchCounts into, int number) {
    into.loads += reads(number);
    into.stores += writes(number);
    into.loadBytes += readBytes(number);
    into.storeBytes += writeBytes(number);
  }
}
