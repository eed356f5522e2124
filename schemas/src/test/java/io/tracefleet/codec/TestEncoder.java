// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Encodes one batch of codec 1 by the rules of {@code docs/trace-format.md}, slowly. Where the page
 * leaves the encoder a choice, it is made at random.
 */
final class TestEncoder {

  /** What the header counts at some instant. */
  record Counts(
      long dispatched,
      int progress,
      int blockInstructions,
      long blocks,
      long accesses,
      long syscalls,
      long returns) {}

  private static final class BlockState {
    int index;
    Event.Code code;
    BlockState successor;
    BlockState otherSuccessor;
    SlotState first;
    final List<SlotState> slots = new ArrayList<>();
  }

  private static final class SlotState {
    int index;
    int instruction;
    int info;
    long last;
    long stride;
    long stride2;
    SlotState next; // null: END
  }

  private final boolean system;
  private final Random random; // null: the encoder's usual choice
  private final long leading;
  private final ByteArrayOutputStream[] columns = new ByteArrayOutputStream[5];

  private final Map<Event.Code, BlockState> known = new HashMap<>();
  private int definitions;
  private long definitionVaddr;

  private BlockState current;
  private long blocks;
  private long controlMark;
  private int partial = -1;

  private SlotState previous;
  private int slots;
  private long accesses;
  private long memoryMark;
  private long miss;

  private final Map<Long, Long> mappings = new HashMap<>();
  private final List<String> devices = new ArrayList<>();
  private final Map<String, Long> offsets = new HashMap<>();
  private long physicalMark;

  private long syscallMark;
  private long syscalls;
  private long returns;
  private long ended; // instructions dispatched of blocks that ended

  /**
   * @param leading instructions of a block begun in an earlier batch
   * @param random makes choices, or null for those that a real encoder makes
   */
  TestEncoder(boolean system, long leading, Random random) {
    this.system = system;
    this.leading = leading;
    this.random = random;
    for (int c = 0; c < columns.length; c++) {
      columns[c] = new ByteArrayOutputStream();
    }
  }

  private boolean rarely() {
    return random != null && random.nextInt(40) == 0;
  }

  void add(Event event) {
    if (event instanceof Event.Block block) {
      block(block.code());
    } else if (event instanceof Event.Access access) {
      access(access);
    } else if (event instanceof Event.Partial p) {
      partial(p.dispatched());
    } else if (event instanceof Event.Syscall call) {
      syscall(0, call.number(), 0);
    } else if (event instanceof Event.SyscallReturn call) {
      syscall(1, call.number(), call.value());
    }
  }

  private void block(Event.Code code) {
    // END
    SlotState expected = expected();
    if (expected != null) {
      token(2, blocks + accesses - memoryMark, 3);
      varint(2, 0);
      memoryMark = blocks + accesses + 1;
      setNext(null);
    }
    if (rarely()) {
      known.remove(code);
    }
    BlockState block = known.get(code);
    if (block == null || current == null || current.successor != block || rarely()) {
      if (block == null) {
        token(1, blocks - controlMark, 1);
        block = define(code);
      } else if (current != null && current.otherSuccessor == block && !rarely()) {
        token(1, blocks - controlMark, 0);
      } else {
        token(1, blocks - controlMark, 2);
        varint(1, block.index);
      }
      controlMark = blocks + 1;
      if (current != null) {
        current.otherSuccessor = current.successor;
        current.successor = block;
      }
    }
    if (current != null) {
      ended += partial >= 0 ? partial : current.code.instructions();
    }
    partial = -1;
    current = block;
    previous = null;
    blocks++;
  }

  private BlockState define(Event.Code code) {
    zigzag(0, code.vaddr() - definitionVaddr);
    definitionVaddr = code.vaddr();
    varint(0, code.instructions());
    varint(0, code.bytes());
    for (int shift = 0; shift < 32; shift += 8) {
      columns[0].write(code.hash() >>> shift);
    }
    BlockState block = new BlockState();
    block.index = definitions++;
    block.code = code;
    known.put(code, block);
    return block;
  }

  private SlotState expected() {
    if (current == null) {
      return null;
    }
    return previous == null ? current.first : previous.next;
  }

  private void setNext(SlotState slot) {
    if (previous == null) {
      current.first = slot;
    } else {
      previous.next = slot;
    }
  }

  private void access(Event.Access access) {
    if (system) {
      physical(access);
    }
    long now = blocks + accesses;
    accesses++;
    if (current == null || !current.code.equals(access.code())) {
      token(2, now - memoryMark, 3);
      varint(2, 2);
      memoryMark = now + 1;
      BlockState block = known.get(access.code());
      if (block == null) {
        varint(2, 0);
        define(access.code());
      } else {
        varint(2, block.index + 1);
      }
      slot(access);
      zigzag(2, access.vaddr() - miss);
      miss = access.vaddr();
      return;
    }
    SlotState expected = expected();
    boolean fits =
        expected != null
            && expected.instruction == access.instruction()
            && expected.info == access.info();
    if (fits && access.vaddr() == expected.last + expected.stride && !rarely()) {
      expected.last = access.vaddr();
      previous = expected;
      return;
    }
    long run = now - memoryMark;
    memoryMark = now + 1;
    SlotState slot = fits && !rarely() ? expected : find(access);
    if (slot == null || rarely()) {
      slot = new SlotState();
      slot.index = slots++;
      slot.instruction = access.instruction();
      slot.info = access.info();
      slot.last = access.vaddr();
      current.slots.add(slot);
      token(2, run, 3);
      varint(2, 1);
      slot(access);
      zigzag(2, access.vaddr() - miss);
      miss = access.vaddr();
    } else {
      knownSlot(slot, slot == expected && !rarely(), run, access.vaddr());
      slot.last = access.vaddr();
    }
    setNext(slot);
    previous = slot;
  }

