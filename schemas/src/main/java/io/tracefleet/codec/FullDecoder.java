// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

import java.util.Arrays;

/**
 * Replays a payload of codec 1 event by event, and checks it against its header on the way.
 *
 * <p>Allocates nothing per event; tables are kept for the next payload. A hostile payload of 1 MiB
 * can stand for 2 * (2^32 - 1) events (a tight loop can legitimately predict so many), so that
 * decoding takes a minute at worst; {@link Aggregator} does not visit such events. Memory is
 * bounded by the payload's size.
 */
public final class FullDecoder {
  private static final int NONE = -1;
  private static final int END = -1;

  /** Most events that are looked ahead at. */
  private static final int WINDOW = 1024;

  /** A run that is worth a look ahead of its own. */
  private static final int LONG_RUN = 16;

  // A slot is a row of 4 longs.
  private static final int LAST = 0;
  private static final int STRIDE = 1;
  private static final int STRIDE2 = 2;
  private static final int META = 3; // next slot << 32 | instruction << 8 | access information
  private static final int ROW = 4;

  // Kinds of an event ahead, as bits; 0 is predicted. Bit 0: the other stride. Bit 1: any miss. Bit
  // 2: the number is the distance from the miss before. Bit 3: there is a number.
  // A byte for each code from NEW_STRIDE to OTHER_STRIDE.
  private static final int KINDS = 0b0011 << 16 | 0b1110 << 8 | 0b1010;

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
  private long[] links = new long[64]; // successor << 32 | instructions << 16 | first slot + 1
  private int[] otherSuccessor = new int[64];
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
  private int[] slotPage = new int[64]; // of an access before, or NONE
  private long[] motion = new long[64 * ROW];
  private int expected;
  private int previousSlot;
  private long accessed;
  private long previousMiss;
  private Token memoryToken;
  private long memoryRun;
  private int memoryCode;

