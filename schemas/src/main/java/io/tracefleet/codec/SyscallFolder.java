// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

import java.util.Arrays;

/** Counts system calls by their number. */
final class SyscallFolder {
  private static final int ROW = 3;
  private static final int ENTRIES = 0;
  private static final int RETURNS = 1;
  private static final int ERRORS = 2;

  private final ColumnReader column = new ColumnReader(Column.SYSCALLS);
  private final LongTable numbers = new LongTable();
  private long[] rows = new long[16 * ROW];

  void start(PayloadHeader header) {
    header.wrapColumn(4, column);
    numbers.clear();
  }

  void fold(PayloadHeader header) throws TraceFormatException {
    boolean rescued = header.rescued();
    long entries = 0;
    long returns = 0;
    long at = 0;
    while (column.hasRemaining()
        && !(rescued && entries == header.syscalls() && returns == header.syscallReturns())) {
      long distance = column.varint();
      int kind = column.u8();
      long number = column.zigzag();
      if (kind > 1) {
        throw column.error("a record of kind " + kind);
      }
      long value = kind == 1 ? column.zigzag() : 0;
      if (kind == 0 ? entries == header.syscalls() : returns == header.syscallReturns()) {
        if (rescued) {
          break;
        }
        throw column.error("more system calls than the header has");
      }
      if (distance < 0 || distance > header.blocks() - at) {
        throw column.error("a system call after the last of " + header.blocks() + " blocks");
      }
      at += distance;
      int i = row(number);
      if (kind == 0) {
        entries++;
        rows[i + ENTRIES]++;
      } else {
        returns++;
        rows[i + RETURNS]++;
        rows[i + ERRORS] += BatchCounts.isError(value) ? 1 : 0;
      }
    }
    header.checkSyscalls(entries, returns);
  }

  private int row(long number) {
    int before = numbers.size();
    int i = ROW * numbers.number(number, 0);
    if (i == ROW * before) {
      if (i + ROW > rows.length) {
        rows = Arrays.copyOf(rows, 2 * rows.length);
      }
      Arrays.fill(rows, i, i + ROW, 0);
    }
    return i;
  }

  /** A column that is not rescued is used up. */
  void checkUsed() throws TraceFormatException {
    PayloadHeader.requireUsed(column, false);
  }

  void addTo(BatchCounts into) {
    for (int i = 0; i < numbers.size(); i++) {
      int row = ROW * i;
      into.addSyscall(
          numbers.first(i), rows[row + ENTRIES], rows[row + RETURNS], rows[row + ERRORS]);
    }
  }
}
