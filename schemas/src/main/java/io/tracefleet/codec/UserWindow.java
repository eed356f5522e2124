// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

import java.util.Arrays;

/**
 * A window of the memory column in user mode: a stretch of short runs and misses of the expected
 * slot, which is executed without looking at their addresses.
 *
 * <p>The columns are gone through one after the other, some thousand events at a time, so that none
 * has to guess what the other one does next: {@link #look} reads the memory column, then {@link
 * #execute} the control column.
 */
final class UserWindow {
  private final PaddedColumn memory;
  private final BlockTable blocks;
  private final ControlColumn control;
  private final Chains chains;
  private final Current current;
  private final byte[] missed = new byte[Window.MOST]; // 1: an event ahead, a miss

  UserWindow(
      PaddedColumn memory,
      BlockTable blocks,
      ControlColumn control,
      Chains chains,
      Current current) {
    this.memory = memory;
    this.blocks = blocks;
    this.control = control;
    this.chains = chains;
    this.current = current;
  }

  void start() {
    Arrays.fill(missed, (byte) 0); // an error before may have left some
  }

  /**
   * Looks ahead in the memory column, as far as there are only short runs and misses of the
   * expected slot. Their addresses do not matter without pages, and which slot comes next does not
   * change, so all that has to be known are the misses' places, for none may be where END is
   * expected.
   *
   * @param most events that may be found
   * @return events that were found, the last one a miss
   */
  int look(int most) {
    final byte[] bytes = memory.bytes;
    final byte[] marks = missed;
    final int stop = memory.end - 7;
    int at = memory.at;
    int events = 0;
    while (at < stop) {
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
      marks[place] = 1;
      events = place + 1;
      at = at + 1 + more + (Long.numberOfTrailingZeros(last) >>> 3);
    }
    memory.at = at;
    return events;
  }

  /**
   * Executes blocks through events that {@link #look} found, up to a block that has to be followed
   * access by access.
   *
   * @return how many of the events are left
   */
  int execute(int events) throws TraceFormatException {
    int rest = skim(events);
    Arrays.fill(missed, 0, events, (byte) 0);
    return rest;
  }

  private int skim(int events) throws TraceFormatException {
    final byte[] marks = missed;
    final byte[] controlBytes = control.column.bytes;
    final int controlEnd = control.column.end - 4;
    long[] row = blocks.links;
    int[] counts = blocks.executions;
    int now = current.block;
    long word = row[now];
    int at = now == 0 ? 0 : Link.length(word) - 1 - current.position; // where END is expected
    long predicted = control.predicted;
    long code = control.code;
    long remaining = control.left;
    int from = control.column.at;
    while (true) {
      while (at < events) {
        if (marks[at] != 0) {
          throw memory.error("a miss of the expected slot though END was expected");
        }
        if (predicted != 0) {
          predicted--;
          now = Link.successor(word);
        } else {
          int token = controlBytes[from] & 0xff;
          int run = token >>> Codes.BITS;
          int target = Link.other(word);
          long parsed;
          // In most cases the other successor, and so it is the next time. There is none without a
          // current block, and past the column's end there is no such token.
          if ((code | token & Codes.MASK) == 0
              && target != 0
              && token < Codes.LONG
              && run + 1 < remaining) {
            row[now] = Link.followed(word, target);
            now = target;
            predicted = run;
            remaining -= run + 1;
            from++;
          } else if (now != 0
              && (target = control.named(code, word)) != 0
              && from <= controlEnd
              && (parsed = Codes.shortControl(Bytes.i64(controlBytes, from))) != Codes.WIDE
              && (parsed >>> 8 & 0xff) + 1 < remaining) {
            row[now] = Link.followed(word, target);
            now = target;
            predicted = parsed >>> 8 & 0xff;
            remaining -= predicted + 1;
            code = parsed >>> 16;
            from += (int) parsed & 0xff;
          } else {
            control.column.at = from;
            control.code = code;
            control.left = remaining;
            control.predicted = 0;
            now = control.next(now);
            predicted = control.predicted;
            from = control.column.at;
            code = control.code;
            remaining = control.left;
            row = blocks.links;
            counts = blocks.executions;
          }
        }
        word = row[now];
        counts[now]++;
        at += Link.length(word);
      }
      control.column.at = from;
      control.code = code;
      control.left = remaining;
      control.predicted = predicted;
      current.block = now;
      if (Link.length(word) != Link.NO_CHAIN) {
        current.position = Link.length(word) - 1 - (at - events);
        return 0;
      }
      if (now == 0) {
        throw control.column.error("no successor to expect");
      }
      at -= Link.NO_CHAIN;
      chains.link(now);
      word = row[now];
      if (Link.length(word) == Link.NO_CHAIN) {
        current.slow = true;
        current.position = 0;
        return events - at - 1;
      }
      at += Link.length(word);
    }
  }
}
