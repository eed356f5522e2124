// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

import java.util.Arrays;

/**
 * A stretch of short runs and misses of the expected slot, which {@link FullDecoder} delivers at
 * once: {@link #look} reads the memory column, and then {@link #replay} the control column.
 */
final class ReplayWindow {
  /** Most events that are looked ahead at. */
  static final int MOST = 1024;

  private static final int NONE = Replay.NONE;
  private static final int END = Replay.END;

  // Kinds of an event ahead, as bits; 0 is predicted. Bit 0: the other stride. Bit 1: any miss. Bit
  // 2: the number is the distance from the miss before. Bit 3: there is a number.
  // A byte for each code from NEW_STRIDE to OTHER_STRIDE.
  private static final int KINDS = 0b0011 << 16 | 0b1110 << 8 | 0b1010;

  private final ColumnReader column;
  private final Replay replay;
  private final ReplayedBlocks blocks;
  private final ReplayedSlots slots;
  private final BlockCursor control;
  private final AccessCursor accesses;
  private final SyscallCursor syscalls;
  private final Dispatched dispatched;
  private boolean system;
  private final long[] numbers = new long[MOST];
  private final byte[] kinds = new byte[MOST];

  /**
   * @param column memory
   */
  ReplayWindow(
      ColumnReader column,
      Replay replay,
      ReplayedBlocks blocks,
      ReplayedSlots slots,
      BlockCursor control,
      AccessCursor accesses,
      SyscallCursor syscalls,
      Dispatched dispatched) {
    this.column = column;
    this.replay = replay;
    this.blocks = blocks;
    this.slots = slots;
    this.control = control;
    this.accesses = accesses;
    this.syscalls = syscalls;
    this.dispatched = dispatched;
  }

  void start(PayloadHeader header) {
    system = header.systemEmulation();
    Arrays.fill(numbers, 0); // an error before may have left some
    Arrays.fill(kinds, (byte) 0);
  }

  /**
   * Reads ahead in the memory column, as far as there are only short runs and misses of the
   * expected slot. Where the next miss is and of which kind are hard to guess for a processor, so
   * there is no branch on either, here or in {@link #replay}.
   *
   * @param most events that may be found
   * @return events that were found, the last one a miss
   */
  int look(int most) {
    final byte[] bytes = column.array();
    final int stop = column.position() + column.remaining() - 8;
    int at = column.position();
    int events = 0;
    while (at <= stop) {
      long word = Bytes.i64(bytes, at);
      int token = (int) word & 0xff;
      int code = token & Codes.MASK;
      // The last byte is the token itself after the other stride, or else that of the number.
      long last = ~word & Bytes.LAST_BYTES | (word & Codes.OTHER_STRIDE) << 6;
      int more = 0;
      int place = events + (token >>> Codes.BITS);
      if (token >= Codes.LONG) {
        // Rare, but not so rare that it may be left to others: a run that goes on in one more byte.
        if ((word & 0x8000) != 0) {
          break;
        }
        place += (int) (word >>> 8) & 0x7f;
        last = ~(word >>> 8 | 0x80L << 56) & Bytes.LAST_BYTES | (word & Codes.OTHER_STRIDE) << 6;
        word >>>= 8;
        more = 1;
      }
      if (code == Codes.SURPRISE || last == 0 || place >= most) {
        break;
      }
      // Nothing is left of it after the other stride.
      numbers[place] = Bytes.unzigzag(Bytes.squeeze((word & (last ^ last - 1)) >>> 8));
      kinds[place] = (byte) (KINDS >>> 8 * code);
      events = place + 1;
      at = at + 1 + more + (Long.numberOfTrailingZeros(last) >>> 3);
    }
    column.seek(at);
    return events;
  }

  /** Delivers events that {@link #look} found. */
  void replay(int events) throws TraceFormatException {
    deliver(events);
    Arrays.fill(numbers, 0, events, 0);
    Arrays.fill(kinds, 0, events, (byte) 0);
  }

  /** Delivers predicted events, of which none was looked ahead at. */
  void predicted(int events) throws TraceFormatException {
    deliver(events);
  }

  private void deliver(int events) throws TraceFormatException {
    final TraceVisitor to = replay.visitor;
    final boolean physically = system;
    final long[] slot = slots.motion;
    long miss = replay.previousMiss;
    long[] link = blocks.links;
    int[] other = blocks.otherSuccessor;
    int now = replay.block;
    int wanted = replay.expected;
    int before = replay.previous;
    long count = replay.executed;
    long predicted = control.run;
    long code = control.code();
    final byte[] bytes = control.column.array();
    int from = control.column.position();
    final int stop = from + control.column.remaining() - 8;
    long sum = 0;
    long made = 0;
    for (int i = 0; i < events; i++) {
      int kind = kinds[i];
      if (wanted != END) {
        int a = wanted * ReplayedSlots.ROW;
        long stride = slot[a + ReplayedSlots.STRIDE];
        long stride2 = slot[a + ReplayedSlots.STRIDE2];
        long last = slot[a + ReplayedSlots.LAST];
        long missed = -(kind >>> 1 & 1);
        long step =
            (stride & ~missed)
                + (stride2 & -(kind & 1))
                + (miss - last & -(kind >>> 2 & 1))
                + numbers[i];
        long address = last + step;
        long meta = slot[a + ReplayedSlots.META];
        slot[a + ReplayedSlots.LAST] = address;
        slot[a + ReplayedSlots.STRIDE] = step;
        slot[a + ReplayedSlots.STRIDE2] = stride2 ^ (stride2 ^ stride) & missed;
        miss ^= (miss ^ address) & -(kind >>> 3);
        before = wanted;
        wanted = ReplayedSlots.next(meta);
        if (physically) {
          accesses.access(
              now, before, ReplayedSlots.instruction(meta), ReplayedSlots.info(meta), address);
        } else {
          made++;
          to.access(
              now,
              ReplayedSlots.instruction(meta),
              ReplayedSlots.info(meta),
              address,
              TraceVisitor.DEVICE_NONE,
              0);
        }
        continue;
      }
      if (kind != 0) {
        throw column.error("a miss of the expected slot though END was expected");
      }
      int successor = ReplayedBlocks.successor(link[now]);
      int next = predicted != 0 ? successor : control.named(code, other[now]);
      if (next == NONE || count == syscalls.next || predicted == 0 && from > stop) {
        replay.block = now;
        replay.expected = wanted;
        replay.previous = before;
        replay.executed = count;
        control.store(predicted, code, from);
        control.next();
        link = blocks.links;
        other = blocks.otherSuccessor;
        now = replay.block;
        wanted = replay.expected;
        before = replay.previous;
        count = replay.executed;
        predicted = control.run;
        code = control.code();
        from = control.column.position();
        continue;
      }
      if (predicted != 0) {
        predicted--;
      } else {
        other[now] = successor;
        link[now] = ReplayedBlocks.followed(link[now], next);
        long parsed = Codes.shortControl(Bytes.i64(bytes, from));
        if (parsed != Codes.WIDE) {
          predicted = parsed >>> 8 & 0xff;
          code = parsed >>> 16;
          from += (int) parsed & 0xff;
        } else {
          code = NONE;
        }
      }
      long word = link[next];
      now = next;
      count++;
      sum += ReplayedBlocks.instructions(word);
      wanted = ReplayedBlocks.first(word);
      before = NONE;
      to.block(next);
    }
    replay.previousMiss = miss;
    control.store(predicted, code, from);
    dispatched.add(sum);
    replay.accessed += made;
    replay.block = now;
    replay.expected = wanted;
    replay.previous = before;
    replay.executed = count;
  }
}
