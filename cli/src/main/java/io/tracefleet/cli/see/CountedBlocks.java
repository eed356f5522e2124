// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.see;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A payload of count mode that has nothing but blocks: docs/trace-format.md, codec 2. Blocks are
 * told by a number: address, code and counts follow from it.
 */
final class CountedBlocks {
  static final int CODEC = 2;

  private static final int HEADER_BYTES = 320;
  private static final int BLOCK_BYTES = 32;
  private static final int COLUMN_LENGTHS = 80;
  private static final int INSTRUCTIONS = 4;
  private static final int CODE_BYTES = 12;
  private static final long FIRST_ADDRESS = 0x400000;

  private final ByteBuffer payload;
  private final int count;
  private long executions;

  private CountedBlocks(int count) {
    this.count = count;
    this.payload =
        ByteBuffer.allocate(HEADER_BYTES + BLOCK_BYTES * count).order(ByteOrder.LITTLE_ENDIAN);
  }

  static CountedBlocks of(int first, int count) {
    CountedBlocks blocks = new CountedBlocks(count);
    blocks.fill(first);
    return blocks;
  }

  static long vaddr(int block) {
    return FIRST_ADDRESS + 16L * block;
  }

  static int codeHash(int block) {
    return block * 31;
  }

  private void fill(int first) {
    payload.position(HEADER_BYTES);
    for (int block = first; block < first + count; block++) {
      long times = 1 + block % 1000;
      executions += times;
      payload
          .putLong(vaddr(block))
          .putInt(codeHash(block))
          .putShort((short) INSTRUCTIONS)
          .putShort((short) CODE_BYTES)
          .putLong(times)
          .putLong(0);
    }
    payload.putInt(0, CODEC).putLong(8, instructions()).putLong(16, executions);
    payload.putInt(COLUMN_LENGTHS, BLOCK_BYTES * count);
  }

  long executions() {
    return executions;
  }

  long instructions() {
    return executions * INSTRUCTIONS;
  }

  ByteBuffer payload() {
    return payload.duplicate().rewind();
  }
}
