// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

import java.util.Arrays;

/**
 * What {@link Aggregator} counted in one or several payloads of one vCPU.
 *
 * <p>Four tables, each with entries numbered from 0 in the order in which they first came up:
 * blocks, I/O devices, pages of RAM and system calls. {@code for (int i = 0; i <
 * counts.blockCount(); i++) counts.blockVaddr(i) ...} reads one without boxing. Devices and RAM are
 * counted in system emulation only. Sums wrap at 2^64.
 */
public final class BatchCounts {
  // Of each page and device.
  private static final int READS = 0;
  private static final int WRITES = 1;
  private static final int READ_BYTES = 2;
  private static final int WRITE_BYTES = 3;
  private static final int TRAFFIC = 4;

  // Written by Aggregator.
  long payloads;
  long instructions;
  long blocks;
  long accesses;
  long loads;
  long stores;
  long loadBytes;
  long storeBytes;
  long idles;
  long resumes;
  long syscalls;
  long syscallReturns;

  private final LongTable blockKeys = new LongTable(); // vaddr; hash, instructions, bytes
  private long[] executions = new long[64];
  private long[] undispatched = new long[64];

  private final long[] ram = new long[TRAFFIC];
  private final LongTable pageKeys = new LongTable();
  private long[] pageTraffic = new long[64 * TRAFFIC];

  private final LongTable syscallKeys = new LongTable();
  private long[] syscallCounts = new long[64 * 3];

  // Names stay known when counts are cleared: decoding them again would allocate.
  private final Names names = new Names();
  private final LongTable deviceKeys = new LongTable(); // number of a known name
  private long[] deviceTraffic = new long[16 * TRAFFIC];

  /** Makes an empty one. */
  public BatchCounts() {}

  /** Forgets all counts; the tables' memory is kept. */
  public void clear() {
    payloads = 0;
    instructions = 0;
    blocks = 0;
    accesses = 0;
    loads = 0;
    stores = 0;
    loadBytes = 0;
    storeBytes = 0;
    idles = 0;
    resumes = 0;
    syscalls = 0;
    syscallReturns = 0;
    blockKeys.clear();
    Arrays.fill(ram, 0);
    pageKeys.clear();
    syscallKeys.clear();
    deviceKeys.clear();
    names.trim();
  }

  /** Adds what another one counted to this one. */
  public void add(BatchCounts other) {
    payloads += other.payloads;
    instructions += other.instructions;
    blocks += other.blocks;
    accesses += other.accesses;
    loads += other.loads;
    stores += other.stores;
    loadBytes += other.loadBytes;
    storeBytes += other.storeBytes;
    idles += other.idles;
    resumes += other.resumes;
    syscalls += other.syscalls;
    syscallReturns += other.syscallReturns;
    for (int i = 0; i < other.blockCount(); i++) {
      addBlock(
          other.blockVaddr(i),
          other.blockCodeHash(i),
          other.blockInstructions(i),
          other.blockBytes(i),
          other.blockExecutions(i),
          other.blockUndispatched(i));
    }
    addRam(other.ramReads(), other.ramWrites(), other.ramReadBytes(), other.ramWriteBytes());
    for (int i = 0; i < other.pageCount(); i++) {
      addPage(
          other.pageAddress(i),
          other.pageReads(i),
          other.pageWrites(i),
          other.pageReadBytes(i),
          other.pageWriteBytes(i));
    }
    for (int i = 0; i < other.deviceCount(); i++) {
      byte[] name = other.names.bytes((int) other.deviceKeys.first(i));
      addDevice(
          name,
          0,
          name.length,
          other.deviceReads(i),
          other.deviceWrites(i),
          other.deviceReadBytes(i),
          other.deviceWriteBytes(i));
    }
    for (int i = 0; i < other.syscallCount(); i++) {
      addSyscall(
          other.syscallNumber(i),
          other.syscallEntries(i),
          other.syscallReturns(i),
          other.syscallErrors(i));
    }
  }

  /** Returns the payloads folded in. */
  public long payloads() {
    return payloads;
  }