  // Events ahead.
  private final long[] numbers = new long[WINDOW];
  private final byte[] kinds = new byte[WINDOW];

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
  private long nextSyscall; // blocks executed before it
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
        int room = roomAhead();
        if (room != 0) {
          int ahead = gather(room);
          if (ahead != 0) {
            replay(ahead);
            Arrays.fill(numbers, 0, ahead, 0);
            Arrays.fill(kinds, 0, ahead, (byte) 0);
            continue;
          }
        }
        memoryToken = memory.hasRemaining() ? Token.READ : Token.NO_MORE;
        if (memoryToken == Token.READ) {
          int token = memory.u8();
          memoryCode = token & Codes.MASK;
          memoryRun = memory.run(token);
        }
      }
      if (memoryToken == Token.NO_MORE) {
        predicted();
      } else if (memoryRun >= LONG_RUN && roomAhead() != 0) {
        int some = (int) Math.min(memoryRun, roomAhead());
        replay(some);
        memoryRun -= some;
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

  /** Returns how many events it is safe to look ahead at, whether they are blocks or accesses. */
  private int roomAhead() {
    long room = Math.min(blocks - executed, accesses - accessed);
    return current == NONE ? 0 : (int) Math.min(room, WINDOW);
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
    controlRun = 0;
    slots = 0;
    expected = END;
    previousSlot = NONE;
    accessed = 0;
    previousMiss = 0;
    memoryToken = Token.WANTED;
    Arrays.fill(numbers, 0); // an error before may have left some
    Arrays.fill(kinds, (byte) 0);
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
      motion[slot * ROW + LAST] += motion[slot * ROW + STRIDE];
      accessBy(slot);
    }
  }

  /**
   * Reads ahead in the memory column, as far as there are only short runs and misses of the
   * expected slot. Where the next miss is and of which kind are hard to guess for a processor, so
   * there is no branch on either, here or in {@link #replay}.
   *
   * @param most events that may be found
   * @return events that were found, the last one a miss
   */
  private int gather(int most) {
    final byte[] bytes = memory.array();
    final int stop = memory.position() + memory.remaining() - 8;
    int at = memory.position();
    int events = 0;
    while (at <= stop) {
      long word = Bytes.i64(bytes, at);
      int token = (int) word & 0xff;
      int code = token & Codes.MASK;
      // The last byte is the token itself after the other stride, or else that of the number.
      long last = ~word & Bytes.LAST_BYTES | (word & Codes.OTHER_STRIDE) << 6;
      int more = 0;
      int place = events + (token >>> Codes.BITS);
      if (token >= Codes.LONG) {
        // Rare, but not so rare that it may be left to others: a run that goes on in one more byte.
        if ((word & 0x8000) != 0) {
          break;
        }
        place += (int) (word >>> 8) & 0x7f;
        last = ~(word >>> 8 | 0x80L << 56) & Bytes.LAST_BYTES | (word & Codes.OTHER_STRIDE) << 6;
        word >>>= 8;
        more = 1;
      }
      if (code == Codes.SURPRISE || last == 0 || place >= most) {
        break;
      }
      // Nothing is left of it after the other stride.
      numbers[place] = Bytes.unzigzag(Bytes.squeeze((word & (last ^ last - 1)) >>> 8));
      kinds[place] = (byte) (KINDS >>> 8 * code);
      events = place + 1;
      at = at + 1 + more + (Long.numberOfTrailingZeros(last) >>> 3);
    }
    memory.seek(at);
    return events;
  }

  /** Delivers events that {@link #gather} found. */
  private void replay(int events) throws TraceFormatException {
    final TraceVisitor to = visitor;
    final boolean physically = system;
    final long[] slot = motion;
    long miss = previousMiss;
    long[] link = links;
    int[] other = otherSuccessor;
    int now = current;
    int wanted = expected;
    int before = previousSlot;
    long count = executed;
    long predicted = controlRun;
    long code = controlToken == Token.READ ? controlCode : NONE;
    final byte[] bytes = control.array();
    int from = control.position();
    final int stop = from + control.remaining() - 8;
    long sum = 0;
    long made = 0;
    for (int i = 0; i < events; i++) {
      int kind = kinds[i];
      if (wanted != END) {
        int a = wanted * ROW;
        long stride = slot[a + STRIDE];
        long stride2 = slot[a + STRIDE2];
        long last = slot[a + LAST];
        long missed = -(kind >>> 1 & 1);
        long step =
            (stride & ~missed)
                + (stride2 & -(kind & 1))
                + (miss - last & -(kind >>> 2 & 1))
                + numbers[i];
        long address = last + step;
        long meta = slot[a + META];
        slot[a + LAST] = address;
        slot[a + STRIDE] = step;
        slot[a + STRIDE2] = stride2 ^ (stride2 ^ stride) & missed;
        miss ^= (miss ^ address) & -(kind >>> 3);
        before = wanted;
        wanted = (int) (meta >> 32);
        if (physically) {
          access(now, before, (int) meta >>> 8 & 0xffff, (int) meta & 0xff, address);
        } else {
          made++;
          to.access(
              now,
              (int) meta >>> 8 & 0xffff,
              (int) meta & 0xff,
              address,
              TraceVisitor.DEVICE_NONE,
              0);
        }
        continue;
      }
      if (kind != 0) {
        throw memory.error("a miss of the expected slot though END was expected");
      }
      int successor = (int) (link[now] >> 32);
      int next = predicted != 0 ? successor : named(code, other[now]);
      if (next == NONE || count == nextSyscall || predicted == 0 && from > stop) {
        current = now;
        expected = wanted;
        previousSlot = before;
        executed = count;
        store(predicted, code, from);
        nextBlock();
        link = links;
        other = otherSuccessor;
        now = current;
        wanted = expected;
        before = previousSlot;
        count = executed;
        predicted = controlRun;
        code = controlToken == Token.READ ? controlCode : NONE;
        from = control.position();
        continue;
      }
      if (predicted != 0) {
        predicted--;
      } else {
        other[now] = successor;
        link[now] = link[now] & 0xffff_ffffL | (long) next << 32;
        long parsed = Codes.shortControl(Bytes.i64(bytes, from));
        if (parsed != Codes.WIDE) {
          predicted = parsed >>> 8 & 0xff;
          code = parsed >>> 16;
          from += (int) parsed & 0xff;
        } else {
          code = NONE;
        }
      }
      long word = link[next];
      now = next;
      count++;
      sum += word >>> 16 & 0xffff;
      wanted = ((int) word & 0xffff) - 1;
      before = NONE;
      to.block(next);
    }
    previousMiss = miss;
    store(predicted, code, from);
    dispatched.add(sum);
    accessed += made;
    current = now;
    expected = wanted;
    previousSlot = before;
    executed = count;
  }

  /** Returns the block that a control token names without more, or NONE. */
  private int named(long code, int other) {
    if (code == Codes.OTHER_SUCCESSOR) {
      return other;
    }
    return code >= Codes.BLOCK_0 && code < Codes.BLOCK_0 + defined
        ? (int) code - Codes.BLOCK_0
        : NONE;
  }

  /** Carries out the code of a memory token. */
  private void code() throws TraceFormatException {
    switch (memoryCode) {
      case Codes.OTHER_STRIDE -> {
        int slot = needExpected();
        int a = slot * ROW;
        long swapped = motion[a + STRIDE];
        motion[a + STRIDE] = motion[a + STRIDE2];
        motion[a + STRIDE2] = swapped;
        motion[a + LAST] += motion[a + STRIDE];
        accessBy(slot);
      }
      case Codes.NEW_STRIDE -> {
        int slot = needExpected();
        missAt(slot, motion[slot * ROW + LAST] + memory.zigzag());
      }
      case Codes.NEAR_MISS -> missAt(needExpected(), previousMiss + memory.zigzag());
      default -> surprise(memory.varint());
    }
  }

  private void surprise(long code) throws TraceFormatException {
    if (code == Codes.EARLY_END) {
      if (expected == END) {
        throw memory.error("END though END was expected");
      }
      setNext(END);
      nextBlock();
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
    if (number >= slots || slotBlock[(int) number] != current) {
      throw memory.error(
          "index " + Long.toUnsignedString(number) + " names no slot of the current block");
    }
    int slot = (int) number;
    setNext(slot);
    if ((name & 1) == 0) {
      motion[slot * ROW + LAST] += motion[slot * ROW + STRIDE];
      accessBy(slot);
    } else {
      missAt(slot, motion[slot * ROW + LAST] + memory.zigzag());
    }
  }

  private int needExpected() throws TraceFormatException {
    if (expected == END) {
      throw memory.error("a miss of the expected slot though END was expected");
    }
    return expected;
  }

  /** Stores where the control column is. */
  private void store(long predicted, long code, int position) {
    control.seek(position);
    controlRun = predicted;
    controlCode = code;
    if (controlToken != Token.NO_MORE) {
      controlToken = code < 0 ? Token.WANTED : Token.READ;
    }
  }

  private void missAt(int slot, long address) throws TraceFormatException {
    int a = slot * ROW;
    motion[a + STRIDE2] = motion[a + STRIDE];
    motion[a + STRIDE] = address - motion[a + LAST];
    motion[a + LAST] = address;
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
    if (slot == slotBlock.length) {
      slotBlock = Arrays.copyOf(slotBlock, 2 * slot);
      slotPage = Arrays.copyOf(slotPage, 2 * slot);
      motion = Arrays.copyOf(motion, 2 * motion.length);
    }
    slotBlock[slot] = current;
    slotPage[slot] = NONE;
    int instruction = instruction(current);
    int info = info();
    previousMiss += memory.zigzag();
    int a = slot * ROW;
    motion[a + LAST] = previousMiss;
    motion[a + STRIDE] = 0;
    motion[a + STRIDE2] = 0;
    motion[a + META] = (long) END << 32 | (long) instruction << 8 | info;
    slots++;
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
    access(block, NONE, instruction, info, previousMiss);
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
      links[current] = links[current] & ~0xffffL | slot + 1;
    } else {
      int meta = previousSlot * ROW + META;
      motion[meta] = motion[meta] & 0xffff_ffffL | (long) slot << 32;
    }
  }

  private void accessBy(int slot) throws TraceFormatException {
    previousSlot = slot;
    long meta = motion[slot * ROW + META];
    expected = (int) (meta >> 32);
    access(current, slot, (int) meta >>> 8 & 0xffff, (int) meta & 0xff, motion[slot * ROW + LAST]);
  }

  private void access(int block, int slot, int instruction, int info, long address)
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
      int page = slot == NONE ? NONE : slotPage[slot];
      if (page == NONE || pages.first(page) != address >>> 12) {
        page = pages.find(address >>> 12, 0);
        if (slot != NONE) {
          slotPage[slot] = page;
        }
      }
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
      next = current == NONE ? NONE : (int) (links[current] >> 32);
      if (next == NONE) {
        throw control.error("no successor to expect");
      }
      if (controlToken == Token.READ) {
        controlRun--;
      }
    } else {
      next = nextByToken();
      if (current != NONE) {
        otherSuccessor[current] = (int) (links[current] >> 32);
        links[current] = links[current] & 0xffff_ffffL | (long) next << 32;
      }
    }
    current = next;
    executed++;
    dispatched.add(instructions[next]);
    previousSlot = NONE;
    expected = ((int) links[next] & 0xffff) - 1;
    visitor.block(next);
  }

  private int nextByToken() throws TraceFormatException {
    int next;
    if (controlCode == Codes.PARTIAL) {
      throw control.error("a second partial token for one block");
    } else if (controlCode == Codes.NEXT_DEFINITION) {
      next = define();
    } else if (controlCode == Codes.OTHER_SUCCESSOR) {
      next = current == NONE ? NONE : otherSuccessor[current];
      if (next == NONE) {
        throw control.error("the block has no other successor");
      }
    } else {
      next = named(controlCode, NONE);
      if (next == NONE) {
        throw control.error(
            "index " + Long.toUnsignedString(controlCode - Codes.BLOCK_0) + " names no block");
      }
    }
    controlToken = Token.WANTED;
    return next;
  }

  /** Reads on to the next token, past one that says that the current block was left midway. */
  private void partial() throws TraceFormatException {
    readControl();
    if (controlToken != Token.READ || controlRun != 0 || controlCode != Codes.PARTIAL) {
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
      int token = control.u8();
      controlRun = control.run(token);
      controlCode = token & Codes.MASK;
      if (controlCode == Codes.KNOWN_BLOCK) {
        controlCode = Codes.block(control.varint());
      }
      controlToken = Token.READ;
    } else {
      controlToken = Token.NO_MORE;
      controlRun = Long.MAX_VALUE;
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
    links[index] = (long) NONE << 32 | (long) instructions[index] << 16;
    otherSuccessor[index] = NONE;
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
    nextSyscall = syscallLoaded ? syscallBlock : Long.MAX_VALUE;
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
    links = Arrays.copyOf(links, capacity);
    otherSuccessor = Arrays.copyOf(otherSuccessor, capacity);
  }
}
