// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

import java.util.Arrays;

/**
 * The definitions column, and what is known of each block: its definition, its predictions, how
 * often it has executed. Block 0 stands for no block.
 */
final class BlockTable {
  // A row of 8 ints, five of which are used.
  static final int ROW = 8;

  /** The chain's place in the pool. */
  static final int CHAIN = 0;

  /** Ints that the chain may have there. */
  static final int CAPACITY = 1;

  /** The slot that came first, or END. */
  static final int FIRST = 2;

  /** Generation in which the block was put into the list of {@link Chains#touch}. */
  static final int TOUCHED = 3;

  /** 1: the slots lead back to one of them, so there cannot be a chain. */
  static final int CYCLIC = 4;

  private final ColumnReader definitions = new ColumnReader(Column.DEFINITIONS);
  private long[] vaddr = new long[64];
  private int[] codeBytes = new int[64];
  private int[] codeHash = new int[64];
  private long previousVaddr;

  int[] rows = new int[64 * ROW];
  long[] links = new long[64];

  /** Unsigned, the current execution included. */
  int[] executions = new int[64];

  int[] instructions = new int[64];
  long[] undispatched = new long[64];

  /** Index after the last block. */
  int end;

  void start(PayloadHeader header) {
    header.wrapColumn(0, definitions);
    Arrays.fill(rows, 0, ROW, 0);
    links[0] = Link.NO_CHAIN;
    executions[0] = 0;
    end = 1;
    previousVaddr = 0;
  }

  /** Reads the next definition. */
  int define() throws TraceFormatException {
    int index = end;
    if (index == links.length) {
      grow();
    }
    previousVaddr += definitions.zigzag();
    vaddr[index] = previousVaddr;
    instructions[index] = definitions.varint(PayloadHeader.MAX_BLOCK, "a block's instructions,");
    codeBytes[index] = definitions.varint(PayloadHeader.MAX_BLOCK, "a block's bytes,");
    codeHash[index] = definitions.i32();
    if (instructions[index] == 0) {
      throw definitions.error("a block without instructions");
    }
    undispatched[index] = 0;
    Arrays.fill(rows, index * ROW, index * ROW + ROW, 0);
    links[index] = Link.EMPTY;
    executions[index] = 0;
    rows[index * ROW + FIRST] = SlotTable.END;
    end++;
    return index;
  }

  int length(int of) {
    return Link.length(links[of]);
  }

  /** Returns the length of a block's chain, if it has one; that of no block is 0. */
  int chain(int of) {
    return of == 0 ? 0 : length(of) - 1;
  }

  void setLength(int of, int length) {
    links[of] = Link.withLength(links[of], length);
  }

  void setSuccessor(int of, int next) {
    links[of] = Link.followed(links[of], next);
  }

  /** A column that is not rescued is used up. */
  void checkUsed() throws TraceFormatException {
    PayloadHeader.requireUsed(definitions, false);
  }

  void addTo(Dispatched dispatched) {
    for (int index = 1; index < end; index++) {
      long times = executions[index] & 0xffff_ffffL;
      dispatched.add(times * instructions[index] - undispatched[index]);
    }
  }

  void addTo(BatchCounts into) {
    for (int index = 1; index < end; index++) {
      int times = executions[index];
      if (times != 0) {
        into.addBlock(
            vaddr[index],
            codeHash[index],
            instructions[index],
            codeBytes[index],
            times & 0xffff_ffffL,
            undispatched[index]);
      }
    }
  }

  private void grow() {
    int capacity = 2 * links.length;
    rows = Arrays.copyOf(rows, capacity * ROW);
    links = Arrays.copyOf(links, capacity);
    executions = Arrays.copyOf(executions, capacity);
    vaddr = Arrays.copyOf(vaddr, capacity);
    instructions = Arrays.copyOf(instructions, capacity);
    codeBytes = Arrays.copyOf(codeBytes, capacity);
    codeHash = Arrays.copyOf(codeHash, capacity);
    undispatched = Arrays.copyOf(undispatched, capacity);
  }
}
