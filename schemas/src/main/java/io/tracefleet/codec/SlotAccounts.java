// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

import java.util.Arrays;

/**
 * Accounts the accesses of slots: by kind, and in system emulation by page.
 *
 * <p>What is pending for a slot in a chain are (executions - base) accesses at its stride.
 */
final class SlotAccounts {
  private static final int FEW = 1024;
  private static final int KINDS = 16;

  private final SlotTable slots;
  private final PageTable pages;
  private final long[] kinds = new long[KINDS]; // user mode
  private boolean system;

  SlotAccounts(SlotTable slots, PageTable pages) {
    this.slots = slots;
    this.pages = pages;
  }

  void start(PayloadHeader header) {
    system = header.systemEmulation();
    Arrays.fill(kinds, 0);
  }

  /** Accounts what is pending for a slot up to some execution of its block. */
  void upTo(int s, int executions) throws TraceFormatException {
    if (system) {
      release(s);
    }
    int pending = executions - slots.base(s);
    if (pending != 0) {
      slots.setBase(s, executions);
      advance(s, pending & 0xffff_ffffL);
    }
  }

  /** Counts the accesses that are pending for the page of a slot's last access. */
  private void release(int s) throws TraceFormatException {
    int a = s * SlotTable.LONGS;
    long bases = slots.motion[a + SlotTable.BASES];
    long held = bases - (bases >>> 32) & 0xffff_ffffL;
    if (held != 0) {
      ram(s, slots.motion[a + SlotTable.LAST], held);
      slots.setBase(s, (int) bases);
    }
  }

  /** Accounts predicted accesses of a slot. */
  void advance(int s, long times) throws TraceFormatException {
    int kind = slots.kind(s);
    if (!system) {
      kinds[kind] += times;
      return;
    }
    int a = s * SlotTable.LONGS;
    int p = s * SlotTable.ROW + SlotTable.PAGE;
    long stride = slots.motion[a + SlotTable.STRIDE];
    long where = slots.motion[a + SlotTable.LAST];
    long left = times;
    if (left > FEW && stride != 0 && (stride & (1L << 41) - 1) == 0) {
      left -= goRound(where, stride, kind, left, 1L << 64 - Long.numberOfTrailingZeros(stride));
    }
    while (left != 0) {
      where += stride;
      int page = pages.page(slots.rows[p], where);
      slots.rows[p] = page;
      long here = pages.stay(page, where, stride, left);
      pages.count(page, where, kind, here);
      where += (here - 1) * stride;
      left -= here;
    }
    slots.motion[a + SlotTable.LAST] = where;
  }

  /**
   * Counts the accesses at addresses that come round to the first one, which otherwise could go on
   * for ever.
   */
  private long goRound(long from, long stride, int kind, long times, long period)
      throws TraceFormatException {
    long rounds = times / period;
    long where = from;
    for (long i = 0; rounds != 0 && i < period; i++) {
      where += stride;
      pages.count(pages.page(where), where, kind, rounds);
    }
    return rounds * period;
  }

  /** Counts accesses of a slot to one page of RAM, like {@link PageTable#count}. */
  void ram(int s, long where, long times) throws TraceFormatException {
    int p = s * SlotTable.ROW + SlotTable.PAGE;
    int page = pages.page(slots.rows[p], where);
    slots.rows[p] = page;
    pages.count(page, where, slots.kind(s), times);
  }

  /** Counts an access; user mode. */
  void one(int kind) {
    kinds[kind]++;
  }

  /** Adds the accesses of user mode. */
  void addTo(BatchCounts into) {
    for (int size = 0; size < KINDS / 2; size++) {
      long loads = kinds[size];
      long stores = kinds[KINDS / 2 + size];
      into.loads += loads;
      into.stores += stores;
      into.loadBytes += loads << size;
      into.storeBytes += stores << size;
    }
  }
}
