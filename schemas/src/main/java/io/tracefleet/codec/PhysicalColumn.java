// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

/** The physical column: which accesses went to another physical address than predicted. */
final class PhysicalColumn {
  private final ColumnReader column;
  private final PageTable pages;
  private final DeviceTable devices;
  private final Chains chains;
  private boolean rescued;
  private boolean pending; // there is a next token
  private TraceFormatException broken; // why it could not be read

  /** Predicted accesses before the next token. */
  long predicted;

  PhysicalColumn(ColumnReader column, PageTable pages, DeviceTable devices, Chains chains) {
    this.column = column;
    this.pages = pages;
    this.devices = devices;
    this.chains = chains;
  }

  void start(PayloadHeader header) throws TraceFormatException {
    header.wrapColumn(3, column);
    rescued = header.rescued();
    predicted = Long.MAX_VALUE;
    pending = false;
    broken = null;
    if (header.systemEmulation()) {
      read();
    }
  }

  /** An access whose physical address is written. */
  void token(long where, int kind) throws TraceFormatException {
    if (broken != null) {
      throw broken;
    }
    long code = column.varint();
    if (code == 0) {
      long target = (where & ~0xfffL) + column.zigzag();
      pages.count(map(where, target), where, kind, 1);
    } else {
      int device;
      if (code == 1) {
        device = devices.name();
      } else if (code > 1 && code - 2 < devices.size()) {
        device = (int) code - 2;
      } else {
        throw column.error("code " + Long.toUnsignedString(code) + " names no device");
      }
      column.varint();
      devices.count(device, kind);
    }
    read();
  }

  private int map(long where, long target) throws TraceFormatException {
    int page = pages.find(where);
    if (page >= 0) {
      if (pages.maps(page, target)) {
        return page;
      }
      chains.accountTouched();
    }
    return pages.map(where, target);
  }

  private void read() throws TraceFormatException {
    pending = column.hasRemaining();
    if (!pending) {
      predicted = Long.MAX_VALUE;
      return;
    }
    try {
      predicted = column.varint();
      if (predicted < 0) {
        predicted = Long.MAX_VALUE;
      }
    } catch (TraceFormatException e) {
      // It may be what a dead process wrote last, which nothing will need.
      if (!rescued) {
        throw e;
      }
      predicted = 0;
      broken = e;
    }
  }

  /** A column that is not rescued is used up. */
  void checkUsed() throws TraceFormatException {
    PayloadHeader.requireUsed(column, pending);
  }
}
