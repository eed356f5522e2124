// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.query;

/** Sorts row numbers without an object for each. */
final class Ordering {
  /** Compares two rows by their numbers. */
  @FunctionalInterface
  interface RowOrder {
    int compare(int a, int b);
  }

  private Ordering() {}

  /** The numbers 0 to n - 1 in order; equal ones stay as they were. */
  static int[] sorted(int n, RowOrder order) {
    int[] from = new int[n];
    for (int i = 0; i < n; i++) {
      from[i] = i;
    }
    int[] to = new int[n];
    for (int width = 1; width < n; width *= 2) {
      for (int low = 0; low < n; low += 2 * width) {
        merge(from, to, low, Math.min(low + width, n), Math.min(low + 2 * width, n), order);
      }
      int[] swap = from;
      from = to;
      to = swap;
    }
    return from;
  }

  private static void merge(int[] from, int[] to, int low, int middle, int high, RowOrder order) {
    int left = low;
    int right = middle;
    for (int i = low; i < high; i++) {
      boolean takeLeft =
          left < middle && (right >= high || order.compare(from[left], from[right]) <= 0);
      to[i] = takeLeft ? from[left++] : from[right++];
    }
  }
}
