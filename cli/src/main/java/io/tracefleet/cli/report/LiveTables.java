// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.report;

import static io.tracefleet.cli.console.TextTable.grouped;
import static io.tracefleet.cli.console.TextTable.percent;

import com.fasterxml.jackson.databind.JsonNode;
import io.tracefleet.cli.console.Printable;
import io.tracefleet.cli.console.TextTable;
import io.tracefleet.cli.report.RunReport.HotFunctionRow;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;

/** Answers of the HTTP interface as tables. Stateless. */
public final class LiveTables {
  private static final int TEXT_LIMIT = 60;

  private LiveTables() {}

  /** A run and how far it is, in two lines. */
  public static String header(JsonNode details) {
    JsonNode run = details.get("run");
    JsonNode progress = details.get("progress");
    String state =
        run.get("end").isNull()
            ? "running"
            : "ended: " + run.get("endReason").asText() + " " + run.get("exitCode").asText("");
    return "Run "
        + run.get("runId").asText()
        + "  "
        + shown(run.get("name"))
        + " on "
        + shown(run.get("node"))
        + ", "
        + state.strip()
        + "\n  "
        + grouped(progress.get("instructions").asLong())
        + " instructions, "
        + grouped(progress.get("rate").asLong())
        + "/s, lag "
        + (progress.get("lag").isNull() ? "-" : grouped(progress.get("lag").asLong()))
        + " batches, dropped "
        + grouped(progress.get("dropped").asLong())
        + ", gaps "
        + grouped(progress.get("gaps").asLong())
        + "\n";
  }

  /** What did not answer, a line each. */
  public static String missing(JsonNode answer) {
    StringBuilder text = new StringBuilder();
    for (JsonNode missing : answer.get("missing")) {
      text.append("  incomplete: partitions ")
          .append(missing.get("partitions"))
          .append(missing.get("instance").isNull() ? "" : " of " + missing.get("instance").asText())
          .append(": ")
          .append(shown(missing.get("reason")))
          .append('\n');
    }
    return text.toString();
  }

  /** Rows of hot-blocks. */
  public static String hotBlocks(JsonNode answer) {
    TextTable table =
        new TextTable()
            .number("share %")
            .number("executions")
            .number("instr.")
            .number("bytes")
            .text("address")
            .text("symbol")
            .text("code");
    for (JsonNode row : answer.get("rows")) {
      JsonNode name = row.get("function").isNull() ? row.get("symbol") : row.get("function");
      table.row(
          percent(row.get("weight").asLong(), answer.get("totalWeight").asLong()),
          number(row, "executions"),
          number(row, "instructions"),
          number(row, "bytes"),
          row.get("vaddr").asText(),
          name.isNull() ? "" : shown(name),
          CodeTables.code(
              StreamSupport.stream(row.get("code").spliterator(), false)
                  .map(instruction -> instruction.get("text").asText()),
              TEXT_LIMIT));
    }
    return table.render();
  }

  /** Rows of hot-functions. */
  public static String hotFunctions(JsonNode answer) {
    List<HotFunctionRow> rows = new ArrayList<>();
    for (JsonNode row : answer.get("rows")) {
      rows.add(
          new HotFunctionRow(
              row.get("name").asText(),
              row.get("function").textValue(),
              row.get("image").textValue(),
              row.get("buildId").textValue(),
              row.get("instructions").asLong(),
              row.get("executions").asLong(),
              row.get("blocks").asInt()));
    }
    return CodeTables.functions(
        rows,
        answer.get("total").asInt(),
        answer.get("totalInstructions").asLong(),
        answer.get("limit").asInt());
  }

  private static String shown(JsonNode text) {
    return text.isNull() ? "" : Printable.of(text.asText(), TEXT_LIMIT);
  }

  /** Rows of any other table, a column for each value. */
  public static String plain(JsonNode answer) {
    TextTable table = new TextTable();
    List<String> columns = new ArrayList<>();
    JsonNode first = answer.at("/rows/0");
    first
        .fields()
        .forEachRemaining(
            field -> {
              columns.add(field.getKey());
              if (field.getValue().isNumber()) {
                table.number(field.getKey());
              } else {
                table.text(field.getKey());
              }
            });
    for (JsonNode row : answer.get("rows")) {
      table.row(
          columns.stream()
              .map(
                  column ->
                      row.get(column).isNumber() ? number(row, column) : shown(row.get(column)))
              .toArray(String[]::new));
    }
    return columns.isEmpty() ? "  nothing yet\n" : table.render();
  }

  private static String number(JsonNode row, String column) {
    return grouped(row.get(column).asLong());
  }
}
