// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

/**
 * Replays a payload of codec 1 event by event, and checks it against its header on the way.
 *
 * <p>Allocates nothing per event; tables are kept for the next payload. A hostile payload of 1 MiB
 * can stand for 2 * (2^32 - 1) events (a tight loop can legitimately predict so many), so that
 * decoding takes a minute at worst; {@link Aggregator} does not visit such events. Memory is
 * bounded by the payload's size.
 */
public final class FullDecoder {
  /** A run that is worth a look ahead of its own. */
  private static final int LONG_RUN = 16;

  private final PayloadHeader header = new PayloadHeader();
  private final ColumnReader memory = new ColumnReader(Column.MEMORY);
  private final Dispatched dispatched = new Dispatched();
  private final Replay replay = new Replay();
  private final ReplayedBlocks blocks = new ReplayedBlocks(replay);
  private final ReplayedSlots slots = new ReplayedSlots();
  private final SyscallCursor syscalls = new SyscallCursor(replay);
  private final BlockCursor control = new BlockCursor(replay, blocks, syscalls, dispatched, memory);
  private final AccessCursor accesses = new AccessCursor(replay, slots, memory);
  private final MemoryCursor cursor =
      new MemoryCursor(memory, replay, blocks, slots, control, accesses);
  private final ReplayWindow window =
      new ReplayWindow(memory, replay, blocks, slots, control, accesses, syscalls, dispatched);

  private TokenState token;
  private long run;
  private int code;

  /** Makes a decoder. */
  public FullDecoder() {}

  /**
   * Replays a payload.
   *
   * @param payload only read
   * @param offset index of its first byte
   * @param length bytes that it has
   * @param events receives the events; those before an error have been delivered when the error is
   *     thrown
   * @throws TraceFormatException if the payload is no payload of codec 1, broken, or contradicts
   *     its header
   */
  public void decode(byte[] payload, int offset, int length, TraceVisitor events)
      throws TraceFormatException {
    header.wrap(payload, offset, length);
    if (header.codec() != PayloadHeader.CODEC_FULL) {
      throw new TraceFormatException(
          Column.HEADER, 0, "codec " + header.codec() + " has no events");
    }
    start(events);
    while (replay.executed < header.blocks() || replay.accessed < header.accesses()) {
      if (token == TokenState.WANTED) {
        int room = roomAhead();
        if (room != 0) {
          int ahead = window.look(room);
          if (ahead != 0) {
            window.replay(ahead);
            continue;
          }
        }
        read();
      }
      if (token == TokenState.NO_MORE) {
        cursor.predicted();
      } else if (run >= LONG_RUN && roomAhead() != 0) {
        int some = (int) Math.min(run, roomAhead());
        window.predicted(some);
        run -= some;
      } else if (run != 0) {
        run--;
        cursor.predicted();
      } else {
        cursor.code(code);
        token = TokenState.WANTED;
      }
    }
    finish();
  }

  /** Returns how many events it is safe to look ahead at, whether they are blocks or accesses. */
  private int roomAhead() {
    long room = Math.min(header.blocks() - replay.executed, header.accesses() - replay.accessed);
    return replay.block == Replay.NONE ? 0 : (int) Math.min(room, ReplayWindow.MOST);
  }

  private void read() throws TraceFormatException {
    token = memory.hasRemaining() ? TokenState.READ : TokenState.NO_MORE;
    if (token == TokenState.READ) {
      int next = memory.u8();
      code = next & Codes.MASK;
      run = memory.run(next);
    }
  }

  private void start(TraceVisitor events) throws TraceFormatException {
    header.wrapColumn(2, memory);
    token = TokenState.WANTED;
    dispatched.start();
    replay.start(events);
    blocks.start(header);
    slots.start();
    syscalls.start(header);
    control.start(header);
    accesses.start(header);
    window.start(header);
    for (int column = 5; column < PayloadHeader.COLUMNS; column++) {
      header.requireEmpty(column);
    }
    if (!header.systemEmulation()) {
      header.requireEmpty(3);
    }
  }

  private void finish() throws TraceFormatException {
    if (header.blocks() != 0 && header.blockInstructions() == 0) {
      control.partial();
    }
    syscalls.deliver();
    if (!header.rescued()) {
      // The order is that of the columns, so that the first thing that is wrong is told.
      blocks.checkUsed();
      control.checkUsed();
      PayloadHeader.requireUsed(memory, token == TokenState.READ);
      accesses.checkUsed();
      syscalls.checkUsed();
    }
    syscalls.checkCounts();
    int last = replay.block;
    dispatched.check(header, last == Replay.NONE ? 0 : blocks.instructions[last]);
    replay.visitor = null;
  }
}
