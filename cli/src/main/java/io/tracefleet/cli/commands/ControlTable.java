// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import io.tracefleet.cli.console.Printable;
import io.tracefleet.cli.console.TextTable;
import io.tracefleet.cli.report.ReportBuilder;
import io.tracefleet.schemas.TraceControl;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What nodes are asked to trace, as text. */
final class ControlTable {
  static final String ALL_NODES = "*";

  private static final int TEXT_LIMIT = 48;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);

  private ControlTable() {}

  static String render(Map<String, TraceControl> controls) {
    if (controls.isEmpty()) {
      return "nothing is set: guests are traced as they were started\n";
    }
    TextTable table =
        new TextTable()
            .text("node")
            .text("mode")
            .text("addresses")
            .text("vCPUs")
            .text("windows")
            .number("budget")
            .text("since")
            .text("asked by");
    controls.forEach(
        (node, control) ->
            table.row(
                Printable.of(node, TEXT_LIMIT),
                Printable.of(control.getMode(), TEXT_LIMIT),
                addresses(control),
                vcpus(control),
                windows(control),
                control.getBudget() == 0 ? "none" : TextTable.grouped(control.getBudget()),
                TIME.format(control.getUpdatedAt().atZone(ZoneId.systemDefault())),
                Printable.of(control.getUpdatedBy(), TEXT_LIMIT)));
    return table.render();
  }

  /** A change; the control is null for a node that has none any more. */
  static String line(String node, TraceControl control) {
    String name = Printable.of(node, TEXT_LIMIT);
    return control == null
        ? name + ": as started"
        : control.getUpdatedAt()
            + " "
            + name
            + ": "
            + summary(control)
            + ", asked by "
            + Printable.of(control.getUpdatedBy(), TEXT_LIMIT);
  }

  /** On one line. */
  static String summary(TraceControl control) {
    return Printable.of(control.getMode(), TEXT_LIMIT)
        + (control.getAddressFilters().isEmpty() ? "" : ", only " + addresses(control))
        + (control.getVcpus().isEmpty() ? "" : ", only vCPU " + vcpus(control))
        + (control.getWindows().isEmpty() ? "" : ", only instructions " + windows(control))
        + (control.getBudget() == 0
            ? ""
            : ", at most " + TextTable.grouped(control.getBudget()) + " bytes per second");
  }

  private static String vcpus(TraceControl control) {
    return control.getVcpus().isEmpty()
        ? "all"
        : control.getVcpus().stream().map(String::valueOf).collect(Collectors.joining(","));
  }

  private static String windows(TraceControl control) {
    return control.getWindows().isEmpty()
        ? "all"
        : control.getWindows().stream()
            .map(w -> ReportBuilder.window(w.getFrom(), w.getCount(), w.getEvery()))
            .collect(Collectors.joining(" "));
  }

  private static String addresses(TraceControl control) {
    return control.getAddressFilters().isEmpty()
        ? "all"
        : control.getAddressFilters().stream()
            .map(
                range ->
                    ReportBuilder.address(range.getBegin())
                        + "-"
                        + ReportBuilder.address(range.getEnd()))
            .collect(Collectors.joining(" "));
  }
}
