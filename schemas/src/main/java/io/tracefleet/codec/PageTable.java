// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

import java.util.Arrays;

/** The mapping of virtual pages to physical ones, and the traffic of these. */
final class PageTable {
  private static final int NONE = -1;

  private final ColumnReader physical;
  private final LongTable virtualPages = new LongTable();
  private long[] mapping = new long[64];

  // Number of the physical page, NONE if the mapping is not aligned.
  private int[] physicalOf = new int[64];
  private final LongTable physicalPages = new LongTable();
  private final Traffic traffic = new Traffic();

  /** All mappings are; else one virtual page may be in two physical ones. */
  boolean aligned;

  /**
   * @param physical the column, for telling where an error is
   */
  PageTable(ColumnReader physical) {
    this.physical = physical;
  }

  void start() {
    virtualPages.clear();
    physicalPages.clear();
    aligned = true;
  }

  /** Returns the page that an address is in, most likely the one that it is given. */
  int page(int before, long where) throws TraceFormatException {
    return before != NONE && virtualPages.first(before) == where >>> 12 ? before : page(where);
  }

  int page(long where) throws TraceFormatException {
    int page = find(where);
    if (page < 0) {
      throw physical.error("no mapping to expect for address 0x" + Long.toHexString(where));
    }
    return page;
  }

  /** Returns the page that an address is in, or -1 if it is not mapped. */
  int find(long where) {
    return virtualPages.find(where >>> 12, 0);
  }

  boolean maps(int page, long target) {
    return mapping[page] == target;
  }

  /** From now on the page of an address is there. Returns the page. */
  int map(long where, long target) {
    int page = virtualPages.number(where >>> 12, 0);
    if (page == mapping.length) {
      mapping = Arrays.copyOf(mapping, 2 * page);
      physicalOf = Arrays.copyOf(physicalOf, 2 * page);
    }
    mapping[page] = target;
    physicalOf[page] = (target & 0xfff) == 0 ? physicalPage(target) : NONE;
    aligned &= physicalOf[page] != NONE;
    return page;
  }

  /**
   * Returns how many accesses from {@code where} on, at most {@code most}, are in one page, virtual
   * and physical.
   */
  long stay(int page, long where, long stride, long most) {
    if (most == 1) {
      return 1;
    }
    long stay = Math.min(most, withinPage(where, stride));
    if (stay != 1 && physicalOf[page] == NONE) {
      stay = Math.min(stay, withinPage(mapping[page] + (where & 0xfff), stride));
    }
    return stay;
  }

  /** Returns how many accesses, the one at {@code where} included, are in the same page. */
  private static long withinPage(long where, long stride) {
    if (stride == 0) {
      return Long.MAX_VALUE;
    }
    int offset = (int) where & 0xfff;
    if (stride > 0 && stride < 4096) {
      return (0xfff - offset) / (int) stride + 1;
    }
    if (stride < 0 && stride > -4096) {
      return offset / (int) -stride + 1;
    }
    return 1;
  }

  /**
   * Counts accesses to one page of RAM; they must be in the same physical page too if the mapping
   * is not aligned.
   */
  void count(int page, long where, int kind, long times) {
    int number = physicalOf[page];
    if (number == NONE) {
      number = physicalPage(mapping[page] + (where & 0xfff));
    }
    traffic.count(number, kind, times);
  }

  private int physicalPage(long where) {
    int before = physicalPages.size();
    int number = physicalPages.number(where & ~0xfffL, 0);
    if (number == before) {
      traffic.start(number);
    }
    return number;
  }

  void addTo(BatchCounts into) {
    for (int page = 0; page < physicalPages.size(); page++) {
      long reads = traffic.reads(page);
      long writes = traffic.writes(page);
      if ((reads | writes) != 0) {
        long readBytes = traffic.readBytes(page);
        long writeBytes = traffic.writeBytes(page);
        into.addPage(physicalPages.first(page), reads, writes, readBytes, writeBytes);
        into.addRam(reads, writes, readBytes, writeBytes);
        traffic.addTo(into, page);
      }
    }
  }
}
