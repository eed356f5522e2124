// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

import java.util.Arrays;

/**
 * Replays a payload of codec 1 event by event, and checks it against its header on the way.
 *
 * <p>Allocates nothing per event; tables are kept for the next payload. A hostile payload of 1 MiB
 * can stand for 2 * (2^32 - 1) events (a tight loop can legitimately predict so many), so that
 * decoding takes a minute at worst; {@link Aggregator} does not visit such events. Memory is
 * bounded by the payload's size, at about 30 bytes per byte.
 */
public final class FullDecoder {
  private static final int NONE = -1;
  private static final int END = -1;
  private static final int PARTIAL = 0;

  private final PayloadHeader header = new PayloadHeader();
  private final ColumnReader definitions = new ColumnReader(Column.DEFINITIONS);
  private final ColumnReader control = new ColumnReader(Column.CONTROL);
  private final ColumnReader memory = new ColumnReader(Column.MEMORY);
  private final ColumnReader physical = new ColumnReader(Column.PHYSICAL);
  private final ColumnReader syscalls = new ColumnReader(Column.SYSCALLS);
  private final Names names = new Names();
  private final Dispatched dispatched = new Dispatched();

  private TraceVisitor visitor;
  private boolean system;
  private boolean rescued;
  private long blocks;
  private long accesses;

  // Definitions.
  private int defined;
  private long[] vaddr = new long[64];
  private int[] instructions = new int[64];
  private int[] codeBytes = new int[64];
  private int[] codeHash = new int[64];
  private int[] successor = new int[64];
  private int[] first = new int[64];
  private long previousVaddr;

  // Control.
  private int current;
  private long executed;
  private Token controlToken;
  private long controlRun;
  private long controlCode;

  // Memory.
  private int slots;
  private int[] slotBlock = new int[64];
  private int[] slotInstruction = new int[64];
  private int[] slotInfo = new int[64];
  private int[] slotNext = new int[64];
  private long[] last = new long[64];
  private long[] stride = new long[64];
  private long[] stride2 = new long[64];
  private int expected;
  private int previousSlot;
  private long accessed;
  private long previousMiss;
  private Token memoryToken;
  private long memoryRun;

  // Physical.
  private final LongTable pages = new LongTable();
  private long[] mapping = new long[64];
  private int devices;
  private long[] deviceOffset = new long[16];
  private Token physicalToken;
  private long physicalRun;

  // System calls.
  private long syscallBlock;
  private boolean syscallLoaded;
  private boolean syscallsDone;
  private int syscallKind;
  private long syscallNumber;
  private long syscallValue;
  private long syscallEntries;
  private long syscallReturns;

  /** Where the reading of a column is. */
  private enum Token {
    /** The next token is to be read. */
    WANTED,
    /** One is read, and its run not used up or its code not carried out. */
    READ,
    /** There is none any more: all is predicted. */
    NO_MORE
  }

  /** Makes a decoder. */
  public FullDecoder() {}

  /**
   * Replays a payload.
   *
   * @param payload only read
   * @param offset index of its first byte
   * @param length bytes that it has
   * @param events receives the events; those before an error have been delivered when the error is
   *     thrown
   * @throws TraceFormatException if the payload is no payload of codec 1, broken, or contradicts
   *     its header
   */
  public void decode(byte[] payload, int offset, int length, TraceVisitor events)
      throws TraceFormatException {
    header.wrap(payload, offset, length);
    if (header.codec() != PayloadHeader.CODEC_FULL) {
      throw new TraceFormatException(
          Column.HEADER, 0, "codec " + header.codec() + " has no events");
    }
    start(events);
    while (executed < blocks || accessed < accesses) {
      if (memoryToken == Token.WANTED) {
        memoryToken = memory.hasRemaining() ? Token.READ : Token.NO_MORE;
        if (memoryToken == Token.READ) {
          memoryRun = memory.varint();
        }
      }
      if (memoryToken == Token.NO_MORE) {
        predicted();
      } else if (memoryRun != 0) {
        memoryRun--;
        predicted();
      } else {
        code();
        memoryToken = Token.WANTED;
      }
    }
    finish();
  }

