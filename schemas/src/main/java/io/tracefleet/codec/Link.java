// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

/**
 * What is used of a block when it executes, in one long.
 *
 * <pre>
 *   | successor: 20 bits | other successor: 20 bits | length of the chain: 24 bits |
 * </pre>
 *
 * <p>Block 0 stands for no block. The length counts one more for END, or is {@link #NO_CHAIN}.
 */
final class Link {
  /** More than there are events in a window. */
  static final int NO_CHAIN = 1 << 20;

  /** The link of a block that has just been defined: nothing follows, and it makes no access. */
  static final long EMPTY = 1;

  private static final int SUCCESSOR = 44;
  private static final int OTHER = 24;
  private static final int LENGTH_MASK = (1 << OTHER) - 1;
  private static final int BLOCK_MASK = (1 << SUCCESSOR - OTHER) - 1;

  private Link() {}

  static int length(long link) {
    return (int) link & LENGTH_MASK;
  }

  static int successor(long link) {
    return (int) (link >>> SUCCESSOR);
  }

  static int other(long link) {
    return (int) (link >>> OTHER) & BLOCK_MASK;
  }

  /** Returns the link after a token has said that another block follows. */
  static long followed(long link, int next) {
    return (long) next << SUCCESSOR | (long) successor(link) << OTHER | length(link);
  }

  static long withLength(long link, int length) {
    return link & ~LENGTH_MASK | length;
  }
}