  /** Returns the instructions dispatched. */
  public long instructions() {
    return instructions;
  }

  /** Returns the blocks dispatched. */
  public long blocks() {
    return blocks;
  }

  /** Returns the memory accesses. */
  public long accesses() {
    return accesses;
  }

  /** Returns the accesses that read. */
  public long loads() {
    return loads;
  }

  /** Returns the accesses that wrote. */
  public long stores() {
    return stores;
  }

  /** Returns the bytes read. */
  public long loadBytes() {
    return loadBytes;
  }

  /** Returns the bytes written. */
  public long storeBytes() {
    return storeBytes;
  }

  /** Returns how often the vCPU went idle. */
  public long idles() {
    return idles;
  }

  /** Returns how often it resumed. */
  public long resumes() {
    return resumes;
  }

  /** Returns the system calls entered. */
  public long syscalls() {
    return syscalls;
  }

  /** Returns the system calls returned from. */
  public long syscallReturns() {
    return syscallReturns;
  }

  /** Returns the number of distinct blocks (by address, code hash, instructions and bytes). */
  public int blockCount() {
    return blockKeys.size();
  }

  /** Returns the guest virtual address of block {@code i}. */
  public long blockVaddr(int i) {
    return blockKeys.first(i);
  }

  /** Returns the FNV-1a 32 of the code of block {@code i}. */
  public int blockCodeHash(int i) {
    return (int) (blockKeys.second(i) >>> 32);
  }

  /** Returns the instructions that block {@code i} has. */
  public int blockInstructions(int i) {
    return (int) blockKeys.second(i) >>> 16;
  }

  /** Returns the code bytes that block {@code i} has. */
  public int blockBytes(int i) {
    return (int) blockKeys.second(i) & 0xffff;
  }

  /** Returns how often block {@code i} was dispatched. */
  public long blockExecutions(int i) {
    return executions[i];
  }

  /**
   * Returns the instructions of block {@code i} that were not dispatched because it was left
   * midway. The rest of a block that still ran when its batch ended is not in it.
   */
  public long blockUndispatched(int i) {
    return undispatched[i];
  }

  /** Returns the reads from RAM; 0 in user mode. */
  public long ramReads() {
    return ram[READS];
  }

  /** Returns the writes to RAM; 0 in user mode. */
  public long ramWrites() {
    return ram[WRITES];
  }

  /** Returns the bytes read from RAM; 0 in user mode. */
  public long ramReadBytes() {
    return ram[READ_BYTES];
  }

  /** Returns the bytes written to RAM; 0 in user mode. */
  public long ramWriteBytes() {
    return ram[WRITE_BYTES];
  }

  /** Returns the number of distinct I/O devices (by name). */
  public int deviceCount() {
    return deviceKeys.size();
  }

  /** Returns QEMU's name of device {@code i}. */
  public String deviceName(int i) {
    return names.string((int) deviceKeys.first(i));
  }

  /** Returns the reads from device {@code i}. */
  public long deviceReads(int i) {
    return deviceTraffic[i * TRAFFIC + READS];
  }

  /** Returns the writes to device {@code i}. */
  public long deviceWrites(int i) {
    return deviceTraffic[i * TRAFFIC + WRITES];
  }

  /** Returns the bytes read from device {@code i}. */
  public long deviceReadBytes(int i) {
    return deviceTraffic[i * TRAFFIC + READ_BYTES];
  }

  /** Returns the bytes written to device {@code i}. */
  public long deviceWriteBytes(int i) {
    return deviceTraffic[i * TRAFFIC + WRITE_BYTES];
  }

  /** Returns the number of distinct pages of RAM. */
  public int pageCount() {
    return pageKeys.size();
  }

  /** Returns the physical address of page {@code i}, low 12 bits zero. */
  public long pageAddress(int i) {
    return pageKeys.first(i);
  }

  /** Returns the reads from page {@code i}. */
  public long pageReads(int i) {
    return pageTraffic[i * TRAFFIC + READS];
  }

  /** Returns the writes to page {@code i}. */
  public long pageWrites(int i) {
    return pageTraffic[i * TRAFFIC + WRITES];
  }

