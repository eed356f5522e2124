// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

import java.util.Arrays;

/**
 * Numbers distinct pairs of longs from 0 in the order in which they come. Clearing costs as much as
 * filling did.
 *
 * <p>The hash is seeded per process, so that a hostile payload cannot make all its keys collide.
 */
final class LongTable {
  private static final long SEED = System.nanoTime() * 0x9e3779b97f4a7c15L;

  private int[] index = new int[64]; // number + 1, 0 where free
  private int[] home = new int[32]; // of each number, its place in index
  private long[] first = new long[32];
  private long[] second = new long[32];
  private int size;

  int size() {
    return size;
  }

  /** First half of the key with that number. */
  long first(int number) {
    return first[number];
  }

  /** Second half of the key with that number. */
  long second(int number) {
    return second[number];
  }

  /** Returns the number of a key, which is the former size if it is new. */
  int number(long a, long b) {
    int mask = index.length - 1;
    int place = hash(a, b) & mask;
    for (int found; (found = index[place]) != 0; place = (place + 1) & mask) {
      if (first[found - 1] == a && second[found - 1] == b) {
        return found - 1;
      }
    }
    return add(a, b, place);
  }

  /** Returns the number of a key, or -1. */
  int find(long a, long b) {
    int mask = index.length - 1;
    for (int place = hash(a, b) & mask, found;
        (found = index[place]) != 0;
        place = (place + 1) & mask) {
      if (first[found - 1] == a && second[found - 1] == b) {
        return found - 1;
      }
    }
    return -1;
  }

  void clear() {
    for (int number = 0; number < size; number++) {
      index[home[number]] = 0;
    }
    size = 0;
  }

  private int add(long a, long b, int place) {
    if (size == first.length) {
      grow();
      int mask = index.length - 1;
      place = hash(a, b) & mask;
      while (index[place] != 0) {
        place = (place + 1) & mask;
      }
    }
    first[size] = a;
    second[size] = b;
    home[size] = place;
    index[place] = size + 1;
    return size++;
  }

  private void grow() {
    int capacity = 2 * first.length;
    first = Arrays.copyOf(first, capacity);
    second = Arrays.copyOf(second, capacity);
    home = Arrays.copyOf(home, capacity);
    index = new int[2 * capacity];
    int mask = index.length - 1;
    for (int number = 0; number < size; number++) {
      int place = hash(first[number], second[number]) & mask;
      while (index[place] != 0) {
        place = (place + 1) & mask;
      }
      home[number] = place;
      index[place] = number + 1;
    }
  }

  private static int hash(long a, long b) {
    long h = (a ^ SEED) * 0xbf58476d1ce4e5b9L;
    h = (h ^ (h >>> 32) ^ b) * 0x94d049bb133111ebL;
    return (int) (h ^ (h >>> 32));
  }
}