  private void knownSlot(SlotState slot, boolean expected, long run, long vaddr) {
    long stride = vaddr - slot.last;
    boolean predicted = stride == slot.stride && !rarely();
    if (expected && stride == slot.stride2 && !rarely()) {
      token(2, run, 2);
    } else if (!expected) {
      token(2, run, 3);
      varint(2, 2L * slot.index + (predicted ? 3 : 4));
      if (predicted) {
        return;
      }
      zigzag(2, stride);
      miss = vaddr;
    } else {
      boolean near =
          Math.abs(stride) >= 64 && Math.abs(vaddr - miss) < Math.abs(stride) != rarely();
      token(2, run, near ? 1 : 0);
      zigzag(2, near ? vaddr - miss : stride);
      miss = vaddr;
    }
    slot.stride2 = slot.stride;
    slot.stride = stride;
  }

  private SlotState find(Event.Access access) {
    SlotState found = null;
    for (SlotState slot : current.slots) {
      if (slot.instruction == access.instruction()
          && slot.info == access.info()
          && (found == null || slot != previous)) {
        found = slot;
      }
    }
    return found;
  }

  private void slot(Event.Access access) {
    varint(2, access.instruction());
    columns[2].write(access.info());
  }

  private void physical(Event.Access access) {
    if (access.device().equals(Event.Access.RAM)) {
      long mapping = access.physical() - (access.vaddr() & 0xfff);
      Long known = mappings.put(access.vaddr() >>> 12, mapping);
      if (known != null && known == mapping && !rarely()) {
        return;
      }
      varint(3, accesses - physicalMark);
      varint(3, 0);
      zigzag(3, mapping - (access.vaddr() & ~0xfffL));
    } else {
      int device = devices.indexOf(access.device());
      varint(3, accesses - physicalMark);
      if (device < 0) {
        devices.add(access.device());
        byte[] name = access.device().getBytes(StandardCharsets.UTF_8);
        varint(3, 1);
        varint(3, name.length);
        columns[3].writeBytes(name);
        zigzag(3, access.physical());
      } else {
        varint(3, 2 + device);
        zigzag(3, access.physical() - offsets.get(access.device()));
      }
      offsets.put(access.device(), access.physical());
    }
    physicalMark = accesses + 1;
  }

  private void partial(int dispatched) {
    token(1, blocks - controlMark, 3);
    varint(1, dispatched);
    controlMark = blocks;
    partial = dispatched;
  }

  private void syscall(int kind, long number, long value) {
    varint(4, blocks - syscallMark);
    syscallMark = blocks;
    columns[4].write(kind);
    zigzag(4, number);
    if (kind == 0) {
      syscalls++;
    } else {
      zigzag(4, value);
      returns++;
    }
  }

  /** What the header says if the last block has ended. */
  Counts ended() {
    int last = current == null ? 0 : partial >= 0 ? partial : current.code.instructions();
    return new Counts(leading + ended + last, 0, 0, blocks, accesses, syscalls, returns);
  }

  /** What the header says if the last block still runs. */
  Counts running(int progress) {
    return new Counts(
        leading + ended + progress,
        progress,
        current.code.instructions(),
        blocks,
        accesses,
        syscalls,
        returns);
  }

  /** Returns the payload with the columns as they are now and the header of some instant. */
  byte[] payload(Counts counts, boolean rescued) {
    byte[][] bytes = new byte[columns.length][];
    for (int c = 0; c < columns.length; c++) {
      bytes[c] = columns[c].toByteArray();
    }
    return payload(counts, leading, (rescued ? 2 : 0) | (system ? 4 : 0), bytes);
  }

  static byte[] payload(Counts counts, long leading, int flags, byte[]... columns) {
    int length = PayloadHeader.SIZE;
    for (byte[] column : columns) {
      length += column.length;
    }
    ByteBuffer payload = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    payload.putInt(0, PayloadHeader.CODEC_FULL);
    payload.putInt(4, flags);
    payload.putLong(8, counts.dispatched() - counts.progress());
    payload.putLong(16, counts.blocks());
    payload.putLong(24, counts.accesses());
    payload.putInt(32, counts.progress());
    payload.putInt(36, counts.blockInstructions());
    payload.putLong(40, leading);
    payload.putLong(48, 3);
    payload.putLong(56, 2);
    payload.putLong(64, counts.syscalls());
    payload.putLong(72, counts.returns());
    payload.position(PayloadHeader.SIZE);
    for (int c = 0; c < columns.length; c++) {
      payload.putInt(80 + 4 * c, columns[c].length);
      payload.put(columns[c]);
    }
    return payload.array();
  }

  private void token(int column, long run, int code) {
    token(columns[column], run, code);
  }

  static void token(ByteArrayOutputStream out, long run, int code) {
    if (run < 63) {
      out.write((int) run << 2 | code);
    } else {
      out.write(63 << 2 | code);
      varint(out, run - 63);
    }
  }

  private void varint(int column, long value) {
    varint(columns[column], value);
  }

  private void zigzag(int column, long value) {
    varint(columns[column], value << 1 ^ value >> 63);
  }

  static void varint(ByteArrayOutputStream out, long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      out.write((int) (rest | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
  }
}
