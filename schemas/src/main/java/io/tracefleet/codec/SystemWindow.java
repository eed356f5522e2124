// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

import java.util.Arrays;

/**
 * A window of the memory column in system emulation, where pages need the accesses' addresses: a
 * stretch of short runs and misses of the expected slot, without a physical token.
 *
 * <p>{@link #look} reads the memory column, {@link #record} the control column, and {@link #settle}
 * brings misses and slots together.
 */
final class SystemWindow {
  private final PaddedColumn memory;
  private final BlockTable blocks;
  private final SlotTable slots;
  private final ControlColumn control;
  private final Chains chains;
  private final SlotAccounts accounts;
  private final MemoryTokens tokens;
  private final PhysicalColumn physical;
  private final Current current;

  // Of each miss: its number's zigzag << 15 | its code << 13 | its place among the events.
  private final long[] ahead = new long[Window.MOST];
  private int misses;
  private final byte[] ended = new byte[Window.MOST]; // 1: an event ahead, an END
  private final long[] ends = new long[Window.MOST / 64]; // the same, one bit each
  private final int[] endsBefore = new int[Window.MOST / 64]; // ENDs before each of these words

  // Of each block that executes, the current one first: its executions << 32 | what is to be added
  // to an event's place for its slot's place in the pool.
  private final long[] ran = new long[Window.MOST + 1];
  private int executed; // blocks of them, without the first

  SystemWindow(
      PaddedColumn memory,
      BlockTable blocks,
      SlotTable slots,
      ControlColumn control,
      Chains chains,
      SlotAccounts accounts,
      MemoryTokens tokens,
      PhysicalColumn physical,
      Current current) {
    this.memory = memory;
    this.blocks = blocks;
    this.slots = slots;
    this.control = control;
    this.chains = chains;
    this.accounts = accounts;
    this.tokens = tokens;
    this.physical = physical;
    this.current = current;
  }

  void start() {
    Arrays.fill(ended, (byte) 0); // an error before may have left some
  }

  /**
   * Looks ahead in the memory column, as far as there are only short runs and misses of the
   * expected slot.
   *
   * @param most events that may be found; no physical token is among them
   * @return events that were found, the last one a miss
   */
  int look(int most) {
    final byte[] bytes = memory.bytes;
    final long[] found = ahead;
    final int stop = memory.end - 7;
    int at = memory.at;
    int events = 0;
    int n = 0;
    while (at < stop) {
      long word = Bytes.i64(bytes, at);
      int token = (int) word & 0xff;
      long code = token & Codes.MASK;
      int place = events + (token >>> Codes.BITS);
      int more = 0;
      if (token >= Codes.LONG) {
        if ((word & 0x8000) != 0) {
          break;
        }
        // The rest as if the token had one byte; no number ends in the byte that is missing.
        place += (int) (word >>> 8) & 0x7f;
        word = word >>> 8 & ~0xffL | 0x80L << 56 | token;
        more = 1;
      }
      // The last byte is the token itself after the other stride, or else that of the number.
      long last = ~word & Bytes.LAST_BYTES | (code & Codes.OTHER_STRIDE) << 6;
      if (code == Codes.SURPRISE || last == 0 || place >= most) {
        break;
      }
      found[n++] = Bytes.squeeze((word & (last ^ last - 1)) >>> 8) << 15 | code << 13 | place;
      events = place + 1;
      at += 1 + more + (Long.numberOfTrailingZeros(last) >>> 3);
    }
    memory.at = at;
    misses = n;
    return events;
  }

  /**
   * Executes blocks through events that {@link #look} found, up to a block that has to be followed
   * access by access.
   *
   * @return how many of the events are left
   */
  int execute(int events) throws TraceFormatException {
    int rest = record(events);
    settle(events - rest);
    return rest;
  }

  /**
   * Executes blocks through events that {@link #look} found, up to a block that has to be followed
   * access by access, and lists them for {@link #settle}.
   *
   * @return how many of the events are left
   */
  private int record(int events) throws TraceFormatException {
    int at =
        current.block == 0
            ? 0
            : Link.length(blocks.links[current.block])
                - 1
                - current.position; // where END is expected
    ran[0] =
        (long) blocks.executions[current.block] << 32
            | chains.at(current.block) + current.position & 0xffff_ffffL;
    executed = 0;
    while (true) {
      at = recordKnown(at, events);
      int now = current.block;
      if (at < events) {
        now = control.next(now);
        current.block = now;
        blocks.executions[now]++;
        executed++;
        at += Link.length(blocks.links[now]);
      }
      if (Link.length(blocks.links[now]) == Link.NO_CHAIN) {
        if (now == 0) {
          throw control.column.error("no successor to expect");
        }
        at -= Link.NO_CHAIN;
        chains.link(now);
        at += Link.length(blocks.links[now]);
        if (Link.length(blocks.links[now]) == Link.NO_CHAIN) {
          current.slow = true;
          current.position = 0;
          return events - (at - Link.NO_CHAIN) - 1;
        }
        chains.linked(now);
      }
      int length = Link.length(blocks.links[now]);
      ran[executed] =
          (long) blocks.executions[now] << 32 | chains.at(now) - (at - length) - 1 & 0xffff_ffffL;
      if (at >= events) {
        current.position = length - 1 - (at - events);
        return 0;
      }
    }
  }