  private void start(TraceVisitor events) throws TraceFormatException {
    visitor = events;
    header.wrapColumn(0, definitions);
    header.wrapColumn(1, control);
    header.wrapColumn(2, memory);
    header.wrapColumn(3, physical);
    header.wrapColumn(4, syscalls);
    system = header.systemEmulation();
    rescued = header.rescued();
    blocks = header.blocks();
    accesses = header.accesses();
    dispatched.start();
    defined = 0;
    previousVaddr = 0;
    current = NONE;
    executed = 0;
    controlToken = Token.WANTED;
    slots = 0;
    expected = END;
    previousSlot = NONE;
    accessed = 0;
    previousMiss = 0;
    memoryToken = Token.WANTED;
    pages.clear();
    names.trim();
    devices = 0;
    physicalToken = Token.WANTED;
    syscallBlock = 0;
    syscallLoaded = false;
    syscallsDone = false;
    syscallEntries = 0;
    syscallReturns = 0;
    for (int column = 5; column < PayloadHeader.COLUMNS; column++) {
      header.requireEmpty(column);
    }
    if (!system) {
      header.requireEmpty(3);
    }
  }

  private void predicted() throws TraceFormatException {
    if (expected == END) {
      nextBlock();
    } else {
      int slot = expected;
      last[slot] += stride[slot];
      accessBy(slot);
    }
  }

  /** Carries out the code of a memory token. */
  private void code() throws TraceFormatException {
    long code = memory.varint();
    if (code == 0) {
      if (expected == END) {
        throw memory.error("END though END was expected");
      }
      setNext(END);
      nextBlock();
    } else if (code == 1) {
      newSlot();
    } else if (code == 2) {
      foreign();
    } else if (code == 3) {
      int slot = needExpected();
      long swapped = stride[slot];
      stride[slot] = stride2[slot];
      stride2[slot] = swapped;
      last[slot] += stride[slot];
      accessBy(slot);
    } else if (code == 4) {
      missBy(needExpected());
    } else {
      long number = code - 5 >>> 1;
      if (code < 0 || number >= slots || slotBlock[(int) number] != current) {
        throw memory.error(
            "code " + Long.toUnsignedString(code) + " names no slot of the current block");
      }
      int slot = (int) number;
      setNext(slot);
      if ((code & 1) != 0) {
        last[slot] += stride[slot];
        accessBy(slot);
      } else {
        missBy(slot);
      }
    }
  }

  private int needExpected() throws TraceFormatException {
    if (expected == END) {
      throw memory.error("a miss of the expected slot though END was expected");
    }
    return expected;
  }

  private void missBy(int slot) throws TraceFormatException {
    long difference = memory.zigzag();
    long address = last[slot] + stride[slot] + difference;
    if (difference != 0) {
      stride2[slot] = stride[slot];
      stride[slot] = address - last[slot];
    }
    last[slot] = address;
    previousMiss = address;
    accessBy(slot);
  }

  private void newSlot() throws TraceFormatException {
    if (current == NONE) {
      throw memory.error("a slot before the first block");
    }
    int slot = slots;
    if (slot == PayloadHeader.MAX_SLOTS) {
      throw memory.error("more than " + slot + " slots");
    }
    if (slot == last.length) {
      growSlots();
    }
    slotBlock[slot] = current;
    slotInstruction[slot] = instruction(current);
    slotInfo[slot] = info();
    last[slot] = previousMiss + memory.zigzag();
    stride[slot] = 0;
    stride2[slot] = 0;
    slotNext[slot] = END;
    slots++;
    previousMiss = last[slot];
    setNext(slot);
    accessBy(slot);
  }

  private void foreign() throws TraceFormatException {
    int named = memory.varint(defined, "a block index");
    int block = named == 0 ? define() : named - 1;
    int instruction = instruction(block);
    int info = info();
    previousMiss += memory.zigzag();
    if (block == current) {
      throw memory.error("a foreign access by the current block");
    }
    access(block, instruction, info, previousMiss);
  }

  private int instruction(int block) throws TraceFormatException {
    return memory.varint(instructions[block] - 1, "an instruction's index");
  }

  private int info() throws TraceFormatException {
    int info = memory.u8();
    if (!MemInfo.valid(info)) {
      throw memory.error("access information " + info);
    }
    return info;
  }

  private void setNext(int slot) throws TraceFormatException {
    if (current == NONE) {
      throw memory.error("an access before the first block");
    }
    if (previousSlot == NONE) {
      first[current] = slot;
    } else {
      slotNext[previousSlot] = slot;
    }
  }

