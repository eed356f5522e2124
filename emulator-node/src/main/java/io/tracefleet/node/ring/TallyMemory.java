// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.ring;

import io.tracefleet.node.ring.RingLayout.Header;
import io.tracefleet.node.ring.RingLayout.Tally;

/**
 * What one vCPU counts in line: a flyweight; what the guest's process wrote is checked where it is
 * read.
 */
final class TallyMemory {
  private final RingFile ring;
  private final SharedMemory memory;
  private final long descriptions;
  private final long counts;

  /**
   * @param descriptions where the ring tells what the counters are of
   * @param counts where this vCPU's are
   */
  TallyMemory(RingFile ring, SharedMemory memory, long descriptions, long counts) {
    this.ring = ring;
    this.memory = memory;
    this.descriptions = descriptions;
    this.counts = counts;
  }

  /** Of all vCPUs. */
  int state() {
    return memory.getIntAcquire(Header.TALLY_STATE);
  }

  boolean replaceState(int expected, int state) {
    return memory.replaceInt(Header.TALLY_STATE, expected, state);
  }

  /** Its index. */
  int vcpu() {
    return memory.getInt(counts + Tally.VCPU);
  }

  /** Of the thread that counts here. */
  int generation() {
    return memory.getIntAcquire(counts + Tally.GENERATION);
  }

  /** Whether that thread has exited: its counters do not change any more. */
  boolean hasEnded(int generation) {
    return memory.getIntAcquire(counts + Tally.ENDED) == generation + 1;
  }

  /** Whether all that the thread counted is noted as sent. The next one may count here at once. */
  boolean isSettled(int generation) {
    return memory.getIntAcquire(counts + Tally.SETTLED) == generation + 1;
  }

  void settle(int generation) {
    memory.setIntRelease(counts + Tally.SETTLED, generation + 1);
  }

  /** Of what the last batch was made of. */
  int sentGeneration() {
    return memory.getIntAcquire(counts + Tally.SENT_GENERATION);
  }

  void setSentGeneration(int generation) {
    memory.setIntRelease(counts + Tally.SENT_GENERATION, generation);
  }

  long sequence() {
    return memory.getLongAcquire(counts + Tally.SEQUENCE);
  }

  void setSequence(long sequence) {
    memory.setLongRelease(counts + Tally.SEQUENCE, sequence);
  }

  long arrived() {
    return memory.getLongAcquire(counts + Tally.ARRIVED);
  }

  void setArrived(long sequence) {
    memory.setLongRelease(counts + Tally.ARRIVED, sequence);
  }

  long idles() {
    return memory.getLongAcquire(counts + Tally.IDLES);
  }

  long resumes() {
    return memory.getLongAcquire(counts + Tally.RESUMES);
  }

  int rest() throws RingException {
    return checked(Header.TALLY_REST, Tally.BLOCKS_MOST, "tally_rest");
  }

  int version() {
    return memory.getIntVolatile(counts + Tally.VERSION);
  }

  int blocks() throws RingException {
    return checked(Header.TALLY_BLOCKS, Tally.BLOCKS_MOST, "tally_blocks");
  }

  int syscalls() throws RingException {
    return checked(counts + Tally.SYSCALL_NUMBERS, Tally.SYSCALLS_MOST, "a vCPU's syscall_numbers");
  }

  private int checked(long field, int most, String name) throws RingException {
    int value = memory.getIntAcquire(field);
    if (value < 0 || value > most) {
      throw new RingException(
          "ring " + ring.path() + ": " + name + " is " + value + ", more than " + most);
    }
    return value;
  }

  private long block(int index) {
    return descriptions + Tally.BLOCKS + (long) index * Tally.BLOCK_SIZE;
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
    return memory.getLongAcquire(counts + Tally.COUNTS + 8L * counter);
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
    return descriptions + Tally.COUNTERS + (long) counter * Tally.COUNTER_SIZE;
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
    return counts + Tally.SYSCALLS + (long) index * Tally.SYSCALL_SIZE;
  }

  SentPlaces sentTotals() {
    return new SentPlaces(memory, counts + Tally.SENT, Tally.SENT_SIZE);
  }

  SentPlaces sentBlock(int block) {
    return new SentPlaces(
        memory,
        counts + Tally.VCPU_BLOCKS + 2L * block * Tally.BLOCK_SENT_SIZE,
        Tally.BLOCK_SENT_SIZE);
  }

  SentPlaces sentSyscall(int call) {
    return new SentPlaces(memory, syscall(call) + Tally.SYSCALL_SENT, Tally.SYSCALL_SENT_SIZE);
  }
}
