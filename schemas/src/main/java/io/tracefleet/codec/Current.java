// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

/** Where the events are: the block that executes, and what it has done. */
final class Current {
  int block;

  /** Accesses of the block's chain that have happened; not if slow. */
  int position;

  /** The block is followed access by access. */
  boolean slow;

  /** The slot that is expected next, or END; if slow. */
  int expected;

  /** The slot before, or NONE; if slow. */
  int previous;

  void start() {
    block = 0;
    position = 0;
    slow = false;
  }
}