  private void accessBy(int slot) throws TraceFormatException {
    previousSlot = slot;
    expected = slotNext[slot];
    access(current, slotInstruction[slot], slotInfo[slot], last[slot]);
  }

  private void access(int block, int instruction, int info, long address)
      throws TraceFormatException {
    if (accessed == accesses) {
      throw memory.error("more accesses than the header's " + accesses);
    }
    accessed++;
    if (!system) {
      visitor.access(block, instruction, info, address, TraceVisitor.DEVICE_NONE, 0);
      return;
    }
    if (physicalToken == Token.WANTED) {
      physicalToken = physical.hasRemaining() ? Token.READ : Token.NO_MORE;
      if (physicalToken == Token.READ) {
        physicalRun = physical.varint();
      }
    }
    if (physicalToken == Token.NO_MORE || physicalRun != 0) {
      int page = pages.find(address >>> 12, 0);
      if (page < 0) {
        throw physical.error("no mapping to expect for address 0x" + Long.toHexString(address));
      }
      if (physicalToken == Token.READ) {
        physicalRun--;
      }
      visitor.access(
          block,
          instruction,
          info,
          address,
          TraceVisitor.DEVICE_RAM,
          mapping[page] + (address & 0xfff));
      return;
    }
    physicalToken = Token.WANTED;
    long code = physical.varint();
    if (code == 0) {
      int page = pages.number(address >>> 12, 0);
      if (page == mapping.length) {
        mapping = Arrays.copyOf(mapping, 2 * page);
      }
      mapping[page] = (address & ~0xfffL) + physical.zigzag();
      visitor.access(
          block,
          instruction,
          info,
          address,
          TraceVisitor.DEVICE_RAM,
          mapping[page] + (address & 0xfff));
      return;
    }
    int device;
    if (code == 1) {
      device = devices;
      if (device == PayloadHeader.MAX_DEVICES) {
        throw physical.error("more than " + PayloadHeader.MAX_DEVICES + " devices");
      }
      int length = physical.varint(PayloadHeader.MAX_DEVICE_NAME, "a device name's length");
      int at = physical.position();
      physical.skip(length);
      if (device == deviceOffset.length) {
        deviceOffset = Arrays.copyOf(deviceOffset, 2 * device);
      }
      deviceOffset[device] = physical.zigzag();
      devices++;
      visitor.device(device, names.string(names.number(physical.array(), at, length)));
    } else {
      if (code < 0 || code - 2 >= devices) {
        throw physical.error("code " + Long.toUnsignedString(code) + " names no device");
      }
      device = (int) code - 2;
      deviceOffset[device] += physical.zigzag();
    }
    visitor.access(block, instruction, info, address, device, deviceOffset[device]);
  }

  /** The current block ends, and the next one executes. */
  private void nextBlock() throws TraceFormatException {
    if (executed == blocks) {
      throw memory.error("an END after the last of " + blocks + " blocks");
    }
    partial();
    deliverSyscalls();
    int next;
    if (controlToken == Token.NO_MORE || controlRun != 0) {
      next = current == NONE ? NONE : successor[current];
      if (next == NONE) {
        throw control.error("no successor to expect");
      }
      if (controlToken == Token.READ) {
        controlRun--;
      }
    } else {
      if (controlCode == PARTIAL) {
        throw control.error("a second partial token for one block");
      } else if (controlCode == 1) {
        next = define();
      } else if (controlCode > 1 && controlCode - 2 < defined) {
        next = (int) controlCode - 2;
      } else {
        throw control.error("code " + Long.toUnsignedString(controlCode) + " names no block");
      }
      controlToken = Token.WANTED;
    }
    if (current != NONE) {
      successor[current] = next;
    }
    current = next;
    executed++;
    dispatched.add(instructions[next]);
    previousSlot = NONE;
    expected = first[next];
    visitor.block(next);
  }

  /** Reads on to the next token, past one that says that the current block was left midway. */
  private void partial() throws TraceFormatException {
    readControl();
    if (controlToken != Token.READ || controlRun != 0 || controlCode != PARTIAL) {
      return;
    }
    if (current == NONE) {
      throw control.error("a partial token before the first block");
    }
    int count = control.varint(instructions[current], "instructions of a partial block,");
    dispatched.add(count - instructions[current]);
    visitor.partial(current, count);
    controlToken = Token.WANTED;
    readControl();
  }

