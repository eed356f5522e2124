// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.ring;

import io.tracefleet.node.ring.RingLayout.Slot;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A batch that is made of the tally's counters: a payload of codec 2, and its sums. */
final class TallyBatch {
  /** Kinds of accesses: loads and stores by log2 of their size. */
  static final int KINDS = 16;

  private static final int PAYLOAD_HEADER = Slot.PAYLOAD_END - Slot.PAYLOAD_BEGIN;
  private static final int BLOCK_RECORD = 32;
  private static final int SYSCALL_RECORD = 32;
  private static final int SYSCALL_COLUMN = 3;

  private final long sequence;
  private final int generation;
  private final long firstInstruction;
  private final ByteArrayOutputStream blockColumn = new ByteArrayOutputStream();
  private final ByteArrayOutputStream syscallColumn = new ByteArrayOutputStream();
  private final long[] accessesByKind = new long[KINDS];
  private long instructions;
  private long blocks;
  private long accesses;
  private long syscalls;
  private long syscallReturns;
  private long idles;
  private long resumes;

  /**
   * @param generation of the thread that counted
   * @param firstInstruction dispatched by the vCPU in batches before
   */
  TallyBatch(long sequence, int generation, long firstInstruction) {
    this.sequence = sequence;
    this.generation = generation;
    this.firstInstruction = firstInstruction;
  }

  void addBlock(long vaddr, int codeHash, int size, int bytes, long executions, long undispatched) {
    if (executions == 0 && undispatched == 0) {
      return;
    }
    blockColumn.writeBytes(
        record(BLOCK_RECORD)
            .putLong(vaddr)
            .putInt(codeHash)
            .putShort((short) size)
            .putShort((short) bytes)
            .putLong(executions)
            .putLong(undispatched)
            .array());
    blocks += executions;
    instructions += executions * size - undispatched;
  }

  void addAccesses(int kind, long count) {
    accessesByKind[kind] += count;
    accesses += count;
  }

  void addSyscall(long number, long entries, long returns, long errors) {
    if (entries == 0 && returns == 0 && errors == 0) {
      return;
    }
    syscallColumn.writeBytes(
        record(SYSCALL_RECORD)
            .putLong(number)
            .putLong(entries)
            .putLong(returns)
            .putLong(errors)
            .array());
    syscalls += entries;
    syscallReturns += returns;
  }

  void addIdles(long entered, long left) {
    idles += entered;
    resumes += left;
  }

  private static ByteBuffer record(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  boolean isFull() {
    return blockColumn.size() >= RingLayout.Tally.BATCH * BLOCK_RECORD;
  }

  boolean isEmpty() {
    return blockColumn.size() == 0
        && syscallColumn.size() == 0
        && accesses == 0
        && idles == 0
        && resumes == 0;
  }

  long sequence() {
    return sequence;
  }

  int generation() {
    return generation;
  }

  long firstInstruction() {
    return firstInstruction;
  }

  long instructions() {
    return instructions;
  }

  long blocks() {
    return blocks;
  }

  long accesses() {
    return accesses;
  }

  /**
   * @param flags as in a slot
   */
  byte[] payload(int flags) {
    byte[] payload = new byte[PAYLOAD_HEADER + blockColumn.size() + syscallColumn.size()];
    ByteBuffer header = ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN);
    header.putInt(at(Slot.CODEC), RingLayout.CODEC_COUNT_1);
    header.putInt(at(Slot.FLAGS), flags);
    header.putLong(at(Slot.INSTRUCTIONS), instructions);
    header.putLong(at(Slot.BLOCKS), blocks);
    header.putLong(at(Slot.ACCESSES), accesses);
    header.putLong(at(Slot.IDLES), idles);
    header.putLong(at(Slot.RESUMES), resumes);
    header.putLong(at(Slot.SYSCALLS), syscalls);
    header.putLong(at(Slot.SYSCALL_RETURNS), syscallReturns);
    header.putInt(at(Slot.COLUMN_LENGTH), blockColumn.size());
    header.putInt(at(Slot.COLUMN_LENGTH) + 4 * SYSCALL_COLUMN, syscallColumn.size());
    for (int kind = 0; kind < KINDS; kind++) {
      header.putLong(at(Slot.COUNTS) + 8 * kind, accessesByKind[kind]);
    }
    header.position(PAYLOAD_HEADER);
    header.put(blockColumn.toByteArray()).put(syscallColumn.toByteArray());
    return payload;
  }

  private static int at(int slotField) {
    return slotField - Slot.PAYLOAD_BEGIN;
  }
}
