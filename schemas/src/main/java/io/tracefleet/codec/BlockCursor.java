// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

/** Delivers the blocks, which the control column says, one after the other. */
final class BlockCursor {
  private static final int NONE = Replay.NONE;

  private final Replay replay;
  private final ReplayedBlocks blocks;
  private final SyscallCursor syscalls;
  private final Dispatched dispatched;
  private final ColumnReader memory;
  private long all;
  private TokenState token;

  final ColumnReader column = new ColumnReader(Column.CONTROL);

  /** Predicted blocks before the token's code. */
  long run;

  private long code;

  /**
   * @param memory for telling where an error is
   */
  BlockCursor(
      Replay replay,
      ReplayedBlocks blocks,
      SyscallCursor syscalls,
      Dispatched dispatched,
      ColumnReader memory) {
    this.replay = replay;
    this.blocks = blocks;
    this.syscalls = syscalls;
    this.dispatched = dispatched;
    this.memory = memory;
  }

  void start(PayloadHeader header) {
    header.wrapColumn(1, column);
    all = header.blocks();
    token = TokenState.WANTED;
    run = 0;
  }

  /** The current block ends, and the next one executes. */
  void next() throws TraceFormatException {
    if (replay.executed == all) {
      throw memory.error("an END after the last of " + all + " blocks");
    }
    partial();
    syscalls.deliver();
    int current = replay.block;
    int next;
    if (token == TokenState.NO_MORE || run != 0) {
      next = current == NONE ? NONE : ReplayedBlocks.successor(blocks.links[current]);
      if (next == NONE) {
        throw column.error("no successor to expect");
      }
      if (token == TokenState.READ) {
        run--;
      }
    } else {
      next = named();
      if (current != NONE) {
        blocks.setSuccessor(current, next);
      }
    }
    replay.block = next;
    replay.executed++;
    dispatched.add(blocks.instructions[next]);
    replay.previous = NONE;
    replay.expected = ReplayedBlocks.first(blocks.links[next]);
    replay.visitor.block(next);
  }

  private int named() throws TraceFormatException {
    int current = replay.block;
    int next;
    if (code == Codes.PARTIAL) {
      throw column.error("a second partial token for one block");
    } else if (code == Codes.NEXT_DEFINITION) {
      next = blocks.define();
    } else if (code == Codes.OTHER_SUCCESSOR) {
      next = current == NONE ? NONE : blocks.otherSuccessor[current];
      if (next == NONE) {
        throw column.error("the block has no other successor");
      }
    } else {
      next = named(code, NONE);
      if (next == NONE) {
        throw column.error(
            "index " + Long.toUnsignedString(code - Codes.BLOCK_0) + " names no block");
      }
    }
    token = TokenState.WANTED;
    return next;
  }

  /** Returns the block that a control token names without more, or NONE. */
  int named(long code, int other) {
    if (code == Codes.OTHER_SUCCESSOR) {
      return other;
    }
    return code >= Codes.BLOCK_0 && code < Codes.BLOCK_0 + blocks.size
        ? (int) code - Codes.BLOCK_0
        : NONE;
  }

  /** The token's code, or NONE if it is not read. */
  long code() {
    return token == TokenState.READ ? code : NONE;
  }

  /** Stores where the column is. */
  void store(long predicted, long next, int position) {
    column.seek(position);
    run = predicted;
    code = next;
    if (token != TokenState.NO_MORE) {
      token = next < 0 ? TokenState.WANTED : TokenState.READ;
    }
  }

  /** Reads on to the next token, past one that says that the current block was left midway. */
  void partial() throws TraceFormatException {
    read();
    if (token != TokenState.READ || run != 0 || code != Codes.PARTIAL) {
      return;
    }
    int current = replay.block;
    if (current == NONE) {
      throw column.error("a partial token before the first block");
    }
    int count = column.varint(blocks.instructions[current], "instructions of a partial block,");
    dispatched.add(count - blocks.instructions[current]);
    replay.visitor.partial(current, count);
    token = TokenState.WANTED;
    read();
  }

  private void read() throws TraceFormatException {
    if (token != TokenState.WANTED) {
      return;
    }
    if (column.hasRemaining()) {
      int next = column.u8();
      run = column.run(next);
      code = next & Codes.MASK;
      if (code == Codes.KNOWN_BLOCK) {
        code = Codes.block(column.varint());
      }
      token = TokenState.READ;
    } else {
      token = TokenState.NO_MORE;
      run = Long.MAX_VALUE;
    }
  }

  /** A column that is not rescued is used up. */
  void checkUsed() throws TraceFormatException {
    read();
    PayloadHeader.requireUsed(column, token == TokenState.READ);
  }
}