  private void readControl() throws TraceFormatException {
    if (controlToken != Token.WANTED) {
      return;
    }
    if (control.hasRemaining()) {
      controlRun = control.varint();
      controlCode = control.varint();
      controlToken = Token.READ;
    } else {
      controlToken = Token.NO_MORE;
    }
  }

  private int define() throws TraceFormatException {
    int index = defined;
    if (index == vaddr.length) {
      growDefinitions();
    }
    previousVaddr += definitions.zigzag();
    vaddr[index] = previousVaddr;
    instructions[index] = definitions.varint(PayloadHeader.MAX_BLOCK, "a block's instructions,");
    codeBytes[index] = definitions.varint(PayloadHeader.MAX_BLOCK, "a block's bytes,");
    codeHash[index] = definitions.i32();
    if (instructions[index] == 0) {
      throw definitions.error("a block without instructions");
    }
    successor[index] = NONE;
    first[index] = END;
    defined++;
    visitor.definition(index, vaddr[index], instructions[index], codeBytes[index], codeHash[index]);
    return index;
  }

  /** Delivers the system calls up to the current block's end. */
  private void deliverSyscalls() throws TraceFormatException {
    while (readSyscall() && syscallBlock == executed) {
      if (syscallKind == 0) {
        visitor.syscall(syscallNumber);
      } else {
        visitor.syscallReturn(syscallNumber, syscallValue);
      }
      syscallLoaded = false;
    }
  }

  private boolean readSyscall() throws TraceFormatException {
    if (syscallLoaded) {
      return true;
    }
    if (syscallsDone
        || !syscalls.hasRemaining()
        || rescued
            && syscallEntries == header.syscalls()
            && syscallReturns == header.syscallReturns()) {
      return false;
    }
    long distance = syscalls.varint();
    syscallKind = syscalls.u8();
    syscallNumber = syscalls.zigzag();
    if (syscallKind > 1) {
      throw syscalls.error("a record of kind " + syscallKind);
    }
    syscallValue = syscallKind == 1 ? syscalls.zigzag() : 0;
    boolean entry = syscallKind == 0;
    if (entry ? syscallEntries == header.syscalls() : syscallReturns == header.syscallReturns()) {
      if (rescued) {
        syscallsDone = true;
        return false;
      }
      throw syscalls.error("more system calls than the header has");
    }
    if (distance < 0 || distance > blocks - syscallBlock) {
      throw syscalls.error("a system call after the last of " + blocks + " blocks");
    }
    syscallBlock += distance;
    if (entry) {
      syscallEntries++;
    } else {
      syscallReturns++;
    }
    syscallLoaded = true;
    return true;
  }

  private void finish() throws TraceFormatException {
    if (blocks != 0 && header.blockInstructions() == 0) {
      partial();
    }
    deliverSyscalls();
    if (!rescued) {
      // The order is that of the columns, so that the first thing that is wrong is told.
      PayloadHeader.requireUsed(definitions, false);
      readControl();
      PayloadHeader.requireUsed(control, controlToken == Token.READ);
      PayloadHeader.requireUsed(memory, memoryToken == Token.READ);
      PayloadHeader.requireUsed(physical, physicalToken == Token.READ);
      PayloadHeader.requireUsed(syscalls, false);
    }
    header.checkSyscalls(syscallEntries, syscallReturns);
    dispatched.check(header, current == NONE ? 0 : instructions[current]);
    visitor = null;
  }

  private void growDefinitions() {
    int capacity = 2 * vaddr.length;
    vaddr = Arrays.copyOf(vaddr, capacity);
    instructions = Arrays.copyOf(instructions, capacity);
    codeBytes = Arrays.copyOf(codeBytes, capacity);
    codeHash = Arrays.copyOf(codeHash, capacity);
    successor = Arrays.copyOf(successor, capacity);
    first = Arrays.copyOf(first, capacity);
  }

  private void growSlots() {
    int capacity = 2 * last.length;
    slotBlock = Arrays.copyOf(slotBlock, capacity);
    slotInstruction = Arrays.copyOf(slotInstruction, capacity);
    slotInfo = Arrays.copyOf(slotInfo, capacity);
    slotNext = Arrays.copyOf(slotNext, capacity);
    last = Arrays.copyOf(last, capacity);
    stride = Arrays.copyOf(stride, capacity);
    stride2 = Arrays.copyOf(stride2, capacity);
  }
}
