// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

/**
 * Folds payloads of codec 1 without visiting what was predicted.
 *
 * <p>As long as a block makes the accesses that it made last time, in the same order, all that
 * happens for one execution is that its execution count goes up. Its accesses are the block's
 * <em>chain</em>, and what is pending for a slot of it is accounted when something about the slot
 * changes, or at the end ({@link Chains}). When a block does something else than its chain, it is
 * followed access by access until it ends ({@link SlowBlock}, {@link MemoryTokens}), and its chain
 * is made anew when it executes again. A predicted loop that closes is multiplied ({@link
 * PredictedLoop}). Stretches of short runs are gone through in windows ({@link UserWindow}, {@link
 * SystemWindow}).
 *
 * <p>What this does not notice, other than {@link FullDecoder}: an access with a predicted physical
 * address in a page that gets its mapping only later in the payload. No encoder can write that.
 */
final class FullFolder {
  private final PaddedColumn memory = new PaddedColumn(Column.MEMORY);
  private final ColumnReader physicalReader = new ColumnReader(Column.PHYSICAL);
  private final Current current = new Current();
  private final BlockTable blocks = new BlockTable();
  private final SlotTable slots = new SlotTable();
  private final PageTable pages = new PageTable(physicalReader);
  private final DeviceTable devices = new DeviceTable(physicalReader);
  private final SlotAccounts accounts = new SlotAccounts(slots, pages);
  private final Chains chains = new Chains(blocks, slots, accounts, current);
  private final ControlColumn control = new ControlColumn(blocks, memory);
  private final PhysicalColumn physical =
      new PhysicalColumn(physicalReader, pages, devices, chains);
  private final MemoryTokens tokens =
      new MemoryTokens(memory, blocks, slots, accounts, pages, chains, physical, current);
  private final SlowBlock slowBlock = new SlowBlock(slots, accounts, tokens, physical, current);
  private final PredictedLoop loop = new PredictedLoop(blocks, control, physical, current);
  private final PredictedRun predictedRun =
      new PredictedRun(blocks, control, chains, physical, tokens, slowBlock, loop, current);
  private final UserWindow userWindow = new UserWindow(memory, blocks, control, chains, current);
  private final SystemWindow systemWindow =
      new SystemWindow(memory, blocks, slots, control, chains, accounts, tokens, physical, current);
  private final SyscallFolder syscalls = new SyscallFolder();
  private final Dispatched dispatched = new Dispatched();

  private PayloadHeader header;
  private boolean system;
  private boolean rescued;

  /** Checks all, then adds all but the header's sums. */
  void fold(PayloadHeader payload, BatchCounts into) throws TraceFormatException {
    start(payload);
    walk();
    chains.accountAll();
    syscalls.fold(header);
    check();
    add(into);
  }

  private void start(PayloadHeader payload) throws TraceFormatException {
    header = payload;
    system = header.systemEmulation();
    rescued = header.rescued();
    memory.wrap(header, 2);
    for (int column = 5; column < PayloadHeader.COLUMNS; column++) {
      header.requireEmpty(column);
    }
    if (!system) {
      header.requireEmpty(3);
    }
    current.start();
    blocks.start(header);
    slots.start(header);
    pages.start();
    devices.start();
    accounts.start(header);
    chains.start();
    control.start(header);
    physical.start(header);
    tokens.start(header);
    slowBlock.start(header);
    loop.start(header);
    predictedRun.start(header);
    userWindow.start();
    systemWindow.start();
    syscalls.start(header);
  }

  /**
   * Goes through the memory column, and the control column with it.
   *
   * <p>An event is an access or an END, and there are as many ENDs as blocks, so that the number of
   * events that are left tells when the batch is over.
   */
  private void walk() throws TraceFormatException {
    final byte[] bytes = memory.bytes;
    final int end = memory.end;
    final boolean physically = system;
    int at = 0;
    long left = header.blocks() + header.accesses();
    boolean ended = false; // the current block's END was a token
    int window = Window.MOST; // how far it is worth to look ahead

    while (true) {
      long resumed = -1; // what is left of the run of a token that was read
      if (!current.slow
          && !ended
          && (!physically || pages.aligned && physical.predicted >= PredictedRun.LOOP)) {
        memory.at = at;
        int most = (int) Math.min(window, left);
        int events =
            physically
                ? systemWindow.look((int) Math.min(most, physical.predicted))
                : userWindow.look(most);
        if (events != 0) {
          int rest = physically ? systemWindow.execute(events) : userWindow.execute(events);
          left -= events - rest;
          window = Math.min(Window.MOST, 2 * window);
          if (rest != 0) {
            window = Math.max(64, window / 8);
            resumed = Window.rewind(memory, at, events - rest);
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

      predictedRun.execute(run, ended);
      ended = false;
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
      if (code != Codes.SURPRISE
          && !current.slow
          && current.position < blocks.chain(current.block)) {
        // The most frequent misses: the chain goes on as expected.
        if (physically) {
          memory.at = at;
          tokens.missed(code);
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
          current.position++;
        }
      } else {
        memory.at = at;
        ended = tokens.unusual(code);
        at = memory.at;
      }
      if (at > end) {
        memory.at = at;
        memory.checkEnd();
      }
    }
    memory.at = at;
  }

  private void check() throws TraceFormatException {
    control.checkDone();
    if (header.blocks() != 0 && header.blockInstructions() == 0) {
      control.lastPartial(current.block);
    }
    if (!rescued) {
      blocks.checkUsed();
      control.checkUsed();
      physical.checkUsed();
      syscalls.checkUsed();
    }
    dispatched.start();
    blocks.addTo(dispatched);
    dispatched.check(header, current.block == 0 ? 0 : blocks.instructions[current.block]);
  }

  private void add(BatchCounts into) {
    blocks.addTo(into);
    if (system) {
      pages.addTo(into);
      devices.addTo(into);
    } else {
      accounts.addTo(into);
    }
    syscalls.addTo(into);
  }
}
