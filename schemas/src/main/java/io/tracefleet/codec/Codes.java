// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

/**
 * Codes of codec 1's control and memory tokens.
 *
 * <pre>
 *   | run: 6 bits | code: 2 bits |   if the run is 63, a varint follows, which is added to it
 * </pre>
 */
final class Codes {
  static final int BITS = 2;
  static final int MASK = 3;

  /** The longest run, after which there is more of it. */
  static final int LONG_RUN = 63;

  /** A token from which on there is more of the run. */
  static final int LONG = LONG_RUN << BITS;

  // Control.
  static final int OTHER_SUCCESSOR = 0;
  static final int NEXT_DEFINITION = 1;
  static final int KNOWN_BLOCK = 2;
  static final int PARTIAL = 3;

  /** A reader's code for the known block with index 0; no token has it. */
  static final int BLOCK_0 = 4;

  // Memory: the expected slot. A number follows the first two.
  static final int NEW_STRIDE = 0;
  static final int NEAR_MISS = 1;
  static final int OTHER_STRIDE = 2;

  /** A varint says what happens instead. */
  static final int SURPRISE = 3;

  static final int EARLY_END = 0;
  static final int NEW_SLOT = 1;
  static final int FOREIGN = 2;

  /** The known slot with index k has this code plus 2k, or the next one if a number follows. */
  static final int SLOT_0 = 3;

  /** In place of a control token: it has more bytes. */
  static final long WIDE = 0;

  private Codes() {}

  /** Returns a reader's code for a known block whose index is this varint. */
  static long block(long index) {
    return index < 0 ? Long.MAX_VALUE : Math.min(index, Long.MAX_VALUE - BLOCK_0) + BLOCK_0;
  }

  /**
   * Reads a control token, the lowest bytes of a word, if its run has at most one more byte and a
   * block's index at most two.
   *
   * @return the token's length | its run << 8 | a reader's code << 16, or {@link #WIDE}
   */
  static long shortControl(long word) {
    long token = word & 0xff;
    long rest = word >>> 8;
    long run = token >>> BITS;
    long code = token & MASK;
    int length = 1;
    if (token >= LONG) {
      if ((rest & 0x80) != 0) {
        return WIDE;
      }
      run += rest & 0x7f;
      rest >>>= 8;
      length = 2;
    }
    if (code == KNOWN_BLOCK) {
      if ((rest & 0x8080) == 0x8080) {
        return WIDE;
      }
      long more = rest >>> 7 & 1;
      code = BLOCK_0 + (rest & 0x7f | rest >>> 1 & 0x3f80 & -more);
      length += 1 + (int) more;
    }
    return length | run << 8 | code << 16;
  }

  /** What is wrong with a reader's code that leads to no block. */
  static String message(long code) {
    return code == OTHER_SUCCESSOR
        ? "no other successor to expect"
        : "index " + Long.toUnsignedString(code - BLOCK_0) + " names no block";
  }
}
