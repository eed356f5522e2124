// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

import java.util.Arrays;

/**
 * Folds payloads of codec 1 without visiting what was predicted.
 *
 * <p>As long as a block makes the accesses that it made last time, in the same order, all that
 * happens for one execution is that its execution count goes up. Its accesses are the block's
 * <em>chain</em>: the slots that {@code first} and {@code next} lead to. What is pending for a
 * slot, namely (executions - base) accesses at its stride, is accounted when something about the
 * slot changes, or at the end. When a block does something else than its chain, it is followed
 * access by access until it ends, and its chain is made anew when it executes again. A predicted
 * loop that closes is multiplied.
 *
 * <p>The columns are gone through one after the other, some thousand events at a time, so that none
 * has to guess what the other one does next: {@link #gather} reads the memory column, then {@link
 * #skim} the control column. Physical addresses need the accesses' addresses, which user mode does
 * not compute: in system emulation it is {@link #collect}, {@link #record}, and then {@link
 * #settle}, which brings misses and slots together.
 *
 * <p>What this does not notice, other than {@link FullDecoder}: an access with a predicted physical
 * address in a page that gets its mapping only later in the payload. No encoder can write that.
 */
final class FullFolder {
  private static final int END = -1;
  private static final int NONE = -1;
  private static final int TAIL = -1; // no token is left
  private static final int UNREAD = -2; // all blocks have executed; a token may be left

  /** Predicted events in a row from which on it is worth looking for a loop. */
  private static final int LOOP = 64;

  /** In place of a memory code: as expected. */
  private static final int PREDICTED = Codes.SURPRISE;

  private static final int FEW = 1024;

  /** Most events that are looked ahead at. */
  private static final int WINDOW = 8192;

  // Block 0 stands for no block. Of each block, what is used when it executes is one long, link:
  // the successor (0: none) << 44 | the other successor << 24 | the length of the chain, plus one
  // for END, or NO_CHAIN.
  private static final int SUCCESSOR = 44;
  private static final int OTHER = 24;
  private static final int LENGTH_MASK = (1 << OTHER) - 1;
  private static final int BLOCK_MASK = (1 << SUCCESSOR - OTHER) - 1;
  private static final int NO_CHAIN = 1 << 20;

  // The rest is a row of 8 ints.
  private static final int ROW = 8;
  private static final int CHAIN = 0; // its place in the pool
  private static final int CAPACITY = 1; // ints that it may have there
  private static final int FIRST = 2;
  private static final int TOUCHED = 3; // generation in which the block was put into the list
  // 1: the slots lead back to one of them, so there cannot be a chain
  private static final int CYCLIC = 4;

  // A slot is a row of 8 ints and, in system emulation, of 4 longs.
  private static final int NEXT = 0;
  private static final int KIND = 1; // store << 3 | log2 of the size
  private static final int OWNER = 2;
  private static final int BASE = 3; // executions of the block that are accounted; user mode
  private static final int PAGE = 4; // number of the virtual page of an access before, or NONE
  private static final int STAMP = 5;
  private static final int LAST = 0;
  private static final int STRIDE = 1;
  private static final int STRIDE2 = 2;
  // Of a slot in a chain: executions of the block up to which pages have counted its accesses << 32
  // | executions up to which LAST is known. The accesses between them are all in LAST's page.
  private static final int BASES = 3;
  private static final int LONGS = 4;

  private static final int KINDS = 16;

  private final ColumnReader definitions = new ColumnReader(Column.DEFINITIONS);
  private final PaddedColumn control = new PaddedColumn(Column.CONTROL);
  private final PaddedColumn memory = new PaddedColumn(Column.MEMORY);
  private final ColumnReader physical = new ColumnReader(Column.PHYSICAL);
  private final ColumnReader syscalls = new ColumnReader(Column.SYSCALLS);
  private final Dispatched dispatched = new Dispatched();

  private PayloadHeader header;
  private boolean system;
  private boolean rescued;
  private long blocks;

  // Blocks.
  private int[] block = new int[64 * ROW];
  private long[] link = new long[64];
  private int[] timesExecuted = new int[64]; // unsigned, the current one included
  private int blockEnd; // after the last block
  private long[] vaddr = new long[64];
  private int[] instructions = new int[64];
  private int[] codeBytes = new int[64];
  private int[] codeHash = new int[64];
  private long[] undispatched = new long[64];
  private long previousVaddr;
  private int[] pool = new int[256];
  private int poolEnd;

  // Control: so many predicted blocks, then the code. Neither are counted among the blocks that are
  // left.
  private long predictedBlocks;
  private long controlCode;
  private long blocksLeft;

  // Memory.
  private int current;
  private int position; // in the chain: accesses before it have happened; not if slow
  private boolean slow; // the current block is followed access by access
  private int expected; // if slow
  private int previous; // if slow
  private int[] slot = new int[64 * ROW];
  private long[] address = new long[64 * LONGS];
  private int slots;
  private int stamp;
  private long previousMiss;
  private final byte[] missed = new byte[WINDOW]; // 1: an event ahead, a miss
  private final long[] kinds = new long[KINDS];

  // The window ahead; system emulation. Of each miss: its number's zigzag << 15 | its code << 13 |
  // its place among the events.
  private final long[] ahead = new long[WINDOW];
  private int misses;
  private final byte[] ended = new byte[WINDOW]; // 1: an event ahead, an END
  private final long[] ends = new long[WINDOW / 64]; // the same, one bit each
  private final int[] endsBefore = new int[WINDOW / 64]; // ENDs before each of these words
  // Of each block that executes, the current one first: its executions << 32 | what is to be added
  // to an event's place for its slot's place in the pool.
  private final long[] ran = new long[WINDOW + 1];
  private int executed; // blocks of them, without the first

  // Physical.
  private long predictedPhysical; // predicted accesses before the next token
  private boolean physicalPending; // there is a next token
  private TraceFormatException physicalBroken; // why it could not be read
  private final LongTable virtualPages = new LongTable();
  private long[] mapping = new long[64];
  private int[] physicalOf =
      new int[64]; // number of the physical page, NONE if the mapping is not aligned
  private final LongTable physicalPages = new LongTable();
  private long[] pageTraffic = new long[64 * 4];
  private boolean aligned; // all mappings are
  private int devices;
  private int[] nameAt = new int[16];
  private int[] nameLength = new int[16];
  private long[] deviceTraffic = new long[16 * 4];
  private int[] touched = new int[64];
  private int touchedCount;
  private int generation;

  // System calls.
  private final LongTable syscallNumbers = new LongTable();
  private long[] syscallCounts = new long[16 * 3];

