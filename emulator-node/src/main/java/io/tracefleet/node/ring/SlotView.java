// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.ring;

import io.tracefleet.node.ring.RingLayout.Slot;

/** A slot, or a buffer's snapshot of one: a flyweight, nothing is copied. */
final class SlotView {
  private final SharedMemory memory;
  private final long base;

  SlotView(SharedMemory memory, long base) {
    this.memory = memory;
    this.base = base;
  }

  int state() {
    return memory.getIntAcquire(base + Slot.STATE);
  }

  /** The OPEN buffer or NO_BUFFER. */
  int buffer() {
    return memory.getIntAcquire(base + Slot.BUFFER);
  }

  int vcpu() {
    return memory.getInt(base + Slot.VCPU);
  }

  int generation() {
    return memory.getInt(base + Slot.GENERATION);
  }

  long sequence() {
    return memory.getLongAcquire(base + Slot.SEQUENCE);
  }

  long openedMicros() {
    return memory.getLong(base + Slot.OPENED_MICROS);
  }

  long sealedMicros() {
    return memory.getLong(base + Slot.SEALED_MICROS);
  }

  long firstInstruction() {
    return memory.getLong(base + Slot.FIRST_INSTRUCTION);
  }

  int codec() {
    return memory.getInt(base + Slot.CODEC);
  }

  int flags() {
    return memory.getInt(base + Slot.FLAGS);
  }

  /** Dispatched in the batch, the running block's part included. */
  long dispatched() {
    return memory.getLong(base + Slot.INSTRUCTIONS)
        + (memory.getInt(base + Slot.PROGRESS) & 0xffffffffL);
  }

  long blocks() {
    return memory.getLong(base + Slot.BLOCKS);
  }

  long accesses() {
    return memory.getLong(base + Slot.ACCESSES);
  }

  /**
   * Vcpu idles, resumes, system call entries and returns, all added up: whether there is one is all
   * that matters.
   */
  long otherEvents() {
    return memory.getLong(base + Slot.IDLES)
        + memory.getLong(base + Slot.RESUMES)
        + memory.getLong(base + Slot.SYSCALLS)
        + memory.getLong(base + Slot.SYSCALL_RETURNS);
  }

  int columnLength(int column) {
    return memory.getIntAcquire(base + Slot.COLUMN_LENGTH + 4L * column);
  }

  long droppedBatches() {
    return memory.getLong(base + Slot.DROPPED_BATCHES);
  }

  long droppedInstructions() {
    return memory.getLong(base + Slot.DROPPED_INSTRUCTIONS);
  }

  long droppedBlocks() {
    return memory.getLong(base + Slot.DROPPED_BLOCKS);
  }

  long droppedAccesses() {
    return memory.getLong(base + Slot.DROPPED_ACCESSES);
  }

  long executedInstructions() {
    return memory.getLong(base + Slot.EXECUTED_INSTRUCTIONS);
  }

  long sealedInstructions() {
    return memory.getLong(base + Slot.SEALED_INSTRUCTIONS);
  }

  long changedAt() {
    return memory.getLong(base + Slot.CHANGED_AT);
  }

  /** At the change in force. */
  long changedPassed() {
    return memory.getLong(base + Slot.CHANGED_PASSED);
  }

  long passedInstructions() {
    return memory.getLong(base + Slot.PASSED_INSTRUCTIONS);
  }

  void copyPayloadHeader(byte[] to, int at) {
    memory.get(base + Slot.PAYLOAD_BEGIN, to, at, Slot.PAYLOAD_END - Slot.PAYLOAD_BEGIN);
  }
}
