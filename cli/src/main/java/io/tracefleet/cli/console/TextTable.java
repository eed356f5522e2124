// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.console;

import java.util.ArrayList;
import java.util.List;

/**
 * A plain-text table: numbers to the right, text to the left, two spaces between columns, a rule
 * under the headings. Used by one thread.
 */
public final class TextTable {
  private static final String GAP = "  ";

  private final List<String> headings = new ArrayList<>();
  private final List<Boolean> right = new ArrayList<>();
  private final List<List<String>> rows = new ArrayList<>();

  /** Adds a column of numbers. */
  public TextTable number(String heading) {
    headings.add(heading);
    right.add(true);
    return this;
  }

  /** Adds a column of text. */
  public TextTable text(String heading) {
    headings.add(heading);
    right.add(false);
    return this;
  }

  /** Adds a row; the cells are as many as the columns. */
  public TextTable row(String... cells) {
    if (cells.length != headings.size()) {
      throw new IllegalArgumentException(
          "A row of " + cells.length + " cells in a table of " + headings.size() + " columns.");
    }
    rows.add(List.of(cells));
    return this;
  }

  /** A whole number with thousands separated, the same in every locale. */
  public static String grouped(long number) {
    StringBuilder digits = new StringBuilder(Long.toString(number));
    int first = number < 0 ? 1 : 0;
    for (int at = digits.length() - 3; at > first; at -= 3) {
      digits.insert(at, ',');
    }
    return digits.toString();
  }

  /** A share of a total in percent with two decimals; "-" of nothing. */
  public static String percent(long part, long total) {
    if (total == 0) {
      return "-";
    }
    long basisPoints = Math.round(10_000.0 * part / total);
    return basisPoints / 100 + "." + String.format("%02d", basisPoints % 100);
  }

  /** The table, each line ended by a newline. */
  public String render() {
    int[] widths = new int[headings.size()];
    measure(headings, widths);
    for (List<String> row : rows) {
      measure(row, widths);
    }
    StringBuilder text = new StringBuilder();
    appendLine(text, headings, widths);
    List<String> rule = new ArrayList<>();
    for (int width : widths) {
      rule.add("-".repeat(width));
    }
    appendLine(text, rule, widths);
    for (List<String> row : rows) {
      appendLine(text, row, widths);
    }
    return text.toString();
  }

  private static void measure(List<String> cells, int[] widths) {
    for (int i = 0; i < widths.length; i++) {
      widths[i] = Math.max(widths[i], length(cells.get(i)));
    }
  }

  private static int length(String cell) {
    return cell.codePointCount(0, cell.length());
  }

  private void appendLine(StringBuilder text, List<String> cells, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String cell = cells.get(i);
      String padding = " ".repeat(widths[i] - length(cell));
      line.append(i == 0 ? "" : GAP);
      line.append(right.get(i) ? padding + cell : cell + padding);
    }
    text.append(line.toString().stripTrailing()).append('\n');
  }
}