  /** Checks all, then adds all but the header's sums. */
  void fold(PayloadHeader payload, BatchCounts into) throws TraceFormatException {
    start(payload);
    walk();
    account();
    foldSyscalls();
    check();
    add(into);
  }

  private void start(PayloadHeader payload) throws TraceFormatException {
    header = payload;
    header.wrapColumn(0, definitions);
    control.wrap(header, 1);
    memory.wrap(header, 2);
    header.wrapColumn(3, physical);
    header.wrapColumn(4, syscalls);
    system = header.systemEmulation();
    rescued = header.rescued();
    blocks = header.blocks();
    for (int column = 5; column < PayloadHeader.COLUMNS; column++) {
      header.requireEmpty(column);
    }
    if (!system) {
      header.requireEmpty(3);
    }
    Arrays.fill(block, 0, ROW, 0);
    link[0] = NO_CHAIN;
    timesExecuted[0] = 0;
    blockEnd = 1;
    previousVaddr = 0;
    poolEnd = 0;
    blocksLeft = blocks;
    readControl();

    current = 0;
    position = 0;
    slow = false;
    slots = 0;
    stamp = 0;
    previousMiss = 0;
    Arrays.fill(kinds, 0);
    Arrays.fill(missed, (byte) 0); // an error before may have left some
    Arrays.fill(ended, (byte) 0);

    virtualPages.clear();
    aligned = true;
    physicalPages.clear();
    devices = 0;
    touchedCount = 0;
    generation = 1;
    predictedPhysical = Long.MAX_VALUE;
    physicalPending = false;
    physicalBroken = null;
    if (system) {
      readPhysical();
    }
    syscallNumbers.clear();
  }

