// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

import java.util.Arrays;

/** What is known of each slot. A slot is a row of 8 ints and, in system emulation, of 4 longs. */
final class SlotTable {
  static final int END = -1;
  static final int NONE = -1;

  static final int ROW = 8;
  static final int NEXT = 0;

  /** store << 3 | log2 of the size. */
  static final int KIND = 1;

  static final int OWNER = 2;

  /** Executions of the block that are accounted; user mode. */
  static final int BASE = 3;

  /** Number of the virtual page of an access before, or NONE. */
  static final int PAGE = 4;

  /** The last try to make a chain that came by. */
  static final int STAMP = 5;

  static final int LONGS = 4;
  static final int LAST = 0;
  static final int STRIDE = 1;
  static final int STRIDE2 = 2;

  /**
   * Of a slot in a chain: executions of the block up to which pages have counted its accesses << 32
   * | executions up to which LAST is known. The accesses between them are all in LAST's page.
   */
  static final int BASES = 3;

  private boolean system;

  int[] rows = new int[64 * ROW];
  long[] motion = new long[64 * LONGS];
  int size;

  void start(PayloadHeader header) {
    system = header.systemEmulation();
    size = 0;
  }

  /** Makes a slot; where its first access goes is up to the caller. */
  int add(int owner, int kind) {
    int s = size;
    if (s * ROW == rows.length) {
      rows = Arrays.copyOf(rows, 2 * rows.length);
      motion = Arrays.copyOf(motion, 2 * motion.length);
    }
    int i = s * ROW;
    rows[i + KIND] = kind;
    rows[i + OWNER] = owner;
    rows[i + NEXT] = END;
    rows[i + PAGE] = NONE;
    rows[i + STAMP] = 0;
    size++;
    return s;
  }

  int next(int s) {
    return rows[s * ROW + NEXT];
  }

  int kind(int s) {
    return rows[s * ROW + KIND];
  }

  int base(int s) {
    return system ? (int) motion[s * LONGS + BASES] : rows[s * ROW + BASE];
  }

  void setBase(int s, int executions) {
    if (system) {
      motion[s * LONGS + BASES] = (executions & 0xffff_ffffL) * 0x1_0000_0001L;
    } else {
      rows[s * ROW + BASE] = executions;
    }
  }

  /** The access after the last one, at the same stride. Returns its address. */
  long step(int s) {
    int a = s * LONGS;
    return motion[a + LAST] += motion[a + STRIDE];
  }
}
