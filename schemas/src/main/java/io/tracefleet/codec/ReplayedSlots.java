// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

import java.util.Arrays;

/** What {@link FullDecoder} has to know of each slot. A slot is a row of 4 longs. */
final class ReplayedSlots {
  static final int ROW = 4;
  static final int LAST = 0;
  static final int STRIDE = 1;
  static final int STRIDE2 = 2;

  /** next slot << 32 | instruction << 8 | access information. */
  static final int META = 3;

  private int[] block = new int[64];
  int size;

  /** Number of the page of an access before, or NONE. */
  int[] page = new int[64];

  long[] motion = new long[64 * ROW];

  void start() {
    size = 0;
  }

  int add(int of, int instruction, int info, long address) {
    int slot = size;
    if (slot == block.length) {
      block = Arrays.copyOf(block, 2 * slot);
      page = Arrays.copyOf(page, 2 * slot);
      motion = Arrays.copyOf(motion, 2 * motion.length);
    }
    block[slot] = of;
    page[slot] = Replay.NONE;
    int a = slot * ROW;
    motion[a + LAST] = address;
    motion[a + STRIDE] = 0;
    motion[a + STRIDE2] = 0;
    motion[a + META] = (long) Replay.END << 32 | (long) instruction << 8 | info;
    size++;
    return slot;
  }

  int block(int slot) {
    return block[slot];
  }

  long last(int slot) {
    return motion[slot * ROW + LAST];
  }

  void setNext(int slot, int next) {
    int meta = slot * ROW + META;
    motion[meta] = motion[meta] & 0xffff_ffffL | (long) next << 32;
  }

  /** The access after the last one, at the same stride. */
  void step(int slot) {
    int a = slot * ROW;
    motion[a + LAST] += motion[a + STRIDE];
  }

  void swapStrides(int slot) {
    int a = slot * ROW;
    long swapped = motion[a + STRIDE];
    motion[a + STRIDE] = motion[a + STRIDE2];
    motion[a + STRIDE2] = swapped;
  }

  void move(int slot, long address) {
    int a = slot * ROW;
    motion[a + STRIDE2] = motion[a + STRIDE];
    motion[a + STRIDE] = address - motion[a + LAST];
    motion[a + LAST] = address;
  }

  static int next(long meta) {
    return (int) (meta >> 32);
  }

  static int instruction(long meta) {
    return (int) meta >>> 8 & 0xffff;
  }

  static int info(long meta) {
    return (int) meta & 0xff;
  }
}