  /**
   * Goes through the memory column, and the control column with it.
   *
   * <p>An event is an access or an END, and there are as many ENDs as blocks, so that the number of
   * events that are left tells when the batch is over.
   */
  private void walk() throws TraceFormatException {
    // What changes with every block or token is held in local variables.
    final byte[] bytes = memory.bytes;
    final int end = memory.end;
    final byte[] controlBytes = control.bytes;
    final int controlEnd = control.end;
    final boolean physically = system;
    long[] row = link;
    int[] counts = timesExecuted;
    int at = 0;
    int now = 0; // current
    int place = 0; // position
    int chain = 0; // its length
    long left = blocks + header.accesses();
    boolean ended = false; // the current block's END was a token
    int window = WINDOW; // how far it is worth to look ahead

    while (true) {
      long resumed = -1; // what is left of the run of a token that was read
      if (!slow && !ended && (!physically || aligned && predictedPhysical >= LOOP)) {
        memory.at = at;
        int most = (int) Math.min(window, left);
        int events = physically ? collect((int) Math.min(most, predictedPhysical)) : gather(most);
        if (events != 0) {
          current = now;
          position = place;
          int rest;
          if (physically) {
            rest = record(events);
            settle(events - rest);
          } else {
            rest = skim(events);
            Arrays.fill(missed, 0, events, (byte) 0);
          }
          left -= events - rest;
          row = link;
          counts = timesExecuted;
          now = current;
          place = position;
          chain = length(row[now]) - 1;
          window = Math.min(WINDOW, 2 * window);
          if (rest != 0) {
            window = Math.max(64, window / 8);
            resumed = rewind(at, events - rest);
          }
          at = memory.at;
        }
      }
      boolean more = resumed >= 0 || at < end && (left != 0 || !rescued);
      int token = 0;
      long run;
      if (!more) {
        run = left;
      } else {
        token = bytes[at++] & 0xff;
        run = token >>> Codes.BITS;
        if (token >= Codes.LONG) {
          memory.at = at;
          run = memory.run(token);
          memory.checkEnd();
          at = memory.at;
        }
        if (resumed >= 0) {
          run = resumed;
        }
        if (run < 0 || run > left) {
          if (!rescued) {
            memory.at = at;
            throw memory.error(
                "a run of " + Long.toUnsignedString(run) + " events, but the header has " + left);
          }
          run = left;
        }
      }
      left -= run;

      // The run: accesses until the current block ends, then whole blocks, then accesses of the
      // last.
      while (true) {
        if (ended) {
          ended = false;
        } else if (slow) {
          run = follow(run);
          if (run == 0) {
            break;
          }
          run--;
        } else {
          int rest = chain - place;
          if (physically) {
            if (predictedPhysical < rest && predictedPhysical < run) {
              place += (int) predictedPhysical;
              run -= predictedPhysical + 1;
              predictedPhysical = 0;
              position = place + 1;
              current = now;
              moved(now, place);
              place++;
              continue;
            }
            predictedPhysical -= Math.min(rest, run);
          }
          if (run <= rest) {
            place += (int) run;
            break;
          }
          run -= rest + 1;
        }

        slow = false;
        int steps = 0;
        long predicted = predictedBlocks;
        while (true) {
          if (predicted != 0) {
            predicted--;
            now = successor(row[now]);
          } else {
            int from = control.at;
            long word = Bytes.i64(controlBytes, from);
            int target = now == 0 ? 0 : named(controlCode, row[now]);
            long parsed = from + 4 <= controlEnd ? Codes.shortControl(word) : Codes.WIDE;
            long run1 = parsed >>> 8 & 0xff;
            if (target != 0 && parsed != Codes.WIDE && run1 + 1 < blocksLeft) {
              setSuccessor(now, target);
              now = target;
              predicted = run1;
              blocksLeft -= run1 + 1;
              controlCode = parsed >>> 16;
              control.at = from + ((int) parsed & 0xff);
            } else {
              predictedBlocks = 0;
              now = nextByToken(now);
              predicted = predictedBlocks;
              row = link;
              counts = timesExecuted;
            }
          }
          counts[now]++;
          int length = length(row[now]);
          if (length == NO_CHAIN) {
            if (now == 0) {
              throw control.error("no successor to expect");
            }
            link(now);
            length = length(row[now]);
            if (length == NO_CHAIN) {
              slow = true;
              break;
            }
            if (physically) {
              linked(now);
            }
          }
          if (physically) {
            if (run < length || predictedPhysical < length - 1) {
              chain = length - 1;
              place = 0;
              break;
            }
            predictedPhysical -= length - 1;
          } else if (run < length) {
            chain = length - 1;
            place = 0;
            break;
          }
          run -= length;
          if (++steps == LOOP) {
            if (predicted > LOOP && run > LOOP) {
              predictedBlocks = predicted;
              current = now;
              run = multiply(run);
              predicted = predictedBlocks;
              now = current;
            }
            steps = 0;
          }
        }
        predictedBlocks = predicted;
      }

      if (!more) {
        break;
      }
      if (left == 0) {
        if (rescued) {
          break;
        }
        memory.at = at;
        throw memory.error(PayloadHeader.GOES_ON);
      }
      left--;
      int code = token & Codes.MASK;
      if (code != Codes.SURPRISE && place < chain && !slow) {
        // The most frequent misses: the chain goes on as expected.
        if (physically) {
          position = place + 1;
          current = now;
          memory.at = at;
          missed(now, place, code);
          at = memory.at;
        } else {
          // A number follows, or not after the other stride. They come as they like, so no branch.
          int length = PaddedColumn.varintLength(bytes, at);
          if (length <= 8) {
            at += length & code - Codes.OTHER_STRIDE >> 31;
          } else if (code != Codes.OTHER_STRIDE) {
            memory.at = at;
            memory.varint();
            at = memory.at;
          }
        }
        place++;
      } else {
        memory.at = at;
        current = now;
        position = place;
        ended = unusual(code);
        row = link;
        counts = timesExecuted;
        at = memory.at;
      }
      if (at > end) {
        memory.at = at;
        memory.checkEnd();
      }
    }
    memory.at = at;
    current = now;
    position = place;
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
  private int gather(int most) {
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
   * The same in system emulation, where the addresses matter.
   *
   * @param most events that may be found; no physical token is among them
   * @return events that were found, the last one a miss
   */
  private int collect(int most) {
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
   * Brings the misses that {@link #collect} found and the blocks that {@link #record} executed
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
    final int[] slots = pool;
    final long[] state = address;
    long miss = previousMiss;
    for (int m = 0; m < misses; m++) {
      long one = found[m];
      int at = (int) one & WINDOW - 1;
      if (at >= events) {
        break;
      }
      long word = words[at >> 6];
      if ((word >>> at & 1) != 0) {
        throw memory.error("a miss of the expected slot though END was expected");
      }
      long run = list[sums[at >> 6] + Long.bitCount(word & (1L << at) - 1)];
      int s = slots[(int) run + at];
      int a = s * LONGS;
      long bases = state[a + BASES];
      long pending = (run >>> 32) - 1 - bases & 0xffff_ffffL;
      long last = state[a + LAST];
      long stride = state[a + STRIDE];
      long there = last + pending * stride;
      // Codes 1 and 2 are a bit each; the number is 0 after the other stride.
      long near = -(one >>> 13 & 1);
      long swap = -(one >>> 14 & 1);
      long where =
          (there ^ (there ^ miss) & near)
              + Bytes.unzigzag(one >>> 15)
              + (state[a + STRIDE2] & swap);
      // No sum wraps while the stride is shorter than a page.
      if (((there ^ last) | (where ^ last) | (stride ^ stride >> 63)) >>> 12 != 0) {
        accountUpTo(s, (int) (run >>> 32) - 1);
        bases = state[a + BASES];
      }
      state[a + BASES] = bases >>> 32 << 32 | run >>> 32;
      state[a + LAST] = where;
      state[a + STRIDE] = where - there;
      state[a + STRIDE2] = stride;
      miss ^= (miss ^ where) & ~swap;
    }
    previousMiss = miss;
    predictedPhysical -= events - executed;
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

  /**
   * Executes blocks through events that {@link #gather} found, up to a block that has to be
   * followed access by access.
   *
   * @return how many of the events are left
   */
  private int skim(int events) throws TraceFormatException {
    final byte[] marks = missed;
    final byte[] controlBytes = control.bytes;
    final int controlEnd = control.end - 4;
    long[] row = link;
    int[] counts = timesExecuted;
    int now = current;
    long word = row[now];
    int at = now == 0 ? 0 : length(word) - 1 - position; // where END is expected
    long predicted = predictedBlocks;
    long code = controlCode;
    long remaining = blocksLeft;
    int from = control.at;
    while (true) {
      while (at < events) {
        if (marks[at] != 0) {
          throw memory.error("a miss of the expected slot though END was expected");
        }
        if (predicted != 0) {
          predicted--;
          now = successor(word);
        } else {
          int token = controlBytes[from] & 0xff;
          int run = token >>> Codes.BITS;
          int target = other(word);
          long parsed;
          // In most cases the other successor, and so it is the next time. There is none without a
          // current block, and past the column's end there is no such token.
          if ((code | token & Codes.MASK) == 0
              && target != 0
              && token < Codes.LONG
              && run + 1 < remaining) {
            row[now] = followed(word, target);
            now = target;
            predicted = run;
            remaining -= run + 1;
            from++;
          } else if (now != 0
              && (target = named(code, word)) != 0
              && from <= controlEnd
              && (parsed = Codes.shortControl(Bytes.i64(controlBytes, from))) != Codes.WIDE
              && (parsed >>> 8 & 0xff) + 1 < remaining) {
            row[now] = followed(word, target);
            now = target;
            predicted = parsed >>> 8 & 0xff;
            remaining -= predicted + 1;
            code = parsed >>> 16;
            from += (int) parsed & 0xff;
          } else {
            control.at = from;
            controlCode = code;
            blocksLeft = remaining;
            predictedBlocks = 0;
            now = nextByToken(now);
            predicted = predictedBlocks;
            from = control.at;
            code = controlCode;
            remaining = blocksLeft;
            row = link;
            counts = timesExecuted;
          }
        }
        word = row[now];
        counts[now]++;
        at += length(word);
      }
      control.at = from;
      controlCode = code;
      blocksLeft = remaining;
      predictedBlocks = predicted;
      current = now;
      if (length(word) != NO_CHAIN) {
        position = length(word) - 1 - (at - events);
        return 0;
      }
      if (now == 0) {
        throw control.error("no successor to expect");
      }
      at -= NO_CHAIN;
      link(now);
      word = row[now];
      if (length(word) == NO_CHAIN) {
        slow = true;
        position = 0;
        return events - at - 1;
      }
      at += length(word);
    }
  }

  /**
   * {@link #skim} in system emulation: lists what it executes, for {@link #settle}.
   *
   * @return how many of the events are left
   */
  private int record(int events) throws TraceFormatException {
    int at = current == 0 ? 0 : length(link[current]) - 1 - position; // where END is expected
    ran[0] =
        (long) timesExecuted[current] << 32
            | block[current * ROW + CHAIN] + position & 0xffff_ffffL;
    executed = 0;
    while (true) {
      at = recordKnown(at, events);
      int now = current;
      if (at < events) {
        now = nextByToken(now);
        current = now;
        timesExecuted[now]++;
        executed++;
        at += length(link[now]);
      }
      if (length(link[now]) == NO_CHAIN) {
        if (now == 0) {
          throw control.error("no successor to expect");
        }
        at -= NO_CHAIN;
        link(now);
        at += length(link[now]);
        if (length(link[now]) == NO_CHAIN) {
          slow = true;
          position = 0;
          return events - (at - NO_CHAIN) - 1;
        }
        linked(now);
      }
      int length = length(link[now]);
      ran[executed] =
          (long) timesExecuted[now] << 32
              | block[now * ROW + CHAIN] - (at - length) - 1 & 0xffff_ffffL;
      if (at >= events) {
        position = length - 1 - (at - events);
        return 0;
      }
    }
  }

  /**
   * Executes blocks up to the last event, a block without a chain (NO_CHAIN is added then, which is
   * more than there are events), or a control token that is not of the frequent kind.
   *
   * @param from where END is expected
   * @return where the next END is expected
   */
  private int recordKnown(int from, int events) {
    final byte[] marks = ended;
    final byte[] tokens = control.bytes;
    final int end = control.end - 4;
    final long[] row = link;
    final int[] counts = timesExecuted;
    final int[] chains = block;
    final long[] list = ran;
    int order = executed;
    int at = from;
    int now = current;
    long word = row[now];
    long predicted = predictedBlocks;
    long code = controlCode;
    long remaining = blocksLeft;
    int next = control.at;
    while (at < events) {
      marks[at] = 1;
      if (predicted != 0) {
        predicted--;
        now = successor(word);
      } else {
        int token = tokens[next] & 0xff;
        int run = token >>> Codes.BITS;
        int target = other(word);
        long parsed;
        // As in skim.
        if ((code | token & Codes.MASK) == 0
            && target != 0
            && token < Codes.LONG
            && run + 1 < remaining) {
          row[now] = followed(word, target);
          predicted = run;
          next++;
        } else if (now != 0
            && (target = named(code, word)) != 0
            && next <= end
            && (parsed = Codes.shortControl(Bytes.i64(tokens, next))) != Codes.WIDE
            && (parsed >>> 8 & 0xff) + 1 < remaining) {
          row[now] = followed(word, target);
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
      list[++order] = (long) times << 32 | chains[now * ROW + CHAIN] - at - 1 & 0xffff_ffffL;
      at += length(word);
    }
    control.at = next;
    controlCode = code;
    blocksLeft = remaining;
    predictedBlocks = predicted;
    current = now;
    executed = order;
    return at;
  }

  /**
   * Goes back to the token in which so many of the gathered events have happened.
   *
   * @param from where the first of the tokens is
   * @return what is left of the run of the token there
   */
  private int rewind(int from, int events) {
    final byte[] bytes = memory.bytes;
    int at = from;
    int sum = run(at);
    while (sum < events) {
      boolean number = (bytes[at] & Codes.MASK) != Codes.OTHER_STRIDE;
      at += isLong(at) ? 2 : 1;
      at += number ? PaddedColumn.varintLength(bytes, at) : 0;
      sum += 1 + run(at);
    }
    memory.at = at;
    return sum - events;
  }

  private boolean isLong(int token) {
    return (memory.bytes[token] & 0xff) >= Codes.LONG;
  }

  /** Returns a gathered token's run. */
  private int run(int token) {
    int run = (memory.bytes[token] & 0xff) >>> Codes.BITS;
    return isLong(token) ? run + memory.bytes[token + 1] : run;
  }

  /**
   * Executes predicted blocks as long as all is predicted. When they have come to the same block
   * again, the loop is as good as executed until one of the runs is too short.
   *
   * @param events that are predicted
   * @return how many of them are left
   */
  private long multiply(long events) {
    final long[] row = link;
    final int[] counts = timesExecuted;
    long run = events;
    long predicted = predictedBlocks;
    int now = current;
    int mark = now;
    long period = 0;
    long periodEvents = 0;
    long power = LOOP;
    while (predicted != 0) {
      int next = successor(row[now]);
      int length = length(row[next]);
      if (length == NO_CHAIN || run < length || predictedPhysical < length - 1) {
        break;
      }
      now = next;
      counts[now]++;
      if (system) {
        predictedPhysical -= length - 1;
      }
      predicted--;
      run -= length;
      period++;
      periodEvents += length;
      if (now == mark) {
        long times = Math.min(predicted / period, run / periodEvents);
        long accesses = periodEvents - period;
        if (system && accesses != 0) {
          times = Math.min(times, predictedPhysical / accesses);
        }
        if (times != 0) {
          for (long i = 0; i < period; i++) {
            now = successor(row[now]);
            counts[now] += (int) times;
          }
          predicted -= times * period;
          run -= times * periodEvents;
          if (system) {
            predictedPhysical -= times * accesses;
          }
        }
        break;
      }
      if (period == power) {
        power *= 2;
        mark = now;
        period = 0;
        periodEvents = 0;
      }
    }
    predictedBlocks = predicted;
    current = now;
    return run;
  }

  /**
   * Carries out a memory token that breaks the chain, or any when the block has none. Returns
   * whether the block ended.
   */
  private boolean unusual(int code) throws TraceFormatException {
    long surprise = code == Codes.SURPRISE ? memory.varint() : -1;
    if (surprise == Codes.FOREIGN) {
      foreign();
      return false;
    }
    if (current == 0) {
      throw memory.error("no current block, of which something is said");
    }
    if (!slow) {
      breakChain();
    }
    if (code != Codes.SURPRISE) {
      if (expected == END) {
        throw memory.error("a miss of the expected slot though END was expected");
      }
      int s = expected;
      previous = s;
      expected = slot[s * ROW + NEXT];
      miss(s, code);
    } else if (surprise == Codes.EARLY_END) {
      if (expected == END) {
        throw memory.error("END though END was expected");
      }
      setNext(END);
      return true;
    } else if (surprise == Codes.NEW_SLOT) {
      newSlot();
    } else {
      long number = surprise - Codes.SLOT_0 >>> 1;
      if (number >= slots || slot[(int) number * ROW + OWNER] != current) {
        throw memory.error(
            "index " + Long.toUnsignedString(number) + " names no slot of the current block");
      }
      int s = (int) number;
      setNext(s);
      previous = s;
      expected = slot[s * ROW + NEXT];
      miss(s, (surprise - Codes.SLOT_0 & 1) == 0 ? PREDICTED : Codes.NEW_STRIDE);
    }
    return false;
  }

  /**
   * An access of a slot that the memory token says: one of the expected slot's codes, or PREDICTED.
   */
  private void miss(int s, int code) throws TraceFormatException {
    if (!system) {
      if (code < Codes.OTHER_STRIDE) {
        memory.varint();
      }
      kinds[slot[s * ROW + KIND]]++;
      return;
    }
    int a = s * LONGS;
    long stride = address[a + STRIDE];
    if (code == Codes.OTHER_STRIDE) {
      address[a + STRIDE] = address[a + STRIDE2];
      address[a + STRIDE2] = stride;
      address[a + LAST] += address[a + STRIDE];
    } else if (code == PREDICTED) {
      address[a + LAST] += stride;
    } else {
      long last = address[a + LAST];
      long from = code == Codes.NEAR_MISS ? previousMiss : last;
      previousMiss = from + Bytes.unzigzag(memory.wideVarint());
      address[a + STRIDE2] = stride;
      address[a + STRIDE] = previousMiss - last;
      address[a + LAST] = previousMiss;
    }
    physicalAccess(address[a + LAST], s);
  }

  /** A miss of the expected slot, in its place in the chain; system emulation. */
  private void missed(int now, int place, int code) throws TraceFormatException {
    int s = pool[block[now * ROW + CHAIN] + place];
    int executions = timesExecuted[now];
    accountUpTo(s, executions - 1);
    setBase(s, executions);
    miss(s, code);
  }

  /** A predicted access, in its place in the chain, whose physical address was not predicted. */
  private void moved(int now, int place) throws TraceFormatException {
    int s = pool[block[now * ROW + CHAIN] + place];
    int executions = timesExecuted[now];
    accountUpTo(s, executions - 1);
    setBase(s, executions);
    int a = s * LONGS;
    address[a + LAST] += address[a + STRIDE];
    physicalToken(address[a + LAST], slot[s * ROW + KIND]);
  }

  private void newSlot() throws TraceFormatException {
    int s = slots;
    if (s == PayloadHeader.MAX_SLOTS) {
      throw memory.error("more than " + s + " slots");
    }
    if (s * ROW == slot.length) {
      slot = Arrays.copyOf(slot, 2 * slot.length);
      address = Arrays.copyOf(address, 2 * address.length);
    }
    int i = s * ROW;
    slot[i + KIND] = slotKind(current);
    slot[i + OWNER] = current;
    slot[i + NEXT] = END;
    slot[i + PAGE] = NONE;
    slot[i + STAMP] = 0;
    slots++;
    setNext(s);
    previous = s;
    expected = END;
    if (!system) {
      memory.varint();
      kinds[slot[i + KIND]]++;
      return;
    }
    previousMiss += Bytes.unzigzag(memory.wideVarint());
    address[s * LONGS + LAST] = previousMiss;
    address[s * LONGS + STRIDE] = 0;
    address[s * LONGS + STRIDE2] = 0;
    physicalAccess(previousMiss, s);
  }

  private void foreign() throws TraceFormatException {
    long named = memory.varint();
    if (named < 0 || named > blockEnd - 1) {
      throw memory.error(
          "a block index " + Long.toUnsignedString(named) + ", which is not defined");
    }
    int other = named == 0 ? define() : (int) named;
    int kind = slotKind(other);
    if (other == current) {
      throw memory.error("a foreign access by the current block");
    }
    long difference = Bytes.unzigzag(memory.wideVarint());
    if (!system) {
      kinds[kind]++;
      return;
    }
    previousMiss += difference;
    if (predictedPhysical == 0) {
      physicalToken(previousMiss, kind);
    } else {
      predictedPhysical--;
      ram(pageOf(previousMiss), previousMiss, kind, 1);
    }
  }

  /** Reads an instruction's index and what kind of access it makes. */
  private int slotKind(int of) throws TraceFormatException {
    long instruction = memory.varint();
    if (instruction < 0 || instruction >= instructions[of]) {
      throw memory.error(
          "an instruction's index "
              + Long.toUnsignedString(instruction)
              + " of "
              + instructions[of]);
    }
    int info = memory.bytes[memory.at++] & 0xff;
    if (!MemInfo.valid(info)) {
      throw memory.error("access information " + info);
    }
    return (MemInfo.store(info) ? 8 : 0) | MemInfo.sizeShift(info);
  }

  private void setNext(int s) {
    if (previous == NONE) {
      block[current * ROW + FIRST] = s;
    } else {
      slot[previous * ROW + NEXT] = s;
    }
    block[current * ROW + CYCLIC] = 0;
  }

  /** From now on the current block is followed access by access. */
  private void breakChain() throws TraceFormatException {
    int length = length(link[current]) - 1;
    int at = block[current * ROW + CHAIN];
    accountChain(current, position);
    previous = position == 0 ? NONE : pool[at + position - 1];
    expected = position == length ? END : pool[at + position];
    setLength(current, NO_CHAIN);
    slow = true;
  }

  /** A block without a chain executes: makes the chain, or lets it be followed access by access. */
  private void link(int now) {
    previous = NONE;
    expected = block[now * ROW + FIRST];
    if (block[now * ROW + CYCLIC] != 0) {
      return;
    }
    stamp++;
    int length = 0;
    for (int s = expected; s != END; s = slot[s * ROW + NEXT]) {
      if (slot[s * ROW + STAMP] == stamp) {
        block[now * ROW + CYCLIC] = 1;
        return;
      }
      slot[s * ROW + STAMP] = stamp;
      length++;
    }
    if (length > block[now * ROW + CAPACITY]) {
      int capacity = 2 * length;
      if (pool.length - poolEnd < capacity) {
        pool = Arrays.copyOf(pool, Math.max(2 * pool.length, poolEnd + capacity));
      }
      block[now * ROW + CHAIN] = poolEnd;
      block[now * ROW + CAPACITY] = capacity;
      poolEnd += capacity;
    }
    int at = block[now * ROW + CHAIN];
    int base = timesExecuted[now] - 1;
    for (int s = expected; s != END; s = slot[s * ROW + NEXT]) {
      pool[at++] = s;
      slot[s * ROW + BASE] = base;
    }
    setLength(now, length + 1);
  }

  /** What else there is to do in system emulation once a block has a chain. */
  private void linked(int now) {
    int at = block[now * ROW + CHAIN];
    int length = length(link[now]) - 1;
    for (int i = at; i < at + length; i++) {
      setBase(pool[i], timesExecuted[now] - 1);
    }
    if (block[now * ROW + TOUCHED] != generation) {
      touch(now);
    }
  }

  /**
   * Predicted events of a block without a chain.
   *
   * @return how many of them are left when the block ends; 0 if it does not
   */
  private long follow(long events) throws TraceFormatException {
    long run = events;
    int steps = 0;
    int patience = LOOP;
    while (run != 0 && expected != END) {
      int s = expected;
      previous = s;
      expected = slot[s * ROW + NEXT];
      run--;
      if (system) {
        int a = s * LONGS;
        address[a + LAST] += address[a + STRIDE];
        physicalAccess(address[a + LAST], s);
      } else {
        kinds[slot[s * ROW + KIND]]++;
      }
      if (++steps == patience) {
        run = multiplyAccesses(run);
        steps = 0;
        patience = Math.min(2 * patience, 1 << 20);
      }
    }
    return run;
  }

  /** If slots that are expected form a circle: goes round as often as is predicted. */
  private long multiplyAccesses(long run) throws TraceFormatException {
    long most = Math.min(run, predictedPhysical);
    long period = 0;
    int s = expected;
    do {
      if (s == END || period == most) {
        return run;
      }
      s = slot[s * ROW + NEXT];
      period++;
    } while (s != expected);
    long times = most / period;
    for (long i = 0; i < period; i++) {
      previous = s;
      advance(s, times);
      s = slot[s * ROW + NEXT];
    }
    if (system) {
      predictedPhysical -= times * period;
    }
    return run - times * period;
  }

  // Control.

  /** The next block executes, and it is not known without looking at the control column. */
  private int nextByToken(int now) throws TraceFormatException {
    if (controlCode == Codes.PARTIAL) {
      partialToken(now);
      if (predictedBlocks != 0) {
        predictedBlocks--;
        return successor(link[now]);
      }
    }
    if (blocksLeft == 0) {
      throw memory.error("an END after the last of " + blocks + " blocks");
    }
    int next;
    if (controlCode == Codes.NEXT_DEFINITION) {
      next = define();
    } else {
      next = named(controlCode, link[now]);
      if (next == 0) {
        throw control.error(Codes.message(controlCode));
      }
    }
    blocksLeft--;
    readControl();
    if (now != 0) {
      setSuccessor(now, next);
    }
    return next;
  }

  /** Returns the block that a control token names without more, or 0. */
  private int named(long code, long word) {
    if (code == Codes.OTHER_SUCCESSOR) {
      return other(word);
    }
    return code >= Codes.BLOCK_0 && code < Codes.BLOCK_0 + blockEnd - 1
        ? (int) code - Codes.BLOCK_0 + 1
        : 0;
  }

  private void partialToken(int now) throws TraceFormatException {
    if (now == 0) {
      throw control.error("a partial token before the first block");
    }
    int all = instructions[now];
    long some = control.varint();
    control.checkEnd();
    if (some < 0 || some > all) {
      throw control.error(Long.toUnsignedString(some) + " instructions of a block of " + all);
    }
    undispatched[now] += all - some;
    readControl();
    if (predictedBlocks == 0 && controlCode == Codes.PARTIAL) {
      throw control.error("a second partial token for one block");
    }
  }

  private void readControl() throws TraceFormatException {
    if (blocksLeft == 0) {
      predictedBlocks = 0;
      controlCode = UNREAD;
      return;
    }
    if (control.hasRemaining()) {
      readToken();
      if (predictedBlocks < 0 || predictedBlocks > blocksLeft) {
        if (!rescued) {
          throw control.error(
              "a run of "
                  + Long.toUnsignedString(predictedBlocks)
                  + " blocks, but the header has "
                  + blocksLeft);
        }
        predictedBlocks = blocksLeft;
        controlCode = TAIL;
      }
    } else {
      predictedBlocks = blocksLeft;
      controlCode = TAIL;
    }
    blocksLeft -= predictedBlocks;
  }

  private void readToken() throws TraceFormatException {
    int token = control.bytes[control.at++] & 0xff;
    predictedBlocks = control.run(token);
    controlCode = token & Codes.MASK;
    if (controlCode == Codes.KNOWN_BLOCK) {
      controlCode = Codes.block(control.varint());
    }
    control.checkEnd();
  }

  /** Reads what may follow the last block: that it was left midway. */
  private void readLastPartial() throws TraceFormatException {
    if (controlCode == UNREAD && control.hasRemaining()) {
      readToken();
    }
    if (predictedBlocks == 0 && controlCode == Codes.PARTIAL) {
      partialToken(current);
    }
  }

  private static int length(long word) {
    return (int) word & LENGTH_MASK;
  }

  private static int successor(long word) {
    return (int) (word >>> SUCCESSOR);
  }

  private static int other(long word) {
    return (int) (word >>> OTHER) & BLOCK_MASK;
  }

  /** Returns a block's link after a token has said that another block follows. */
  private static long followed(long word, int next) {
    return (long) next << SUCCESSOR | (long) successor(word) << OTHER | length(word);
  }

  private void setSuccessor(int of, int next) {
    link[of] = followed(link[of], next);
  }

  private void setLength(int of, int length) {
    link[of] = link[of] & ~LENGTH_MASK | length;
  }

  private int define() throws TraceFormatException {
    int index = blockEnd;
    if (index == link.length) {
      int capacity = 2 * index;
      block = Arrays.copyOf(block, capacity * ROW);
      link = Arrays.copyOf(link, capacity);
      timesExecuted = Arrays.copyOf(timesExecuted, capacity);
      vaddr = Arrays.copyOf(vaddr, capacity);
      instructions = Arrays.copyOf(instructions, capacity);
      codeBytes = Arrays.copyOf(codeBytes, capacity);
      codeHash = Arrays.copyOf(codeHash, capacity);
      undispatched = Arrays.copyOf(undispatched, capacity);
      touched = Arrays.copyOf(touched, capacity);
    }
    previousVaddr += definitions.zigzag();
    vaddr[index] = previousVaddr;
    instructions[index] = definitions.varint(PayloadHeader.MAX_BLOCK, "a block's instructions,");
    codeBytes[index] = definitions.varint(PayloadHeader.MAX_BLOCK, "a block's bytes,");
    codeHash[index] = definitions.i32();
    if (instructions[index] == 0) {
      throw definitions.error("a block without instructions");
    }
    undispatched[index] = 0;
    Arrays.fill(block, index * ROW, index * ROW + ROW, 0);
    link[index] = 1;
    timesExecuted[index] = 0;
    block[index * ROW + FIRST] = END;
    blockEnd++;
    return index;
  }

  // Accounting.

  /** Accounts what is pending for a slot up to some execution of its block. */
  private void accountUpTo(int s, int executions) throws TraceFormatException {
    if (system) {
      release(s);
    }
    int pending = executions - base(s);
    if (pending != 0) {
      setBase(s, executions);
      advance(s, pending & 0xffff_ffffL);
    }
  }

  private int base(int s) {
    return system ? (int) address[s * LONGS + BASES] : slot[s * ROW + BASE];
  }

  private void setBase(int s, int executions) {
    if (system) {
      address[s * LONGS + BASES] = (executions & 0xffff_ffffL) * 0x1_0000_0001L;
    } else {
      slot[s * ROW + BASE] = executions;
    }
  }

  /**
   * Accounts what is pending for a block's chain, of which {@code done} accesses have happened in
   * its current execution.
   */
  private void accountChain(int of, int done) throws TraceFormatException {
    int length = length(link[of]) - 1;
    int at = block[of * ROW + CHAIN];
    int executions = timesExecuted[of];
    for (int i = 0; i < length; i++) {
      accountUpTo(pool[at + i], i < done ? executions : executions - 1);
    }
  }

  /** Counts the accesses that are pending for the page of a slot's last access. */
  private void release(int s) throws TraceFormatException {
    long bases = address[s * LONGS + BASES];
    long held = bases - (bases >>> 32) & 0xffff_ffffL;
    if (held != 0) {
      ramOf(s, address[s * LONGS + LAST], held);
      setBase(s, (int) bases);
    }
  }

  /** Accounts predicted accesses of a slot. */
  private void advance(int s, long times) throws TraceFormatException {
    int kind = slot[s * ROW + KIND];
    if (!system) {
      kinds[kind] += times;
      return;
    }
    int a = s * LONGS;
    long stride = address[a + STRIDE];
    long where = address[a + LAST];
    long left = times;
    if (left > FEW && stride != 0 && (stride & (1L << 41) - 1) == 0) {
      left -= goRound(where, stride, kind, left, 1L << 64 - Long.numberOfTrailingZeros(stride));
    }
    while (left != 0) {
      where += stride;
      int page = slot[s * ROW + PAGE];
      if (page == NONE || virtualPages.first(page) != where >>> 12) {
        page = pageOf(where);
        slot[s * ROW + PAGE] = page;
      }
      long here = left == 1 ? 1 : Math.min(left, withinPage(where, stride));
      if (here != 1 && physicalOf[page] == NONE) {
        here = Math.min(here, withinPage(mapping[page] + (where & 0xfff), stride));
      }
      ram(page, where, kind, here);
      where += (here - 1) * stride;
      left -= here;
    }
    address[a + LAST] = where;
  }

  /**
   * Counts the accesses at addresses that come round to the first one, which otherwise could go on
   * for ever.
   */
  private long goRound(long from, long stride, int kind, long times, long period)
      throws TraceFormatException {
    long rounds = times / period;
    long where = from;
    for (long i = 0; rounds != 0 && i < period; i++) {
      where += stride;
      ram(pageOf(where), where, kind, rounds);
    }
    return rounds * period;
  }

  /** Returns how many accesses, the one at {@code where} included, are in the same page. */
  private static long withinPage(long where, long stride) {
    if (stride == 0) {
      return Long.MAX_VALUE;
    }
    int offset = (int) where & 0xfff;
    if (stride > 0 && stride < 4096) {
      return (0xfff - offset) / (int) stride + 1;
    }
    if (stride < 0 && stride > -4096) {
      return offset / (int) -stride + 1;
    }
    return 1;
  }

  private void physicalAccess(long where, int s) throws TraceFormatException {
    if (predictedPhysical == 0) {
      physicalToken(where, slot[s * ROW + KIND]);
      return;
    }
    predictedPhysical--;
    ramOf(s, where, 1);
  }

  /** Counts accesses of a slot to one page of RAM, like {@link #ram}. */
  private void ramOf(int s, long where, long times) throws TraceFormatException {
    int page = slot[s * ROW + PAGE];
    if (page == NONE || virtualPages.first(page) != where >>> 12) {
      page = pageOf(where);
      slot[s * ROW + PAGE] = page;
    }
    ram(page, where, slot[s * ROW + KIND], times);
  }

  private int pageOf(long where) throws TraceFormatException {
    int page = virtualPages.find(where >>> 12, 0);
    if (page < 0) {
      throw physical.error("no mapping to expect for address 0x" + Long.toHexString(where));
    }
    return page;
  }

  /**
   * Counts accesses to one page of RAM; they must be in the same physical page too if the mapping
   * is not aligned.
   */
  private void ram(int page, long where, int kind, long times) {
    int number = physicalOf[page];
    if (number == NONE) {
      number = physicalPage(mapping[page] + (where & 0xfff));
    }
    count(pageTraffic, number, kind, times);
  }

  private static void count(long[] traffic, int number, int kind, long times) {
    int at = 4 * number + (kind >>> 3);
    traffic[at] += times;
    traffic[at + 2] += times << (kind & 7);
  }

  private int physicalPage(long where) {
    int before = physicalPages.size();
    int number = physicalPages.number(where & ~0xfffL, 0);
    if (number == before) {
      if (4 * number == pageTraffic.length) {
        pageTraffic = Arrays.copyOf(pageTraffic, 2 * pageTraffic.length);
      }
      Arrays.fill(pageTraffic, 4 * number, 4 * number + 4, 0);
    }
    return number;
  }

  /** An access whose physical address is written. */
  private void physicalToken(long where, int kind) throws TraceFormatException {
    if (physicalBroken != null) {
      throw physicalBroken;
    }
    long code = physical.varint();
    if (code == 0) {
      map(where, physical.zigzag());
      ram(pageOf(where), where, kind, 1);
    } else {
      int device;
      if (code == 1) {
        device = device();
      } else if (code > 1 && code - 2 < devices) {
        device = (int) code - 2;
      } else {
        throw physical.error("code " + Long.toUnsignedString(code) + " names no device");
      }
      physical.varint();
      count(deviceTraffic, device, kind, 1);
    }
    readPhysical();
  }

  private void map(long where, long difference) throws TraceFormatException {
    int before = virtualPages.size();
    int page = virtualPages.number(where >>> 12, 0);
    long target = (where & ~0xfffL) + difference;
    if (page == before) {
      if (page == mapping.length) {
        mapping = Arrays.copyOf(mapping, 2 * page);
        physicalOf = Arrays.copyOf(physicalOf, 2 * page);
      }
    } else if (mapping[page] == target) {
      return;
    } else {
      accountTouched();
    }
    mapping[page] = target;
    physicalOf[page] = (target & 0xfff) == 0 ? physicalPage(target) : NONE;
    aligned &= physicalOf[page] != NONE; // else one virtual page may be in two physical ones
  }

  /**
   * Accounts what is pending, which was in the pages that are mapped until now. Blocks are put into
   * the list again when their chain is.
   */
  private void accountTouched() throws TraceFormatException {
    for (int i = 0; i < touchedCount; i++) {
      int of = touched[i];
      if (length(link[of]) != NO_CHAIN) {
        boolean runs = of == current && !slow;
        accountChain(of, runs ? position : Integer.MAX_VALUE);
        if (!runs) {
          setLength(of, NO_CHAIN);
        }
      }
    }
    touchedCount = 0;
    generation++;
    if (!slow && length(link[current]) != NO_CHAIN) {
      touch(current);
    }
  }

  /** Remembers that something may be pending for a block. */
  private void touch(int of) {
    block[of * ROW + TOUCHED] = generation;
    touched[touchedCount++] = of;
  }

  private int device() throws TraceFormatException {
    int device = devices;
    if (device == PayloadHeader.MAX_DEVICES) {
      throw physical.error("more than " + PayloadHeader.MAX_DEVICES + " devices");
    }
    if (device == nameAt.length) {
      nameAt = Arrays.copyOf(nameAt, 2 * device);
      nameLength = Arrays.copyOf(nameLength, 2 * device);
      deviceTraffic = Arrays.copyOf(deviceTraffic, 2 * deviceTraffic.length);
    }
    nameLength[device] = physical.varint(PayloadHeader.MAX_DEVICE_NAME, "a device name's length");
    nameAt[device] = physical.position();
    physical.skip(nameLength[device]);
    Arrays.fill(deviceTraffic, 4 * device, 4 * device + 4, 0);
    devices++;
    return device;
  }

  private void readPhysical() throws TraceFormatException {
    physicalPending = physical.hasRemaining();
    if (!physicalPending) {
      predictedPhysical = Long.MAX_VALUE;
      return;
    }
    try {
      predictedPhysical = physical.varint();
      if (predictedPhysical < 0) {
        predictedPhysical = Long.MAX_VALUE;
      }
    } catch (TraceFormatException e) {
      // It may be what a dead process wrote last, which nothing will need.
      if (!rescued) {
        throw e;
      }
      predictedPhysical = 0;
      physicalBroken = e;
    }
  }

  // The end.

  /** Accounts all that is pending. */
  private void account() throws TraceFormatException {
    for (int of = 1; of < blockEnd; of++) {
      if (length(link[of]) != NO_CHAIN) {
        accountChain(of, of == current && !slow ? position : Integer.MAX_VALUE);
      }
    }
  }

  private void foldSyscalls() throws TraceFormatException {
    long entries = 0;
    long returns = 0;
    long at = 0;
    while (syscalls.hasRemaining()
        && !(rescued && entries == header.syscalls() && returns == header.syscallReturns())) {
      long distance = syscalls.varint();
      int kind = syscalls.u8();
      long number = syscalls.zigzag();
      if (kind > 1) {
        throw syscalls.error("a record of kind " + kind);
      }
      long value = kind == 1 ? syscalls.zigzag() : 0;
      if (kind == 0 ? entries == header.syscalls() : returns == header.syscallReturns()) {
        if (rescued) {
          break;
        }
        throw syscalls.error("more system calls than the header has");
      }
      if (distance < 0 || distance > blocks - at) {
        throw syscalls.error("a system call after the last of " + blocks + " blocks");
      }
      at += distance;
      int before = syscallNumbers.size();
      int i = 3 * syscallNumbers.number(number, 0);
      if (i == 3 * before) {
        if (i + 3 > syscallCounts.length) {
          syscallCounts = Arrays.copyOf(syscallCounts, 2 * syscallCounts.length);
        }
        Arrays.fill(syscallCounts, i, i + 3, 0);
      }
      if (kind == 0) {
        entries++;
        syscallCounts[i]++;
      } else {
        returns++;
        syscallCounts[i + 1]++;
        syscallCounts[i + 2] += BatchCounts.isError(value) ? 1 : 0;
      }
    }
    header.checkSyscalls(entries, returns);
  }

  private void check() throws TraceFormatException {
    long executed = blocks - blocksLeft - predictedBlocks;
    if (executed != blocks) {
      throw memory.error("the events end after " + executed + " of " + blocks + " blocks");
    }
    if (blocks != 0 && header.blockInstructions() == 0) {
      readLastPartial();
    }
    if (!rescued) {
      PayloadHeader.requireUsed(definitions, false);
      if (controlCode >= 0 || control.hasRemaining()) {
        throw control.error(PayloadHeader.GOES_ON);
      }
      PayloadHeader.requireUsed(physical, physicalPending);
      PayloadHeader.requireUsed(syscalls, false);
    }
    dispatched.start();
    for (int index = 1; index < blockEnd; index++) {
      long executions = timesExecuted[index] & 0xffff_ffffL;
      dispatched.add(executions * instructions[index] - undispatched[index]);
    }
    dispatched.check(header, current == 0 ? 0 : instructions[current]);
  }

  private void add(BatchCounts into) {
    for (int index = 1; index < blockEnd; index++) {
      int executions = timesExecuted[index];
      if (executions != 0) {
        into.addBlock(
            vaddr[index],
            codeHash[index],
            instructions[index],
            codeBytes[index],
            executions & 0xffff_ffffL,
            undispatched[index]);
      }
    }
    if (system) {
      addPages(into);
      addDevices(into);
    } else {
      for (int kind = 0; kind < KINDS; kind++) {
        addAccesses(
            into,
            kind < 8 ? kinds[kind] : 0,
            kind < 8 ? 0 : kinds[kind],
            kind < 8 ? kinds[kind] << kind : 0,
            kind < 8 ? 0 : kinds[kind] << kind - 8);
      }
    }
    for (int i = 0; i < syscallNumbers.size(); i++) {
      into.addSyscall(
          syscallNumbers.first(i),
          syscallCounts[3 * i],
          syscallCounts[3 * i + 1],
          syscallCounts[3 * i + 2]);
    }
  }

  private void addPages(BatchCounts into) {
    for (int page = 0; page < physicalPages.size(); page++) {
      long reads = pageTraffic[4 * page];
      long writes = pageTraffic[4 * page + 1];
      if ((reads | writes) != 0) {
        long readBytes = pageTraffic[4 * page + 2];
        long writeBytes = pageTraffic[4 * page + 3];
        into.addPage(physicalPages.first(page), reads, writes, readBytes, writeBytes);
        into.addRam(reads, writes, readBytes, writeBytes);
        addAccesses(into, reads, writes, readBytes, writeBytes);
      }
    }
  }

  private void addDevices(BatchCounts into) {
    for (int device = 0; device < devices; device++) {
      long reads = deviceTraffic[4 * device];
      long writes = deviceTraffic[4 * device + 1];
      long readBytes = deviceTraffic[4 * device + 2];
      long writeBytes = deviceTraffic[4 * device + 3];
      into.addDevice(
          header.array(), nameAt[device], nameLength[device], reads, writes, readBytes, writeBytes);
      addAccesses(into, reads, writes, readBytes, writeBytes);
    }
  }

  private static void addAccesses(
      BatchCounts into, long reads, long writes, long readBytes, long writeBytes) {
    into.loads += reads;
    into.stores += writes;
    into.loadBytes += readBytes;
    into.storeBytes += writeBytes;
  }
}
