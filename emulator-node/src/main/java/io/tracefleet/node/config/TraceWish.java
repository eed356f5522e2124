// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.config;

import java.util.List;

/**
 * What is to be traced of a guest.
 *
 * @param ranges only blocks that begin in one of these; empty: all
 * @param askedBy who wants it
 */
public record TraceWish(TraceMode mode, List<AddressRange> ranges, String askedBy) {
  /** Ranges at most: what a ring has room for. */
  public static final int RANGES_MOST = 16;

  public TraceWish {
    ranges = List.copyOf(ranges);
    if (ranges.size() > RANGES_MOST) {
      throw new IllegalArgumentException(
          "address ranges: " + ranges.size() + " are too many, at most " + RANGES_MOST);
    }
  }

  /** Guest virtual addresses, half-open and unsigned. */
  public record AddressRange(long begin, long end) {
    public AddressRange {
      if (Long.compareUnsigned(begin, end) >= 0) {
        throw new IllegalArgumentException(
            "address range 0x%x-0x%x: expected BEGIN-END with BEGIN below END"
                .formatted(begin, end));
      }
    }
  }

  /** Everything, in this mode, as a guest is started. */
  public static TraceWish of(TraceMode mode) {
    return new TraceWish(mode, List.of(), "");
  }

  /** Whether the same is traced, whoever wants it. */
  public boolean tracesAs(TraceWish other) {
    return mode == other.mode && ranges.equals(other.ranges);
  }
}
