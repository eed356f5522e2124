// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

/** Compares the instructions of the blocks that were decoded with those that the header counts. */
final class Dispatched {
  private long sum;

  void start() {
    sum = 0;
  }

  void add(long instructions) {
    sum += instructions;
  }

  /**
   * @param lastBlock instructions of the block dispatched last, which were added in full; 0 if
   *     there is none
   */
  void check(PayloadHeader header, int lastBlock) throws TraceFormatException {
    long counted = header.dispatched();
    if (header.blocks() == 0) {
      if (counted > PayloadHeader.MAX_BLOCK) {
        throw error("instructions are " + counted + " though no block was dispatched");
      }
      return;
    }
    long decoded = sum + header.leading();
    int running = header.blockInstructions();
    if (running != 0) {
      decoded += header.progress() - running;
    }
    // A process may have died between two stores that belong to one event.
    long slack = header.rescued() ? PayloadHeader.MAX_BLOCK : 0;
    if (Math.abs(decoded - counted) > slack) {
      throw error("instructions are " + counted + ", but the blocks have " + decoded);
    }
    if (!header.rescued()
        && lastBlock != 0
        && running != 0
        && (running != lastBlock || header.progress() > running)) {
      throw error(
          "progress is "
              + header.progress()
              + " of "
              + running
              + ", but the last block has "
              + lastBlock);
    }
  }

  private static TraceFormatException error(String reason) {
    return new TraceFormatException(Column.HEADER, 8, reason);
  }
}