  /** Returns the bytes read from page {@code i}. */
  public long pageReadBytes(int i) {
    return pageTraffic[i * TRAFFIC + READ_BYTES];
  }

  /** Returns the bytes written to page {@code i}. */
  public long pageWriteBytes(int i) {
    return pageTraffic[i * TRAFFIC + WRITE_BYTES];
  }

  /** Returns the number of distinct system call numbers. */
  public int syscallCount() {
    return syscallKeys.size();
  }

  /** Returns the number of system call {@code i}. */
  public long syscallNumber(int i) {
    return syscallKeys.first(i);
  }

  /** Returns how often system call {@code i} was entered. */
  public long syscallEntries(int i) {
    return syscallCounts[3 * i];
  }

  /** Returns how often system call {@code i} returned. */
  public long syscallReturns(int i) {
    return syscallCounts[3 * i + 1];
  }

  /**
   * Returns how often system call {@code i} returned an error: -4095 to -1, without -512 (QEMU will
   * issue it again) and -513 (return from a signal handler).
   */
  public long syscallErrors(int i) {
    return syscallCounts[3 * i + 2];
  }

  /** Returns whether a system call's return value is counted as an error. */
  static boolean isError(long value) {
    return value >= -4095 && value <= -1 && value != -512 && value != -513;
  }

  void addBlock(
      long vaddr, int codeHash, int instructions, int bytes, long executed, long notDispatched) {
    long shape = (long) codeHash << 32 | (long) instructions << 16 | bytes;
    int before = blockKeys.size();
    int i = blockKeys.number(vaddr, shape);
    executions = room(executions, i == before, i, 1);
    undispatched = room(undispatched, i == before, i, 1);
    executions[i] += executed;
    undispatched[i] += notDispatched;
  }

  void addRam(long reads, long writes, long readBytes, long writeBytes) {
    ram[READS] += reads;
    ram[WRITES] += writes;
    ram[READ_BYTES] += readBytes;
    ram[WRITE_BYTES] += writeBytes;
  }

  void addPage(long address, long reads, long writes, long readBytes, long writeBytes) {
    int before = pageKeys.size();
    int i = pageKeys.number(address, 0);
    pageTraffic = room(pageTraffic, i == before, i, TRAFFIC);
    addTraffic(pageTraffic, i, reads, writes, readBytes, writeBytes);
  }

  /** Counts accesses to the device whose name these bytes are. */
  void addDevice(
      byte[] bytes,
      int offset,
      int length,
      long reads,
      long writes,
      long readBytes,
      long writeBytes) {
    int before = deviceKeys.size();
    int i = deviceKeys.number(names.number(bytes, offset, length), 0);
    deviceTraffic = room(deviceTraffic, i == before, i, TRAFFIC);
    addTraffic(deviceTraffic, i, reads, writes, readBytes, writeBytes);
  }

  void addSyscall(long number, long entries, long returns, long errors) {
    int before = syscallKeys.size();
    int i = syscallKeys.number(number, 0);
    syscallCounts = room(syscallCounts, i == before, i, 3);
    syscallCounts[3 * i] += entries;
    syscallCounts[3 * i + 1] += returns;
    syscallCounts[3 * i + 2] += errors;
  }

  /**
   * Returns an array with zeros for entry {@code i} if it is new: arrays keep the counts of before
   * {@link #clear}.
   */
  private static long[] room(long[] counts, boolean isNew, int i, int each) {
    if (!isNew) {
      return counts;
    }
    long[] all = (i + 1) * each > counts.length ? Arrays.copyOf(counts, 2 * counts.length) : counts;
    Arrays.fill(all, i * each, (i + 1) * each, 0);
    return all;
  }

  private static void addTraffic(
      long[] traffic, int i, long reads, long writes, long readBytes, long writeBytes) {
    traffic[i * TRAFFIC + READS] += reads;
    traffic[i * TRAFFIC + WRITES] += writes;
    traffic[i * TRAFFIC + READ_BYTES] += readBytes;
    traffic[i * TRAFFIC + WRITE_BYTES] += writeBytes;
  }
}
