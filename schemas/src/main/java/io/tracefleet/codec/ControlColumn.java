// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

/** The control column: so many predicted blocks, then a code. */
final class ControlColumn {
  private static final int TAIL = -1; // no token is left
  private static final int UNREAD = -2; // all blocks have executed; a token may be left

  private final BlockTable blocks;
  private final PaddedColumn memory;
  private boolean rescued;
  private long all;

  /** The bytes. */
  final PaddedColumn column = new PaddedColumn(Column.CONTROL);

  /** Predicted blocks before the code. */
  long predicted;

  /** A reader's code for what comes then. */
  long code;

  /** Blocks of the batch, without the predicted ones and the code's. */
  long left;

  /**
   * @param memory for telling where an error is
   */
  ControlColumn(BlockTable blocks, PaddedColumn memory) {
    this.blocks = blocks;
    this.memory = memory;
  }

  void start(PayloadHeader header) throws TraceFormatException {
    column.wrap(header, 1);
    rescued = header.rescued();
    all = header.blocks();
    left = all;
    read();
  }

  /** The next block executes, and it is not known without looking at the column. */
  int next(int now) throws TraceFormatException {
    if (code == Codes.PARTIAL) {
      partial(now);
      if (predicted != 0) {
        predicted--;
        return Link.successor(blocks.links[now]);
      }
    }
    if (left == 0) {
      throw memory.error("an END after the last of " + all + " blocks");
    }
    int next;
    if (code == Codes.NEXT_DEFINITION) {
      next = blocks.define();
    } else {
      next = named(code, blocks.links[now]);
      if (next == 0) {
        throw column.error(Codes.message(code));
      }
    }
    left--;
    read();
    if (now != 0) {
      blocks.setSuccessor(now, next);
    }
    return next;
  }

  /** Returns the block that a token names without more, or 0. */
  int named(long code, long link) {
    if (code == Codes.OTHER_SUCCESSOR) {
      return Link.other(link);
    }
    return code >= Codes.BLOCK_0 && code < Codes.BLOCK_0 + blocks.end - 1
        ? (int) code - Codes.BLOCK_0 + 1
        : 0;
  }

  private void partial(int now) throws TraceFormatException {
    if (now == 0) {
      throw column.error("a partial token before the first block");
    }
    int instructions = blocks.instructions[now];
    long some = column.varint();
    column.checkEnd();
    if (some < 0 || some > instructions) {
      throw column.error(
          Long.toUnsignedString(some) + " instructions of a block of " + instructions);
    }
    blocks.undispatched[now] += instructions - some;
    read();
    if (predicted == 0 && code == Codes.PARTIAL) {
      throw column.error("a second partial token for one block");
    }
  }

  private void read() throws TraceFormatException {
    if (left == 0) {
      predicted = 0;
      code = UNREAD;
      return;
    }
    if (column.hasRemaining()) {
      readToken();
      if (predicted < 0 || predicted > left) {
        if (!rescued) {
          throw column.error(
              "a run of "
                  + Long.toUnsignedString(predicted)
                  + " blocks, but the header has "
                  + left);
        }
        predicted = left;
        code = TAIL;
      }
    } else {
      predicted = left;
      code = TAIL;
    }
    left -= predicted;
  }

  private void readToken() throws TraceFormatException {
    int token = column.bytes[column.at++] & 0xff;
    predicted = column.run(token);
    code = token & Codes.MASK;
    if (code == Codes.KNOWN_BLOCK) {
      code = Codes.block(column.varint());
    }
    column.checkEnd();
  }

  /** Reads what may follow the last block: that it was left midway. */
  void lastPartial(int now) throws TraceFormatException {
    if (code == UNREAD && column.hasRemaining()) {
      readToken();
    }
    if (predicted == 0 && code == Codes.PARTIAL) {
      partial(now);
    }
  }

  /** All blocks have executed. */
  void checkDone() throws TraceFormatException {
    long executed = all - left - predicted;
    if (executed != all) {
      throw memory.error("the events end after " + executed + " of " + all + " blocks");
    }
  }

  /** A column that is not rescued is used up. */
  void checkUsed() throws TraceFormatException {
    if (code >= 0 || column.hasRemaining()) {
      throw column.error(PayloadHeader.GOES_ON);
    }
  }
}
