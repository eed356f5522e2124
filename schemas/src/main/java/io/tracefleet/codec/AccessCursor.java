// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

import java.util.Arrays;

/** Delivers the accesses; in system emulation, the physical column says where they went. */
final class AccessCursor {
  private static final int NONE = Replay.NONE;

  private final ColumnReader column = new ColumnReader(Column.PHYSICAL);
  private final LongTable pages = new LongTable();
  private final Names names = new Names();
  private final Replay replay;
  private final ReplayedSlots slots;
  private final ColumnReader memory;
  private long all;
  private boolean system;
  private long[] mapping = new long[64];
  private int devices;
  private long[] deviceOffset = new long[16];
  private TokenState token;
  private long run;

  /**
   * @param memory for telling where an error is
   */
  AccessCursor(Replay replay, ReplayedSlots slots, ColumnReader memory) {
    this.replay = replay;
    this.slots = slots;
    this.memory = memory;
  }

  void start(PayloadHeader header) {
    header.wrapColumn(3, column);
    all = header.accesses();
    system = header.systemEmulation();
    pages.clear();
    names.trim();
    devices = 0;
    token = TokenState.WANTED;
  }

  /** An access by a slot of the current block, or by no slot (NONE) of any block. */
  void access(int block, int slot, int instruction, int info, long address)
      throws TraceFormatException {
    if (replay.accessed == all) {
      throw memory.error("more accesses than the header's " + all);
    }
    replay.accessed++;
    if (!system) {
      replay.visitor.access(block, instruction, info, address, TraceVisitor.DEVICE_NONE, 0);
      return;
    }
    if (token == TokenState.WANTED) {
      read();
    }
    if (token == TokenState.READ) {
      if (run == 0) {
        written(block, instruction, info, address);
        return;
      }
      run--;
    }
    int page = slot == NONE ? NONE : slots.page[slot];
    if (page == NONE || pages.first(page) != address >>> 12) {
      page = page(address);
      if (slot != NONE) {
        slots.page[slot] = page;
      }
    }
    ram(block, instruction, info, address, page);
  }

  private void read() throws TraceFormatException {
    token = column.hasRemaining() ? TokenState.READ : TokenState.NO_MORE;
    if (token == TokenState.READ) {
      run = column.varint();
    }
  }

  private int page(long address) throws TraceFormatException {
    int page = pages.find(address >>> 12, 0);
    if (page < 0) {
      throw column.error("no mapping to expect for address 0x" + Long.toHexString(address));
    }
    return page;
  }

  private void ram(int block, int instruction, int info, long address, int page) {
    long physical = mapping[page] + (address & 0xfff);
    replay.visitor.access(block, instruction, info, address, TraceVisitor.DEVICE_RAM, physical);
  }

  /** An access whose physical address is written. */
  private void written(int block, int instruction, int info, long address)
      throws TraceFormatException {
    token = TokenState.WANTED;
    long code = column.varint();
    if (code == 0) {
      int page = pages.number(address >>> 12, 0);
      if (page == mapping.length) {
        mapping = Arrays.copyOf(mapping, 2 * page);
      }
      mapping[page] = (address & ~0xfffL) + column.zigzag();
      ram(block, instruction, info, address, page);
      return;
    }
    int device;
    if (code == 1) {
      device = name();
    } else {
      if (code < 0 || code - 2 >= devices) {
        throw column.error("code " + Long.toUnsignedString(code) + " names no device");
      }
      device = (int) code - 2;
      deviceOffset[device] += column.zigzag();
    }
    replay.visitor.access(block, instruction, info, address, device, deviceOffset[device]);
  }

  /** Reads and delivers the next device's name. */
  private int name() throws TraceFormatException {
    int device = devices;
    if (device == PayloadHeader.MAX_DEVICES) {
      throw column.error("more than " + PayloadHeader.MAX_DEVICES + " devices");
    }
    int length = column.varint(PayloadHeader.MAX_DEVICE_NAME, "a device name's length");
    int at = column.position();
    column.skip(length);
    if (device == deviceOffset.length) {
      deviceOffset = Arrays.copyOf(deviceOffset, 2 * device);
    }
    deviceOffset[device] = column.zigzag();
    devices++;
    replay.visitor.device(device, names.string(names.number(column.array(), at, length)));
    return device;
  }

  /** A column that is not rescued is used up. */
  void checkUsed() throws TraceFormatException {
    PayloadHeader.requireUsed(column, token == TokenState.READ);
  }
}
