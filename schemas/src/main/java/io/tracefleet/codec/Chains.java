// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

import java.util.Arrays;

/**
 * The blocks' chains: the slots that a block's {@code first} and each slot's {@code next} lead to,
 * up to END. As long as a block follows its chain, only its executions are counted, and what that
 * means for the slots is pending.
 */
final class Chains {
  private final BlockTable blocks;
  private final SlotTable slots;
  private final SlotAccounts accounts;
  private final Current current;
  private int poolEnd;
  private int stamp;

  // Blocks for which something may be pending; system emulation.
  private int[] touched = new int[64];
  private int touchedCount;
  private int generation;

  /** The slots of all chains. */
  int[] pool = new int[256];

  Chains(BlockTable blocks, SlotTable slots, SlotAccounts accounts, Current current) {
    this.blocks = blocks;
    this.slots = slots;
    this.accounts = accounts;
    this.current = current;
  }

  void start() {
    poolEnd = 0;
    stamp = 0;
    touchedCount = 0;
    generation = 1;
  }

  /** Where a block's chain is in the pool. */
  int at(int of) {
    return blocks.rows[of * BlockTable.ROW + BlockTable.CHAIN];
  }

  /** A block without a chain executes: makes the chain, or lets it be followed access by access. */
  void link(int now) {
    final int[] rows = slots.rows;
    int row = now * BlockTable.ROW;
    int first = blocks.rows[row + BlockTable.FIRST];
    current.previous = SlotTable.NONE;
    current.expected = first;
    if (blocks.rows[row + BlockTable.CYCLIC] != 0) {
      return;
    }
    stamp++;
    int length = 0;
    for (int s = first; s != SlotTable.END; s = slots.next(s)) {
      if (rows[s * SlotTable.ROW + SlotTable.STAMP] == stamp) {
        blocks.rows[row + BlockTable.CYCLIC] = 1;
        return;
      }
      rows[s * SlotTable.ROW + SlotTable.STAMP] = stamp;
      length++;
    }
    reserve(row, length);
    int at = at(now);
    int base = blocks.executions[now] - 1;
    for (int s = first; s != SlotTable.END; s = slots.next(s)) {
      pool[at++] = s;
      rows[s * SlotTable.ROW + SlotTable.BASE] = base;
    }
    blocks.setLength(now, length + 1);
  }

  private void reserve(int row, int length) {
    if (length > blocks.rows[row + BlockTable.CAPACITY]) {
      int capacity = 2 * length;
      if (pool.length - poolEnd < capacity) {
        pool = Arrays.copyOf(pool, Math.max(2 * pool.length, poolEnd + capacity));
      }
      blocks.rows[row + BlockTable.CHAIN] = poolEnd;
      blocks.rows[row + BlockTable.CAPACITY] = capacity;
      poolEnd += capacity;
    }
  }

  /** What else there is to do in system emulation once a block has a chain. */
  void linked(int now) {
    int at = at(now);
    int length = blocks.length(now) - 1;
    for (int i = at; i < at + length; i++) {
      slots.setBase(pool[i], blocks.executions[now] - 1);
    }
    if (blocks.rows[now * BlockTable.ROW + BlockTable.TOUCHED] != generation) {
      touch(now);
    }
  }

  /** Remembers that something may be pending for a block. */
  private void touch(int of) {
    if (touchedCount == touched.length) {
      touched = Arrays.copyOf(touched, 2 * touchedCount);
    }
    blocks.rows[of * BlockTable.ROW + BlockTable.TOUCHED] = generation;
    touched[touchedCount++] = of;
  }

  /** From now on the current block is followed access by access. */
  void breakCurrent() throws TraceFormatException {
    int now = current.block;
    int length = blocks.length(now) - 1;
    int at = at(now);
    int position = current.position;
    account(now, position);
    current.previous = position == 0 ? SlotTable.NONE : pool[at + position - 1];
    current.expected = position == length ? SlotTable.END : pool[at + position];
    blocks.setLength(now, Link.NO_CHAIN);
    current.slow = true;
  }

  /**
   * Accounts what is pending for a block's chain, of which {@code done} accesses have happened in
   * its current execution.
   */
  private void account(int of, int done) throws TraceFormatException {
    int length = blocks.length(of) - 1;
    int at = at(of);
    int executions = blocks.executions[of];
    for (int i = 0; i < length; i++) {
      accounts.upTo(pool[at + i], i < done ? executions : executions - 1);
    }
  }

  /**
   * Accounts what is pending, which was in the pages that are mapped until now. Blocks are put into
   * the list again when their chain is.
   */
  void accountTouched() throws TraceFormatException {
    int now = current.block;
    for (int i = 0; i < touchedCount; i++) {
      int of = touched[i];
      if (blocks.length(of) != Link.NO_CHAIN) {
        boolean runs = of == now && !current.slow;
        account(of, runs ? current.position : Integer.MAX_VALUE);
        if (!runs) {
          blocks.setLength(of, Link.NO_CHAIN);
        }
      }
    }
    touchedCount = 0;
    generation++;
    if (!current.slow && blocks.length(now) != Link.NO_CHAIN) {
      touch(now);
    }
  }

  /** Accounts all that is pending. */
  void accountAll() throws TraceFormatException {
    for (int of = 1; of < blocks.end; of++) {
      if (blocks.length(of) != Link.NO_CHAIN) {
        boolean runs = of == current.block && !current.slow;
        account(of, runs ? current.position : Integer.MAX_VALUE);
      }
    }
  }
}
