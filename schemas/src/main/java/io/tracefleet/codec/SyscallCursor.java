// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

/** Delivers the system calls, each in its place between the blocks. */
final class SyscallCursor {
  private final ColumnReader column = new ColumnReader(Column.SYSCALLS);
  private final Replay replay;
  private PayloadHeader header;
  private long block; // blocks executed before the one that is loaded, or was loaded last
  private boolean loaded;
  private boolean done;
  private int kind;
  private long number;
  private long value;
  private long entries;
  private long returns;

  /** Blocks executed before the next one. */
  long next;

  SyscallCursor(Replay replay) {
    this.replay = replay;
  }

  void start(PayloadHeader payload) {
    header = payload;
    header.wrapColumn(4, column);
    block = 0;
    loaded = false;
    done = false;
    entries = 0;
    returns = 0;
  }

  /** Delivers the system calls up to the current block's end. */
  void deliver() throws TraceFormatException {
    while (read() && block == replay.executed) {
      if (kind == 0) {
        replay.visitor.syscall(number);
      } else {
        replay.visitor.syscallReturn(number, value);
      }
      loaded = false;
    }
    next = loaded ? block : Long.MAX_VALUE;
  }

  private boolean read() throws TraceFormatException {
    if (loaded) {
      return true;
    }
    boolean rescued = header.rescued();
    if (done
        || !column.hasRemaining()
        || rescued && entries == header.syscalls() && returns == header.syscallReturns()) {
      return false;
    }
    long distance = column.varint();
    kind = column.u8();
    number = column.zigzag();
    if (kind > 1) {
      throw column.error("a record of kind " + kind);
    }
    value = kind == 1 ? column.zigzag() : 0;
    boolean entry = kind == 0;
    if (entry ? entries == header.syscalls() : returns == header.syscallReturns()) {
      if (rescued) {
        done = true;
        return false;
      }
      throw column.error("more system calls than the header has");
    }
    if (distance < 0 || distance > header.blocks() - block) {
      throw column.error("a system call after the last of " + header.blocks() + " blocks");
    }
    block += distance;
    if (entry) {
      entries++;
    } else {
      returns++;
    }
    loaded = true;
    return true;
  }

  /** A column that is not rescued is used up. */
  void checkUsed() throws TraceFormatException {
    PayloadHeader.requireUsed(column, false);
  }

  void checkCounts() throws TraceFormatException {
    header.checkSyscalls(entries, returns);
  }
}
