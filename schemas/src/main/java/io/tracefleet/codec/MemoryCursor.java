// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

/** Carries out the memory tokens' codes, and predicted events one by one. */
final class MemoryCursor {
  private static final int NONE = Replay.NONE;
  private static final int END = Replay.END;

  private final ColumnReader column;
  private final Replay replay;
  private final ReplayedBlocks blocks;
  private final ReplayedSlots slots;
  private final BlockCursor control;
  private final AccessCursor accesses;

  MemoryCursor(
      ColumnReader column,
      Replay replay,
      ReplayedBlocks blocks,
      ReplayedSlots slots,
      BlockCursor control,
      AccessCursor accesses) {
    this.column = column;
    this.replay = replay;
    this.blocks = blocks;
    this.slots = slots;
    this.control = control;
    this.accesses = accesses;
  }

  void predicted() throws TraceFormatException {
    if (replay.expected == END) {
      control.next();
    } else {
      stepBy(replay.expected);
    }
  }

  /** Carries out the code of a memory token. */
  void code(int code) throws TraceFormatException {
    switch (code) {
      case Codes.OTHER_STRIDE -> {
        int slot = needExpected();
        slots.swapStrides(slot);
        stepBy(slot);
      }
      case Codes.NEW_STRIDE -> {
        int slot = needExpected();
        missAt(slot, slots.last(slot) + column.zigzag());
      }
      case Codes.NEAR_MISS -> missAt(needExpected(), replay.previousMiss + column.zigzag());
      default -> surprise(column.varint());
    }
  }

  private void surprise(long code) throws TraceFormatException {
    if (code == Codes.EARLY_END) {
      if (replay.expected == END) {
        throw column.error("END though END was expected");
      }
      setNext(END);
      control.next();
    } else if (code == Codes.NEW_SLOT) {
      newSlot();
    } else if (code == Codes.FOREIGN) {
      foreign();
    } else {
      otherSlot(code - Codes.SLOT_0);
    }
  }

  private void otherSlot(long name) throws TraceFormatException {
    long number = name >>> 1;
    if (number >= slots.size || slots.block((int) number) != replay.block) {
      throw column.error(
          "index " + Long.toUnsignedString(number) + " names no slot of the current block");
    }
    int slot = (int) number;
    setNext(slot);
    if ((name & 1) == 0) {
      stepBy(slot);
    } else {
      missAt(slot, slots.last(slot) + column.zigzag());
    }
  }

  private int needExpected() throws TraceFormatException {
    if (replay.expected == END) {
      throw column.error("a miss of the expected slot though END was expected");
    }
    return replay.expected;
  }

  private void newSlot() throws TraceFormatException {
    int current = replay.block;
    if (current == NONE) {
      throw column.error("a slot before the first block");
    }
    if (slots.size == PayloadHeader.MAX_SLOTS) {
      throw column.error("more than " + slots.size + " slots");
    }
    int instruction = instruction(current);
    int info = info();
    replay.previousMiss += column.zigzag();
    int slot = slots.add(current, instruction, info, replay.previousMiss);
    setNext(slot);
    accessBy(slot);
  }

  private void foreign() throws TraceFormatException {
    int named = column.varint(blocks.size, "a block index");
    int block = named == 0 ? blocks.define() : named - 1;
    int instruction = instruction(block);
    int info = info();
    replay.previousMiss += column.zigzag();
    if (block == replay.block) {
      throw column.error("a foreign access by the current block");
    }
    accesses.access(block, NONE, instruction, info, replay.previousMiss);
  }

  private int instruction(int block) throws TraceFormatException {
    return column.varint(blocks.instructions[block] - 1, "an instruction's index");
  }

  private int info() throws TraceFormatException {
    int info = column.u8();
    if (!MemInfo.valid(info)) {
      throw column.error("access information " + info);
    }
    return info;
  }

  private void setNext(int slot) throws TraceFormatException {
    if (replay.block == NONE) {
      throw column.error("an access before the first block");
    }
    if (replay.previous == NONE) {
      blocks.setFirst(replay.block, slot);
    } else {
      slots.setNext(replay.previous, slot);
    }
  }

  private void stepBy(int slot) throws TraceFormatException {
    slots.step(slot);
    accessBy(slot);
  }

  private void missAt(int slot, long address) throws TraceFormatException {
    slots.move(slot, address);
    replay.previousMiss = address;
    accessBy(slot);
  }

  private void accessBy(int slot) throws TraceFormatException {
    replay.previous = slot;
    long meta = slots.motion[slot * ReplayedSlots.ROW + ReplayedSlots.META];
    replay.expected = ReplayedSlots.next(meta);
    accesses.access(
        replay.block,
        slot,
        ReplayedSlots.instruction(meta),
        ReplayedSlots.info(meta),
        slots.last(slot));
  }
}
