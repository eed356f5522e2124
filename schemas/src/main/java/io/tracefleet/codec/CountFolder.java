// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

/** Folds payloads of codec 2. */
final class CountFolder {
  private static final int BLOCK = 32;
  private static final int PAGE = 48;
  private static final int SYSCALL = 32;
  private static final long MAX = 1L << 60;

  private final ColumnReader blocks = new ColumnReader(Column.BLOCKS);
  private final ColumnReader pages = new ColumnReader(Column.PAGES);
  private final ColumnReader names = new ColumnReader(Column.DEVICES);
  private final ColumnReader syscalls = new ColumnReader(Column.SYSCALLS);
  private final Dispatched dispatched = new Dispatched();
  private final int[] nameAt = new int[PayloadHeader.MAX_DEVICES];
  private final int[] nameLength = new int[PayloadHeader.MAX_DEVICES];
  private int devices;

  /** Checks all, then adds all but the header's sums. */
  void fold(PayloadHeader header, BatchCounts into) throws TraceFormatException {
    wrap(header);
    for (int column = 4; column < PayloadHeader.COLUMNS; column++) {
      header.requireEmpty(column);
    }
    if (!header.systemEmulation()) {
      header.requireEmpty(1);
      header.requireEmpty(2);
    }
    checkBlocks(header);
    long loads = 0;
    long stores = 0;
    long loadBytes = 0;
    long storeBytes = 0;
    for (int shift = 0; shift <= MemInfo.MAX_SIZE_SHIFT; shift++) {
      long load = header.count(0, shift);
      long store = header.count(1, shift);
      if (load < 0 || load > MAX || store < 0 || store > MAX) {
        throw new TraceFormatException(Column.HEADER, 192, "more than 2^60 accesses");
      }
      loads += load;
      stores += store;
      loadBytes += load << shift;
      storeBytes += store << shift;
    }
    // What a process that died between two stores counted once too often or too little.
    long slack = header.rescued() ? 1 : 0;
    if (Math.abs(loads + stores - header.accesses()) > slack) {
      throw new TraceFormatException(
          Column.HEADER,
          24,
          "accesses are " + header.accesses() + ", but those by size " + (loads + stores));
    }
    checkNames();
    checkPages(header, slack);
    checkSyscalls(header, slack);

    wrap(header);
    into.loads += loads;
    into.stores += stores;
    into.loadBytes += loadBytes;
    into.storeBytes += storeBytes;
    addBlocks(into);
    addPages(header, into);
    addSyscalls(into);
  }

  private void wrap(PayloadHeader header) {
    header.wrapColumn(0, blocks);
    header.wrapColumn(1, pages);
    header.wrapColumn(2, names);
    header.wrapColumn(3, syscalls);
  }

  private void checkBlocks(PayloadHeader header) throws TraceFormatException {
    dispatched.start();
    long executions = 0;
    while (blocks.hasRemaining()) {
      whole(blocks, BLOCK);
      blocks.skip(12);
      int instructions = blocks.u16();
      blocks.skip(2);
      long executed = count(blocks);
      long undispatched = count(blocks);
      executions = sum(blocks, executions, executed);
      if (instructions == 0
          || Math.multiplyHigh(executed, instructions) != 0
          || Long.compareUnsigned(executed * instructions, undispatched) < 0) {
        throw blocks.error(
            executed
                + " executions of "
                + instructions
                + " instructions, "
                + undispatched
                + " not dispatched");
      }
      dispatched.add(executed * instructions - undispatched);
    }
    if (Math.abs(executions - header.blocks()) > (header.rescued() ? 1 : 0)) {
      throw new TraceFormatException(
          Column.HEADER,
          16,
          "blocks are " + header.blocks() + ", but the column has " + executions);
    }
    dispatched.check(header, 0);
  }

