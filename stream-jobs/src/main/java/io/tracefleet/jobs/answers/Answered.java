// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.answers;

import io.tracefleet.jobs.query.Missing;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A table, or an object that is no table.
 *
 * @param columns names of the rows' values, in order; empty if it is no table
 * @param rows of the page; may be made while they are gone through
 * @param page which rows these are, or null if it is no table
 * @param total rows before paging
 * @param further values beside the rows
 * @param missing who did not answer
 * @param nothing true if nobody answered
 */
public record Answered(
    List<String> columns,
    Iterable<Map<String, Object>> rows,
    Page page,
    int total,
    Map<String, Object> further,
    List<Missing> missing,
    boolean nothing) {

  /** An object. */
  static Answered object(Map<String, Object> values, List<Missing> missing, boolean nothing) {
    return new Answered(List.of(), List.of(), null, 0, values, missing, nothing);
  }

  /** A page of rows, sorted here: for tables with few rows. */
  static Answered sorted(
      List<String> columns,
      List<Map<String, Object>> all,
      Page page,
      Map<String, Object> further,
      List<Missing> missing,
      boolean nothing) {
    List<Map<String, Object>> sorted = all;
    if (page.sort() != null) {
      Comparator<Map<String, Object>> order =
          Comparator.comparing(row -> row.get(page.sort()), Answered::compare);
      sorted = all.stream().sorted(page.descending() ? order.reversed() : order).toList();
    }
    return new Answered(
        columns,
        sorted.subList(page.from(sorted.size()), page.to(sorted.size())),
        page,
        sorted.size(),
        further,
        missing,
        nothing);
  }

  /** The same with these further values. */
  Answered with(Map<String, Object> more) {
    Map<String, Object> all = new LinkedHashMap<>(more);
    all.putAll(further);
    return new Answered(columns, rows, page, total, all, missing, nothing);
  }

  /** The same with one more value in each row. */
  Answered withColumn(String name, Object value) {
    return new Answered(
        RunAnswers.concat(columns, List.of(name)),
        () -> {
          Iterator<Map<String, Object>> from = rows.iterator();
          return new Iterator<>() {
            @Override
            public boolean hasNext() {
              return from.hasNext();
            }

            @Override
            public Map<String, Object> next() {
              Map<String, Object> row = new LinkedHashMap<>(from.next());
              row.put(name, value);
              return row;
            }
          };
        },
        page,
        total,
        further,
        missing,
        nothing);
  }

  /** A row: names and values in turn. */
  static Map<String, Object> row(Object... namesAndValues) {
    Map<String, Object> row = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      row.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return row;
  }

  /** An address as all answers write it. */
  static String hex(long value) {
    return "0x" + Long.toHexString(value);
  }

  static String hex(int value) {
    return "0x" + Integer.toHexString(value);
  }

  /** Values that are not known come last. */
  private static int compare(Object a, Object b) {
    if (a == null || b == null) {
      return a == b ? 0 : a == null ? 1 : -1;
    }
    return a instanceof Number left && b instanceof Number right
        ? Long.compare(left.longValue(), right.longValue())
        : a.toString().compareTo(b.toString());
  }
}
