// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.console;

import java.util.ArrayList;
import java.util.List;

/** A table that can be shown on a terminal and in a page. Used by one thread. */
public final class Grid {
  private final List<String> headings;
  private final List<List<String>> rows = new ArrayList<>();
  private final int textColumns;

  /**
   * @param textColumns columns from the left that are text; the others are numbers
   */
  public Grid(int textColumns, String... headings) {
    this.textColumns = textColumns;
    this.headings = List.of(headings);
  }

  /** Adds a row; the cells are as many as the headings. */
  public Grid row(String... cells) {
    return row(List.of(cells));
  }

  /** Adds a row; the cells are as many as the headings. */
  public Grid row(List<String> cells) {
    if (cells.size() != headings.size()) {
      throw new IllegalArgumentException(
          "a row of " + cells.size() + " cells in a table of " + headings.size() + " columns");
    }
    rows.add(List.copyOf(cells));
    return this;
  }

  /** True without rows. */
  public boolean isEmpty() {
    return rows.isEmpty();
  }

  /** For a terminal. */
  public String toText() {
    TextTable table = new TextTable();
    for (int i = 0; i < headings.size(); i++) {
      if (i < textColumns) {
        table.text(headings.get(i));
      } else {
        table.number(headings.get(i));
      }
    }
    rows.forEach(row -> table.row(row.toArray(String[]::new)));
    return table.render();
  }

  /** For a page. */
  public String toMarkdown() {
    StringBuilder text = new StringBuilder();
    line(text, headings);
    List<String> rule = new ArrayList<>();
    for (int i = 0; i < headings.size(); i++) {
      rule.add(i < textColumns ? "---" : "---:");
    }
    line(text, rule);
    rows.forEach(row -> line(text, row));
    return text.toString();
  }

  private static void line(StringBuilder text, List<String> cells) {
    text.append('|');
    cells.forEach(cell -> text.append(' ').append(cell.replace("|", "\\|")).append(" |"));
    text.append('\n');
  }
}