  /**
   * Executes blocks up to the last event, a block without a chain (Link.NO_CHAIN is added then,
   * which is more than there are events), or a control token that is not of the frequent kind.
   *
   * @param from where END is expected
   * @return where the next END is expected
   */
  private int recordKnown(int from, int events) {
    final byte[] marks = ended;
    final byte[] tokens = control.column.bytes;
    final int end = control.column.end - 4;
    final long[] row = blocks.links;
    final int[] counts = blocks.executions;
    final int[] rows = blocks.rows;
    final long[] list = ran;
    int order = executed;
    int at = from;
    int now = current.block;
    long word = row[now];
    long predicted = control.predicted;
    long code = control.code;
    long remaining = control.left;
    int next = control.column.at;
    while (at < events) {
      marks[at] = 1;
      if (predicted != 0) {
        predicted--;
        now = Link.successor(word);
      } else {
        int token = tokens[next] & 0xff;
        int run = token >>> Codes.BITS;
        int target = Link.other(word);
        long parsed;
        // As in UserWindow.
        if ((code | token & Codes.MASK) == 0
            && target != 0
            && token < Codes.LONG
            && run + 1 < remaining) {
          row[now] = Link.followed(word, target);
          predicted = run;
          next++;
        } else if (now != 0
            && (target = control.named(code, word)) != 0
            && next <= end
            && (parsed = Codes.shortControl(Bytes.i64(tokens, next))) != Codes.WIDE
            && (parsed >>> 8 & 0xff) + 1 < remaining) {
          row[now] = Link.followed(word, target);
          predicted = parsed >>> 8 & 0xff;
          code = parsed >>> 16;
          next += (int) parsed & 0xff;
        } else {
          break;
        }
        now = target;
        remaining -= predicted + 1;
      }
      word = row[now];
      int times = ++counts[now];
      list[++order] =
          (long) times << 32
              | rows[now * BlockTable.ROW + BlockTable.CHAIN] - at - 1 & 0xffff_ffffL;
      at += Link.length(word);
    }
    control.column.at = next;
    control.code = code;
    control.left = remaining;
    control.predicted = predicted;
    current.block = now;
    executed = order;
    return at;
  }

  /**
   * Brings the misses that {@link #look} found and the blocks that {@link #record} executed
   * together. Which block made a miss is told by the number of ENDs before it, which no branch has
   * to guess. A slot's page counts only when the slot leaves the page.
   *
   * @param events that have happened
   */
  private void settle(int events) throws TraceFormatException {
    numberEnds(events);
    final long[] found = ahead;
    final long[] words = ends;
    final int[] sums = endsBefore;
    final long[] list = ran;
    final int[] pool = chains.pool;
    final long[] state = slots.motion;
    long miss = tokens.previousMiss;
    for (int m = 0; m < misses; m++) {
      long one = found[m];
      int at = (int) one & Window.MOST - 1;
      if (at >= events) {
        break;
      }
      long word = words[at >> 6];
      if ((word >>> at & 1) != 0) {
        throw memory.error("a miss of the expected slot though END was expected");
      }
      long run = list[sums[at >> 6] + Long.bitCount(word & (1L << at) - 1)];
      int s = pool[(int) run + at];
      int a = s * SlotTable.LONGS;
      long bases = state[a + SlotTable.BASES];
      long pending = (run >>> 32) - 1 - bases & 0xffff_ffffL;
      long last = state[a + SlotTable.LAST];
      long stride = state[a + SlotTable.STRIDE];
      long there = last + pending * stride;
      // Codes 1 and 2 are a bit each; the number is 0 after the other stride.
      long near = -(one >>> 13 & 1);
      long swap = -(one >>> 14 & 1);
      long where =
          (there ^ (there ^ miss) & near)
              + Bytes.unzigzag(one >>> 15)
              + (state[a + SlotTable.STRIDE2] & swap);
      // No sum wraps while the stride is shorter than a page.
      if (((there ^ last) | (where ^ last) | (stride ^ stride >> 63)) >>> 12 != 0) {
        accounts.upTo(s, (int) (run >>> 32) - 1);
        bases = state[a + SlotTable.BASES];
      }
      state[a + SlotTable.BASES] = bases >>> 32 << 32 | run >>> 32;
      state[a + SlotTable.LAST] = where;
      state[a + SlotTable.STRIDE] = where - there;
      state[a + SlotTable.STRIDE2] = stride;
      miss ^= (miss ^ where) & ~swap;
    }
    tokens.previousMiss = miss;
    physical.predicted -= events - executed;
  }

  /** Packs the marks of ENDs into bits, and clears them. */
  private void numberEnds(int events) {
    final byte[] marks = ended;
    int sum = 0;
    for (int i = 0; i <= events - 1 >> 6; i++) {
      long bits = 0;
      for (int k = 0; k < 64; k += 8) {
        // The lowest bits of eight bytes, moved next to each other.
        bits |= (Bytes.i64(marks, 64 * i + k) * 0x0102_0408_1020_4080L >>> 56) << k;
      }
      ends[i] = bits;
      endsBefore[i] = sum;
      sum += Long.bitCount(bits);
    }
    Arrays.fill(marks, 0, events, (byte) 0);
  }
}
