// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.symbols;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Functions by address. Immutable; addresses are unsigned. */
final class SymbolTable {
  /** Longest name, characters. */
  static final int NAME_MOST = 255;

  static final SymbolTable EMPTY = new Builder().build();

  /** Symbols that may lie within another one's range before one is found that still reaches. */
  private static final int NESTED_MOST = 8;

  private final long[] begins;
  private final long[] sizes;
  private final int[] names;
  private final byte[] text;

  private SymbolTable(long[] begins, long[] sizes, int[] names, byte[] text) {
    this.begins = begins;
    this.sizes = sizes;
    this.names = names;
    this.text = text;
  }

  /** Index of the function that holds {@code address}, or -1. */
  int find(long address) {
    int at = Arrays.binarySearch(begins, address ^ Long.MIN_VALUE);
    at = at < 0 ? -at - 2 : at;
    for (int i = at; i >= 0 && i > at - NESTED_MOST; i--) {
      if (Long.compareUnsigned(address - begin(i), sizes[i]) < 0) {
        return i;
      }
    }
    return -1;
  }

  int size() {
    return begins.length;
  }

  /** Where function {@code index} begins. */
  long begin(int index) {
    return begins[index] ^ Long.MIN_VALUE;
  }

  /** Its name without a version, at most {@value #NAME_MOST} characters. */
  String name(int index) {
    int from = names[index];
    int to = from;
    // A character has at most 4 bytes.
    while (to < text.length && to - from < 4 * NAME_MOST && text[to] != 0 && text[to] != '@') {
      to++;
    }
    return bounded(new String(text, from, to - from, StandardCharsets.UTF_8));
  }

  static String bounded(String name) {
    return name.length() <= NAME_MOST ? name : name.substring(0, NAME_MOST);
  }

  /** Heap that it takes, bytes. */
  long weight() {
    return 20L * begins.length + text.length;
  }

  /** Collects functions; the better of two at the same address stays. */
  static final class Builder {
    private static final int LABEL = 1;
    private static final int VISIBLE = 2;

    private long[] begins = new long[64];
    private long[] sizes = new long[64];
    private long[] limits = new long[64];
    private int[] names = new int[64];
    private byte[] ranks = new byte[64];
    private byte[] text = {};
    private int count;

    /** The bytes that names are in, each ended by a 0. */
    Builder text(byte[] bytes) {
      text = bytes;
      return this;
    }

    /**
     * @param size bytes, 0 if not known: it reaches to the next symbol then
     * @param limit end of what holds it, for one without size
     * @param name index into the text
     * @param label true for one that may only mark a place within a function
     * @param binding 0 local, 1 global, 2 weak, as in ELF
     */
    void add(long begin, long size, long limit, int name, boolean label, int binding) {
      if (count == begins.length) {
        int room = 2 * count;
        begins = Arrays.copyOf(begins, room);
        sizes = Arrays.copyOf(sizes, room);
        limits = Arrays.copyOf(limits, room);
        names = Arrays.copyOf(names, room);
        ranks = Arrays.copyOf(ranks, room);
      }
      begins[count] = begin ^ Long.MIN_VALUE;
      sizes[count] = size;
      limits[count] = limit;
      names[count] = name;
      ranks[count] = (byte) ((binding == 0 ? 0 : VISIBLE) | (label ? LABEL : 0));
      count++;
    }

    int count() {
      return count;
    }

    SymbolTable build() {
      int[] order =
          IntStream.range(0, count)
              .boxed()
              .sorted(
                  Comparator.<Integer>comparingLong(i -> begins[i])
                      .thenComparingInt(i -> ranks[i] & LABEL)
                      .thenComparing(i -> sizes[i] == 0)
                      .thenComparingInt(i -> -(ranks[i] & VISIBLE))
                      .thenComparing(this::compareNames))
              .mapToInt(Integer::intValue)
              .toArray();
      long[] keptBegins = new long[count];
      long[] keptSizes = new long[count];
      int[] keptNames = new int[count];
      int kept = 0;
      long reach = Long.MIN_VALUE; // end of the sized functions so far, in the order of begins
      for (int k = 0; k < count; k++) {
        int i = order[k];
        boolean sameBegin = kept > 0 && keptBegins[kept - 1] == begins[i];
        boolean within = (ranks[i] & LABEL) != 0 && begins[i] < reach;
        if (sameBegin || within) {
          continue;
        }
        keptBegins[kept] = begins[i];
        keptNames[kept] = names[i];
        keptSizes[kept] = sizes[i];
        if (sizes[i] == 0) {
          long next = k + 1 < count ? begins[nextBegin(order, k)] : Long.MAX_VALUE;
          long limit = limits[i] ^ Long.MIN_VALUE;
          keptSizes[kept] = Math.max(Math.min(next, limit), begins[i]) - begins[i];
        } else if (begins[i] + sizes[i] > begins[i]) {
          reach = Math.max(reach, begins[i] + sizes[i]);
        }
        kept++;
      }
      return new SymbolTable(
          Arrays.copyOf(keptBegins, kept),
          Arrays.copyOf(keptSizes, kept),
          Arrays.copyOf(keptNames, kept),
          text);
    }

    /** The first behind {@code k} in the order that begins elsewhere; the last if there is none. */
    private int nextBegin(int[] order, int k) {
      int next = k + 1;
      while (next < count - 1 && begins[order[next]] == begins[order[k]]) {
        next++;
      }
      return order[next];
    }

    /**
     * Of two names for one function the one with fewer underscores before it is what programmers
     * call it; beyond that the order is only always the same, so that two nodes choose alike.
     */
    private int compareNames(int a, int b) {
      int underscores = Integer.compare(underscores(names[a]), underscores(names[b]));
      if (underscores != 0) {
        return underscores;
      }
      int i = names[a];
      int j = names[b];
      for (; i < text.length && j < text.length; i++, j++) {
        if (text[i] != text[j] || text[i] == 0) {
          return Byte.compareUnsigned(text[i], text[j]);
        }
      }
      return 0;
    }

    private int underscores(int name) {
      int count = 0;
      while (name + count < text.length && text[name + count] == '_') {
        count++;
      }
      return count;
    }
  }
}
