// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

import java.util.Arrays;

/** The definitions column, and what {@link FullDecoder} has to know of each block. */
final class ReplayedBlocks {
  private static final int NONE = Replay.NONE;

  private final ColumnReader definitions = new ColumnReader(Column.DEFINITIONS);
  private final Replay replay;
  private long previousVaddr;

  int size;
  int[] instructions = new int[64];

  /** successor << 32 | instructions << 16 | first slot + 1. */
  long[] links = new long[64];

  int[] otherSuccessor = new int[64];

  ReplayedBlocks(Replay replay) {
    this.replay = replay;
  }

  void start(PayloadHeader header) {
    header.wrapColumn(0, definitions);
    size = 0;
    previousVaddr = 0;
  }

  /** Reads and delivers the next definition. */
  int define() throws TraceFormatException {
    int index = size;
    if (index == links.length) {
      instructions = Arrays.copyOf(instructions, 2 * index);
      links = Arrays.copyOf(links, 2 * index);
      otherSuccessor = Arrays.copyOf(otherSuccessor, 2 * index);
    }
    previousVaddr += definitions.zigzag();
    int count = definitions.varint(PayloadHeader.MAX_BLOCK, "a block's instructions,");
    int bytes = definitions.varint(PayloadHeader.MAX_BLOCK, "a block's bytes,");
    int hash = definitions.i32();
    if (count == 0) {
      throw definitions.error("a block without instructions");
    }
    instructions[index] = count;
    links[index] = (long) NONE << 32 | (long) count << 16;
    otherSuccessor[index] = NONE;
    size++;
    replay.visitor.definition(index, previousVaddr, count, bytes, hash);
    return index;
  }

  static int successor(long link) {
    return (int) (link >> 32);
  }

  static int instructions(long link) {
    return (int) (link >>> 16) & 0xffff;
  }

  /** Returns the slot that came first, or END. */
  static int first(long link) {
    return ((int) link & 0xffff) - 1;
  }

  static long followed(long link, int next) {
    return link & 0xffff_ffffL | (long) next << 32;
  }

  void setFirst(int of, int slot) {
    links[of] = links[of] & ~0xffffL | slot + 1;
  }

  /** A token has said that another block follows. */
  void setSuccessor(int of, int next) {
    otherSuccessor[of] = successor(links[of]);
    links[of] = followed(links[of], next);
  }

  /** A column that is not rescued is used up. */
  void checkUsed() throws TraceFormatException {
    PayloadHeader.requireUsed(definitions, false);
  }
}
