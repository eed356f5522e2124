// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

/** Where {@link FullDecoder} is in a payload's events, and who receives them. */
final class Replay {
  static final int NONE = -1;
  static final int END = -1;

  TraceVisitor visitor;

  /** The block that executes, or NONE. */
  int block;

  /** Blocks that have executed, the current one included. */
  long executed;

  /** Accesses that have happened. */
  long accessed;

  /** The slot that is expected next, or END. */
  int expected;

  /** The slot before in this execution, or NONE. */
  int previous;

  /** Address of the last access that was written with a number. */
  long previousMiss;

  void start(TraceVisitor events) {
    visitor = events;
    block = NONE;
    executed = 0;
    accessed = 0;
    expected = END;
    previous = NONE;
    previousMiss = 0;
  }
}
