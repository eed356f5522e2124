// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.config;

import java.util.List;

/**
 * What is to be traced of a guest.
 *
 * @param ranges only blocks that begin in one of these; empty: all
 * @param vcpus only these vCPU indices; empty: all
 * @param windows only instructions in one of these; empty: all
 * @param budget payload bytes that the node may publish in a second; 0: no limit
 * @param askedBy who wants it
 */
public record TraceWish(
    TraceMode mode,
    List<AddressRange> ranges,
    List<Integer> vcpus,
    List<Window> windows,
    long budget,
    String askedBy) {
  /** Ranges at most: what a ring has room for. */
  public static final int RANGES_MOST = 16;

  /** vCPU indices at most. */
  public static final int VCPUS_MOST = 64;

  /** Windows at most. */
  public static final int WINDOWS_MOST = 8;

  public TraceWish {
    ranges = List.copyOf(ranges);
    vcpus = List.copyOf(vcpus);
    windows = List.copyOf(windows);
    checkSize("address ranges", ranges, RANGES_MOST);
    checkSize("vCPUs", vcpus, VCPUS_MOST);
    checkSize("windows", windows, WINDOWS_MOST);
    for (int vcpu : vcpus) {
      if (vcpu < 0) {
        throw new IllegalArgumentException("vCPU " + vcpu + ": expected an index from 0 on");
      }
    }
    if (budget < 0) {
      throw new IllegalArgumentException(
          "budget " + budget + ": expected bytes per second, or 0 for no limit");
    }
  }

  /** Blocks by their addresses only. */
  public TraceWish(TraceMode mode, List<AddressRange> ranges, String askedBy) {
    this(mode, ranges, List.of(), List.of(), 0, askedBy);
  }

  private static void checkSize(String what, List<?> given, int most) {
    if (given.size() > most) {
      throw new IllegalArgumentException(
          what + ": " + given.size() + " are too many, at most " + most);
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

  /**
   * Instructions of a vCPU, by their number.
   *
   * @param from the first
   * @param count how many
   * @param every repeated after so many; 0: once
   */
  public record Window(long from, long count, long every) {
    public Window {
      if (from < 0 || count < 1 || every < 0) {
        throw new IllegalArgumentException(
            "window from %d for %d every %d: expected a count from 1 on, and nothing negative"
                .formatted(from, count, every));
      }
      if (every != 0 && count > every) {
        throw new IllegalArgumentException(
            "window of %d every %d: expected no more than there are".formatted(count, every));
      }
    }
  }

  /** Everything, in this mode, as a guest is started. */
  public static TraceWish of(TraceMode mode) {
    return new TraceWish(mode, List.of(), "");
  }

  /** The same in another mode, asked for by somebody else. */
  public TraceWish in(TraceMode other, String by) {
    return new TraceWish(other, ranges, vcpus, windows, budget, by);
  }

  /** Whether the same is traced, whoever wants it. */
  public boolean tracesAs(TraceWish other) {
    return mode == other.mode
        && ranges.equals(other.ranges)
        && vcpus.equals(other.vcpus)
        && windows.equals(other.windows);
  }
}
