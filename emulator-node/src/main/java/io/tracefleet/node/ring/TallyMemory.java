// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.ring;

import io.tracefleet.node.ring.RingLayout.Header;
import io.tracefleet.node.ring.RingLayout.Tally;

/** The tally's fields: a flyweight; what the guest's process wrote is checked where it is read. */
final class TallyMemory {
  private final RingFile ring;
  private final SharedMemory memory;
  private final long base;

  TallyMemory(RingFile ring, SharedMemory memory, long base) {
    this.ring = ring;
    this.memory = memory;
    this.base = base;
  }

  int state() {
    return memory.getIntAcquire(Header.TALLY_STATE);
  }

  boolean replaceState(int expected, int state) {
    return memory.replaceInt(Header.TALLY_STATE, expected, state);
  }

  /** Index of the vCPU that is counted, or -1 if none began yet. */
  int vcpu() {
    return memory.getInt(Header.TALLY_VCPU);
  }

  long sequence() {
    return memory.getLongAcquire(Header.TALLY_SEQUENCE);
  }

  void setSequence(long sequence) {
    memory.setLongRelease(Header.TALLY_SEQUENCE, sequence);
  }

  long arrived() {
    return memory.getLongAcquire(Header.TALLY_ARRIVED);
  }

  void setArrived(long sequence) {
    memory.setLongRelease(Header.TALLY_ARRIVED, sequence);
  }

  int rest() throws RingException {
    return checked(Header.TALLY_REST, Tally.BLOCKS_MOST, "tally_rest");
  }

  int version() {
    return memory.getIntVolatile(Header.TALLY_VERSION);
  }

  int blocks() throws RingException {
    return checked(Header.TALLY_BLOCKS, Tally.BLOCKS_MOST, "tally_blocks");
  }

  int syscalls() throws RingException {
    return checked(Header.TALLY_SYSCALLS, Tally.SYSCALLS_MOST, "tally_syscalls");
  }

  private int checked(int field, int most, String name) throws RingException {
    int value = memory.getIntAcquire(field);
    if (value < 0 || value > most) {
      throw new RingException(
          "ring " + ring.path() + ": " + name + " is " + value + ", more than " + most);
    }
    return value;
  }

  private long block(int index) {
    return base + Tally.BLOCKS + (long) index * Tally.BLOCK_SIZE;
  }

  long vaddr(int block) {
    return memory.getLong(block(block));
  }

  int codeHash(int block) {
    return memory.getInt(block(block) + Tally.BLOCK_CODE_HASH);
  }

  int instructions(int block) {
    return memory.getUnsignedShort(block(block) + Tally.BLOCK_INSTRUCTIONS);
  }

  int bytes(int block) {
    return memory.getUnsignedShort(block(block) + Tally.BLOCK_BYTES);
  }

  int firstCounter(int block) throws RingException {
    return counter(block, Tally.BLOCK_FIRST);
  }

  /** One beyond the block's last counter. */
  int endCounter(int block) throws RingException {
    return firstCounter(block) + counter(block, Tally.BLOCK_COUNTERS);
  }

  private int counter(int block, int field) throws RingException {
    int value = memory.getInt(block(block) + field);
    if (value < 1 || value > Tally.COUNTERS_MOST / 2) {
      throw new RingException(
          "ring " + ring.path() + ": block " + block + " of the tally has counter " + value);
    }
    return value;
  }

  long count(int counter) {
    return memory.getLongAcquire(base + Tally.COUNTS + 8L * counter);
  }

  int weight(int counter) {
    return memory.getUnsignedShort(description(counter));
  }

  int loads(int counter) {
    return memory.getByte(description(counter) + 2);
  }

  int stores(int counter) {
    return memory.getByte(description(counter) + 3);
  }

  int loadShift(int counter) {
    return memory.getByte(description(counter) + 4) & 7;
  }

  int storeShift(int counter) {
    return memory.getByte(description(counter) + 5) & 7;
  }

  private long description(int counter) {
    return base + Tally.COUNTERS + (long) counter * Tally.COUNTER_SIZE;
  }

  long syscallNumber(int call) {
    return memory.getLong(syscall(call));
  }

  /**
   * @param what 0 entries, 1 returns, 2 errors
   */
  long syscallCount(int call, int what) {
    return memory.getLong(syscall(call) + Tally.SYSCALL_COUNTS + 8L * what);
  }

  private long syscall(int index) {
    return base + Tally.SYSCALLS + (long) index * Tally.SYSCALL_SIZE;
  }

  SentPlaces sentTotals() {
    return new SentPlaces(memory, base + Tally.SENT, Tally.SENT_SIZE);
  }

  SentPlaces sentBlock(int block) {
    return new SentPlaces(memory, block(block) + Tally.BLOCK_SENT, Tally.BLOCK_SENT_SIZE);
  }

  SentPlaces sentSyscall(int call) {
    return new SentPlaces(memory, syscall(call) + Tally.SYSCALL_SENT, Tally.SYSCALL_SENT_SIZE);
  }
}