  private void addBlocks(BatchCounts into) throws TraceFormatException {
    while (blocks.hasRemaining()) {
      long vaddr = blocks.i64();
      int hash = blocks.i32();
      int instructions = blocks.u16();
      int bytes = blocks.u16();
      into.addBlock(vaddr, hash, instructions, bytes, blocks.i64(), blocks.i64());
    }
  }

  private void checkNames() throws TraceFormatException {
    devices = 0;
    while (names.hasRemaining()) {
      if (devices == PayloadHeader.MAX_DEVICES) {
        throw names.error("more than " + PayloadHeader.MAX_DEVICES + " devices");
      }
      nameLength[devices] = names.u8();
      nameAt[devices] = names.position();
      names.skip(nameLength[devices]);
      devices++;
    }
  }

  private void checkPages(PayloadHeader header, long slack) throws TraceFormatException {
    long accesses = 0;
    while (pages.hasRemaining()) {
      whole(pages, PAGE);
      long page = pages.i64();
      int device = pages.i32();
      int zero = pages.i32();
      if (device < 0 || device > devices) {
        throw pages.error("device " + Integer.toUnsignedString(device) + " of " + devices);
      }
      if (zero != 0 || (device == 0 ? page & 0xfff : page) != 0) {
        throw pages.error("page 0x" + Long.toHexString(page) + " of device " + device);
      }
      accesses = sum(pages, accesses, count(pages));
      accesses = sum(pages, accesses, count(pages));
      long bytes = count(pages);
      sum(pages, bytes, count(pages));
    }
    if (header.systemEmulation() && Math.abs(accesses - header.accesses()) > slack) {
      throw new TraceFormatException(
          Column.HEADER,
          24,
          "accesses are " + header.accesses() + ", but those by page and device " + accesses);
    }
  }

  private void addPages(PayloadHeader header, BatchCounts into) throws TraceFormatException {
    while (pages.hasRemaining()) {
      long page = pages.i64();
      int device = pages.i32();
      pages.skip(4);
      long reads = pages.i64();
      long writes = pages.i64();
      long readBytes = pages.i64();
      long writeBytes = pages.i64();
      if (device == 0) {
        into.addRam(reads, writes, readBytes, writeBytes);
        into.addPage(page, reads, writes, readBytes, writeBytes);
      } else {
        into.addDevice(
            header.array(),
            nameAt[device - 1],
            nameLength[device - 1],
            reads,
            writes,
            readBytes,
            writeBytes);
      }
    }
  }

  private void checkSyscalls(PayloadHeader header, long slack) throws TraceFormatException {
    long entries = 0;
    long returns = 0;
    while (syscalls.hasRemaining()) {
      whole(syscalls, SYSCALL);
      syscalls.skip(8);
      entries = sum(syscalls, entries, count(syscalls));
      long returned = count(syscalls);
      returns = sum(syscalls, returns, returned);
      long errors = count(syscalls);
      if (errors > returned + slack) {
        throw syscalls.error(errors + " errors of " + returned + " returns");
      }
    }
    if (Math.abs(entries - header.syscalls()) > slack
        || Math.abs(returns - header.syscallReturns()) > slack) {
      header.checkSyscalls(entries, returns);
    }
  }

  private void addSyscalls(BatchCounts into) throws TraceFormatException {
    while (syscalls.hasRemaining()) {
      into.addSyscall(syscalls.i64(), syscalls.i64(), syscalls.i64(), syscalls.i64());
    }
  }

  private static void whole(ColumnReader column, int record) throws TraceFormatException {
    if (column.remaining() < record) {
      throw column.error("the column ends inside a record");
    }
  }

  private static long count(ColumnReader column) throws TraceFormatException {
    long value = column.i64();
    if (value < 0 || value > MAX) {
      throw column.error("a count of " + Long.toUnsignedString(value) + ", more than 2^60");
    }
    return value;
  }

  private static long sum(ColumnReader column, long a, long b) throws TraceFormatException {
    if (a + b > MAX) {
      throw column.error("counts above 2^60");
    }
    return a + b;
  }
}
