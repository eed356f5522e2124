// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.decode;

import io.tracefleet.jobs.table.PackedBytes;
import java.util.Arrays;

/**
 * Which sequences of one vCPU have counted: all below {@code next}, and ranges above it. As batches
 * come nearly in order there are few ranges; each hole costs one.
 */
final class SequenceSet {
  private static final byte VERSION = 1;

  private long next;
  private long[] ranges =
      new long
          [4]; // from (inclusive), to (exclusive), ... ascending, never touching, all above next
  private int used;

  boolean contains(long sequence) {
    if (sequence < next) {
      return true;
    }
    int range = firstEndingAfter(sequence);
    return range < used && ranges[range] <= sequence;
  }

  /** Adds a sequence that is not contained yet. */
  void add(long sequence) {
    if (sequence == next) {
      next++;
      if (used > 0 && ranges[0] == next) {
        next = ranges[1];
        remove(0);
      }
      return;
    }
    int range = firstEndingAfter(sequence);
    boolean joinsBefore = range > 0 && ranges[range - 1] == sequence;
    boolean joinsAfter = range < used && ranges[range] == sequence + 1;
    if (joinsBefore && joinsAfter) {
      ranges[range - 1] = ranges[range + 1];
      remove(range);
    } else if (joinsBefore) {
      ranges[range - 1]++;
    } else if (joinsAfter) {
      ranges[range]--;
    } else {
      insert(range, sequence);
    }
  }

  /** One more than the largest that is contained. */
  long end() {
    return used == 0 ? next : ranges[used - 1];
  }

  /** Number of ranges above the first hole. */
  int ranges() {
    return used / 2;
  }

  /** Index in {@code ranges} of the first range that ends after the sequence, or {@code used}. */
  private int firstEndingAfter(long sequence) {
    int low = 0;
    int high = used / 2;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (ranges[2 * middle + 1] <= sequence) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return 2 * low;
  }

  private void insert(int at, long sequence) {
    if (used == ranges.length) {
      ranges = Arrays.copyOf(ranges, 2 * used);
    }
    System.arraycopy(ranges, at, ranges, at + 2, used - at);
    ranges[at] = sequence;
    ranges[at + 1] = sequence + 1;
    used += 2;
  }

  private void remove(int at) {
    System.arraycopy(ranges, at + 2, ranges, at, used - at - 2);
    used -= 2;
  }

  /*
   * In the store: u8 version | varint next | varint ranges | per range: varint (from - end before), varint (length)
   */
  byte[] encode() {
    PackedBytes out = new PackedBytes(16 + 10 * used);
    out.u8(VERSION);
    out.varint(next);
    out.varint(used / 2);
    long end = next;
    for (int i = 0; i < used; i += 2) {
      out.varint(ranges[i] - end);
      out.varint(ranges[i + 1] - ranges[i]);
      end = ranges[i + 1];
    }
    return out.toArray();
  }

  static SequenceSet decode(byte[] bytes) {
    PackedBytes in = new PackedBytes(bytes);
    int version = in.u8();
    if (version != VERSION) {
      throw new IllegalStateException(
          "Stored sequences have format " + version + "; this release reads format " + VERSION);
    }
    SequenceSet set = new SequenceSet();
    set.next = in.varint();
    set.used = 2 * Math.toIntExact(in.varint());
    set.ranges = new long[Math.max(4, set.used)];
    long end = set.next;
    for (int i = 0; i < set.used; i += 2) {
      set.ranges[i] = end + in.varint();
      end = set.ranges[i] + in.varint();
      set.ranges[i + 1] = end;
    }
    return set;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("[0," + next + ")");
    for (int i = 0; i < used; i += 2) {
      text.append(" [").append(ranges[i]).append(',').append(ranges[i + 1]).append(')');
    }
    return text.toString();
  }
}
