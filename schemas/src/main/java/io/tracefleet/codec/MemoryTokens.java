// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

/**
 * Carries out the memory tokens that say what a block's accesses are: those of the expected slot in
 * their place in the chain, those that break the chain, and all when the block has none.
 */
final class MemoryTokens {
  /** In place of a memory code: as expected. */
  private static final int PREDICTED = Codes.SURPRISE;

  private final PaddedColumn memory;
  private final BlockTable blocks;
  private final SlotTable slots;
  private final SlotAccounts accounts;
  private final PageTable pages;
  private final Chains chains;
  private final PhysicalColumn physical;
  private final Current current;
  private boolean system;

  /** Address of the last access that was written with a number. */
  long previousMiss;

  MemoryTokens(
      PaddedColumn memory,
      BlockTable blocks,
      SlotTable slots,
      SlotAccounts accounts,
      PageTable pages,
      Chains chains,
      PhysicalColumn physical,
      Current current) {
    this.memory = memory;
    this.blocks = blocks;
    this.slots = slots;
    this.accounts = accounts;
    this.pages = pages;
    this.chains = chains;
    this.physical = physical;
    this.current = current;
  }

  void start(PayloadHeader header) {
    system = header.systemEmulation();
    previousMiss = 0;
  }

  /** A miss of the expected slot, in its place in the chain; system emulation. */
  void missed(int code) throws TraceFormatException {
    miss(accounted(), code);
  }

  /** A predicted access, in its place in the chain, whose physical address was not predicted. */
  void moved() throws TraceFormatException {
    int s = accounted();
    physical.token(slots.step(s), slots.kind(s));
  }

  /** The next access of the chain. Returns its slot, of which all is accounted before it. */
  private int accounted() throws TraceFormatException {
    int now = current.block;
    int place = current.position++;
    int s = chains.pool[chains.at(now) + place];
    int executions = blocks.executions[now];
    accounts.upTo(s, executions - 1);
    slots.setBase(s, executions);
    return s;
  }

  /**
   * Carries out a token that breaks the chain, or any when the block has none. Returns whether the
   * block ended.
   */
  boolean unusual(int code) throws TraceFormatException {
    long surprise = code == Codes.SURPRISE ? memory.varint() : -1;
    if (surprise == Codes.FOREIGN) {
      foreign();
      return false;
    }
    if (current.block == 0) {
      throw memory.error("no current block, of which something is said");
    }
    if (!current.slow) {
      chains.breakCurrent();
    }
    if (code != Codes.SURPRISE) {
      if (current.expected == SlotTable.END) {
        throw memory.error("a miss of the expected slot though END was expected");
      }
      int s = current.expected;
      went(s);
      miss(s, code);
    } else if (surprise == Codes.EARLY_END) {
      if (current.expected == SlotTable.END) {
        throw memory.error("END though END was expected");
      }
      setNext(SlotTable.END);
      return true;
    } else if (surprise == Codes.NEW_SLOT) {
      newSlot();
    } else {
      otherSlot(surprise - Codes.SLOT_0);
    }
    return false;
  }

  private void otherSlot(long name) throws TraceFormatException {
    long number = name >>> 1;
    if (number >= slots.size
        || slots.rows[(int) number * SlotTable.ROW + SlotTable.OWNER] != current.block) {
      throw memory.error(
          "index " + Long.toUnsignedString(number) + " names no slot of the current block");
    }
    int s = (int) number;
    setNext(s);
    went(s);
    miss(s, (name & 1) == 0 ? PREDICTED : Codes.NEW_STRIDE);
  }

  /** An access of a slot that the token says: one of the expected slot's codes, or PREDICTED. */
  private void miss(int s, int code) throws TraceFormatException {
    if (!system) {
      if (code < Codes.OTHER_STRIDE) {
        memory.varint();
      }
      accounts.one(slots.kind(s));
      return;
    }
    final long[] motion = slots.motion;
    int a = s * SlotTable.LONGS;
    long stride = motion[a + SlotTable.STRIDE];
    if (code == Codes.OTHER_STRIDE) {
      motion[a + SlotTable.STRIDE] = motion[a + SlotTable.STRIDE2];
      motion[a + SlotTable.STRIDE2] = stride;
      motion[a + SlotTable.LAST] += motion[a + SlotTable.STRIDE];
    } else if (code == PREDICTED) {
      motion[a + SlotTable.LAST] += stride;
    } else {
      long last = motion[a + SlotTable.LAST];
      long from = code == Codes.NEAR_MISS ? previousMiss : last;
      previousMiss = from + Bytes.unzigzag(memory.wideVarint());
      motion[a + SlotTable.STRIDE2] = stride;
      motion[a + SlotTable.STRIDE] = previousMiss - last;
      motion[a + SlotTable.LAST] = previousMiss;
    }
    access(motion[a + SlotTable.LAST], s);
  }

  /** An access of a slot; system emulation. */
  void access(long where, int s) throws TraceFormatException {
    if (physical.predicted == 0) {
      physical.token(where, slots.kind(s));
      return;
    }
    physical.predicted--;
    accounts.ram(s, where, 1);
  }

  private void newSlot() throws TraceFormatException {
    if (slots.size == PayloadHeader.MAX_SLOTS) {
      throw memory.error("more than " + slots.size + " slots");
    }
    int kind = kind(current.block);
    int s = slots.add(current.block, kind);
    setNext(s);
    went(s);
    if (!system) {
      memory.varint();
      accounts.one(kind);
      return;
    }
    previousMiss += Bytes.unzigzag(memory.wideVarint());
    int a = s * SlotTable.LONGS;
    slots.motion[a + SlotTable.LAST] = previousMiss;
    slots.motion[a + SlotTable.STRIDE] = 0;
    slots.motion[a + SlotTable.STRIDE2] = 0;
    access(previousMiss, s);
  }

  private void foreign() throws TraceFormatException {
    long named = memory.varint();
    if (named < 0 || named > blocks.end - 1) {
      throw memory.error(
          "a block index " + Long.toUnsignedString(named) + ", which is not defined");
    }
    int other = named == 0 ? blocks.define() : (int) named;
    int kind = kind(other);
    if (other == current.block) {
      throw memory.error("a foreign access by the current block");
    }
    long difference = Bytes.unzigzag(memory.wideVarint());
    if (!system) {
      accounts.one(kind);
      return;
    }
    previousMiss += difference;
    if (physical.predicted == 0) {
      physical.token(previousMiss, kind);
    } else {
      physical.predicted--;
      pages.count(pages.page(previousMiss), previousMiss, kind, 1);
    }
  }

  /** Reads an instruction's index and what kind of access it makes. */
  private int kind(int of) throws TraceFormatException {
    int all = blocks.instructions[of];
    long instruction = memory.varint();
    if (instruction < 0 || instruction >= all) {
      throw memory.error(
          "an instruction's index " + Long.toUnsignedString(instruction) + " of " + all);
    }
    int info = memory.bytes[memory.at++] & 0xff;
    if (!MemInfo.valid(info)) {
      throw memory.error("access information " + info);
    }
    return (MemInfo.store(info) ? 8 : 0) | MemInfo.sizeShift(info);
  }

  private void setNext(int s) {
    if (current.previous == SlotTable.NONE) {
      blocks.rows[current.block * BlockTable.ROW + BlockTable.FIRST] = s;
    } else {
      slots.rows[current.previous * SlotTable.ROW + SlotTable.NEXT] = s;
    }
    blocks.rows[current.block * BlockTable.ROW + BlockTable.CYCLIC] = 0;
  }

  private void went(int s) {
    current.previous = s;
    current.expected = slots.next(s);
  }
}
