// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.ring;

import io.tracefleet.node.ring.RingLayout.Header;
import io.tracefleet.node.ring.RingLayout.Slot;
import io.tracefleet.node.ring.RingLayout.Tally;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;

/** The tally of a {@link FakeRing}, counted as the plugin and QEMU count. */
final class FakeTally {
  /** Instructions that a block's start shows, and each of its markers. */
  private static final int FIRST_WEIGHT = 1;

  private static final int MARKER_WEIGHT = 2;

  private final FakeRing ring;
  private final int vcpu;
  private final ByteBuffer bytes;

  /** Where this vCPU's counts are, from the tally's start. */
  private final int counts;

  private int counters = Tally.GENERIC;

  private FakeTally(FakeRing ring, int vcpu, ByteBuffer bytes, int counts) {
    this.ring = ring;
    this.vcpu = vcpu;
    this.bytes = bytes;
    this.counts = counts;
    ring.put(FakeRing.slot(vcpu) + Slot.STATE, RingLayout.SLOT_LIVE);
    bytes.putInt(counts + Tally.VCPU, vcpu).putInt(counts + Tally.IN_USE, 1);
  }

  /** Another vCPU that counts the same blocks; it describes none. */
  FakeTally second(int other) {
    return new FakeTally(ring, other, bytes, counts + Tally.VCPU_SIZE);
  }

  static FakeTally open(FakeRing ring, int vcpu) {
    try (FileChannel file =
        FileChannel.open(ring.path(), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      long offset = (file.size() + 4095) & ~4095L;
      ByteBuffer bytes =
          file.map(FileChannel.MapMode.READ_WRITE, offset, Tally.SIZE + 2 * Tally.VCPU_SIZE);
      ring.putLong(Header.TALLY_OFFSET, offset);
      ring.put(Header.TALLY_VCPUS, 2);
      ring.put(Header.MODE, RingLayout.MODE_COUNT);
      bytes.order(ByteOrder.LITTLE_ENDIAN);
      ring.put(Header.TALLY_STATE, RingLayout.TALLY_OPEN);
      return new FakeTally(ring, vcpu, bytes, Tally.SIZE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int counter(int weight, int loads) {
    int at = Tally.COUNTERS + Tally.COUNTER_SIZE * counters;
    bytes.putShort(at, (short) weight);
    bytes.put(at + 2, (byte) loads);
    bytes.put(at + 4, (byte) 3);
    return counters++;
  }

  private void add(int counter, long count) {
    int at = counts + Tally.COUNTS + 8 * counter;
    bytes.putLong(at, bytes.getLong(at) + count);
  }

  /** A block, and its markers: loads of 8 bytes that show two instructions more each. */
  int block(long vaddr, int instructions, int markers) {
    int block = ring.get(Header.TALLY_BLOCKS);
    int at = Tally.BLOCKS + Tally.BLOCK_SIZE * block;
    bytes.putLong(at, vaddr);
    bytes.putShort(at + Tally.BLOCK_INSTRUCTIONS, (short) instructions);
    bytes.putShort(at + Tally.BLOCK_BYTES, (short) (3 * instructions));
    bytes.putInt(at + Tally.BLOCK_FIRST, counter(FIRST_WEIGHT, 0));
    for (int i = 0; i < markers; i++) {
      counter(MARKER_WEIGHT, 1);
    }
    bytes.putInt(at + Tally.BLOCK_COUNTERS, markers + 1);
    ring.put(Header.TALLY_BLOCKS, block + 1);
    return block;
  }

  private int first(int block) {
    return bytes.getInt(Tally.BLOCKS + Tally.BLOCK_SIZE * block + Tally.BLOCK_FIRST);
  }

  /** Executions to the block's end. */
  void execute(int block, long times) {
    int end =
        first(block) + bytes.getInt(Tally.BLOCKS + Tally.BLOCK_SIZE * block + Tally.BLOCK_COUNTERS);
    for (int counter = first(block); counter < end; counter++) {
      add(counter, times);
    }
  }

  /** An execution that has come as far as {@code markers}. */
  void start(int block, int markers) {
    for (int counter = first(block); counter <= first(block) + markers; counter++) {
      add(counter, 1);
    }
  }

  void syscall(int index, long number, long entries, long returns, long errors) {
    int at = counts + Tally.SYSCALLS + Tally.SYSCALL_SIZE * index;
    bytes.putLong(at, number);
    bytes.putLong(at + Tally.SYSCALL_COUNTS, entries);
    bytes.putLong(at + Tally.SYSCALL_COUNTS + 8, returns);
    bytes.putLong(at + Tally.SYSCALL_COUNTS + 16, errors);
    int numbers = counts + Tally.SYSCALL_NUMBERS;
    bytes.putInt(numbers, Math.max(index + 1, bytes.getInt(numbers)));
  }

  /** An odd one: a system call is being counted. */
  void version(int version) {
    bytes.putInt(counts + Tally.VERSION, version);
  }

  /** Times that the vCPU has gone to sleep and woken. */
  void idle(long idles, long resumes) {
    bytes.putLong(counts + Tally.IDLES, idles).putLong(counts + Tally.RESUMES, resumes);
  }

  /** What a node writes first when it notes that a batch sends executions of a block. */
  void noteSent(int block, long tag, long executions) {
    int at = counts + Tally.VCPU_BLOCKS + (2 * block + 1) * Tally.BLOCK_SENT_SIZE;
    bytes.putLong(at, tag);
    bytes.putLong(at + 8, executions);
  }

  /** The thread that counts here has exited. */
  void exit() {
    bytes.putInt(counts + Tally.ENDED, bytes.getInt(counts + Tally.GENERATION) + 1);
  }

  /** Whether the next thread may count here. */
  boolean isSettled() {
    return bytes.getInt(counts + Tally.SETTLED) == bytes.getInt(counts + Tally.GENERATION) + 1;
  }

  /** The next thread with this index. */
  void nextThread() {
    int generation = bytes.getInt(counts + Tally.GENERATION) + 1;
    bytes.putInt(counts + Tally.GENERATION, generation);
    ring.put(FakeRing.slot(vcpu) + Slot.GENERATION, generation);
  }

  /** As the plugin does before a second thread runs. */
  void close(long dispatched) {
    long sequence = bytes.getLong(counts + Tally.SEQUENCE);
    ring.put(Header.TALLY_REST, 1);
    ring.putLong(FakeRing.slot(vcpu) + Slot.EXECUTED_INSTRUCTIONS, dispatched);
    ring.putLong(FakeRing.slot(vcpu) + Slot.SEALED_INSTRUCTIONS, dispatched);
    ring.putLong(FakeRing.slot(vcpu) + Slot.SEQUENCE, sequence + 1);
    ring.put(Header.TALLY_STATE, RingLayout.TALLY_CLOSED);
  }
}
