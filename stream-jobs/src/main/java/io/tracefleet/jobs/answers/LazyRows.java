// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.answers;

import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.Function;

/**
 * Rows that are made while they are written, some at a time, so that a long table is never in
 * memory as a whole. Can be gone through again, which makes them again.
 */
final class LazyRows implements Iterable<Map<String, Object>> {
  private static final int AT_ONCE = 500;

  /** Makes the rows from one number to below another. */
  @FunctionalInterface
  interface Maker {
    List<Map<String, Object>> rows(int from, int to);
  }

  private final int from;
  private final int to;
  private final Maker maker;

  private LazyRows(int from, int to, Maker maker) {
    this.from = from;
    this.to = to;
    this.maker = maker;
  }

  /** Those of a page of so many. */
  static Iterable<Map<String, Object>> of(Page page, int rows, Maker maker) {
    return new LazyRows(page.from(rows), page.to(rows), maker);
  }

  /** Those of a page of these. */
  static <T> Iterable<Map<String, Object>> of(
      Page page, List<T> all, Function<T, Map<String, Object>> row) {
    return of(page, all.size(), (first, end) -> all.subList(first, end).stream().map(row).toList());
  }

  @Override
  public Iterator<Map<String, Object>> iterator() {
    return new Iterator<>() {
      private int next = from;
      private Iterator<Map<String, Object>> some = Collections.emptyIterator();

      @Override
      public boolean hasNext() {
        return some.hasNext() || next < to;
      }

      @Override
      public Map<String, Object> next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        if (!some.hasNext()) {
          int end = Math.min(next + AT_ONCE, to);
          some = maker.rows(next, end).iterator();
          next = end;
        }
        return some.next();
      }
    };
  }
}
