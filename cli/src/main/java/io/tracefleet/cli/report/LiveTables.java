// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.report;

import static io.tracefleet.cli.console.TextTable.grouped;
import static io.tracefleet.cli.console.TextTable.percent;

import com.fasterxml.jackson.databind.JsonNode;
import io.tracefleet.cli.console.Printable;
import io.tracefleet.cli.console.TextTable;
import io.tracefleet.cli.report.RunReport.HotFunctionRow;
import io.tracefleet.jobs.weight.Weight;
import io.tracefleet.jobs.weight.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.StreamSupport;

/** Answers of the HTTP interface as tables. Stateless. */
public final class LiveTables {
  private static final int TEXT_LIMIT = 60;

  private LiveTables() {}

  /** A run and how far it is, in two lines. */
  public static String header(JsonNode details) {
    JsonNode run = details.get("run");
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
        + progress(details.get("progress"));
  }

  /**
   * The fleet and how far it is, in two lines.
   *
   * @param nodes the answer about nodes
   * @param answer of which runs are the rows
   */
  public static String fleetHeader(JsonNode nodes, JsonNode answer) {
    JsonNode fleet = nodes.get("fleet");
    long used = answer.get("runsUsed").asLong();
    long matched = answer.get("runsMatched").asLong();
    return grouped(fleet.get("runs").asLong())
        + " runs on "
        + grouped(fleet.get("nodes").asLong())
        + " nodes, "
        + grouped(fleet.get("running").asLong())
        + " running"
        + (used < matched ? "; the rows are of the newest " + grouped(used) : "")
        + "\n  "
        + progress(fleet);
  }

  /** Instructions, rate, and what is behind or lost; the rest of a line. */
  private static String progress(JsonNode progress) {
    return grouped(progress.get("instructions").asLong())
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

  /** What is said above an estimate; nothing of what was recorded. */
  public static String estimate(JsonNode answer) {
    if (!answer.path("scaled").asBoolean()) {
      return "";
    }
    if (answer.has("runsScaled")) {
      return Estimate.note(answer.get("runsScaled").asLong());
    }
    Map<Integer, Weight> weights = new TreeMap<>();
    answer
        .path("weights")
        .forEach(
            one ->
                weights.put(
                    one.get("vcpu").asInt(),
                    new Weight(one.get("encoded").asLong(), one.get("passed").asLong())));
    return Estimate.note(new Weights(weights));
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
      table.row(
          share(row, answer),
          number(row, "executions"),
          number(row, "instructions"),
          number(row, "bytes"),
          row.get("vaddr").asText(),
          shown(name(row)),
          code(row));
    }
    return table.render();
  }

  /** Rows of hot-functions. */
  public static String hotFunctions(JsonNode answer) {
    List<HotFunctionRow> rows = new ArrayList<>();
    for (JsonNode row : answer.get("rows")) {
      rows.add(function(row));
    }
    return CodeTables.functions(
        rows,
        answer.get("total").asInt(),
        answer.get("totalInstructions").asLong(),
        answer.get("limit").asInt());
  }

  /** Rows of hot-blocks of the fleet. */
  public static String fleetBlocks(JsonNode answer) {
    if (answer.get("rows").isEmpty()) {
      return CodeTables.NONE;
    }
    TextTable table = CodeTables.fleetBlocksTable();
    for (JsonNode row : answer.get("rows")) {
      JsonNode name = name(row);
      table.row(
          share(row, answer),
          number(row, "executions"),
          number(row, "instructions"),
          number(row, "nodes"),
          number(row, "runs"),
          name.isNull() ? "" : shown(name) + offset(row.get("functionOffset")),
          row.get("image").isNull()
              ? shown(row.get("vaddr"))
              : Printable.of(CodeTables.fileName(row.get("image").asText()), TEXT_LIMIT)
                  + offset(row.get("imageOffset")),
          code(row));
    }
    return table.render()
        + RunTables.more(answer.get("total").asInt(), answer.get("limit").asInt(), "blocks");
  }

  /** Rows of hot-functions of the fleet. */
  public static String fleetFunctions(JsonNode answer) {
    List<FleetBlocks.FunctionRow> rows = new ArrayList<>();
    for (JsonNode row : answer.get("rows")) {
      rows.add(
          new FleetBlocks.FunctionRow(
              function(row), row.get("runs").asInt(), row.get("nodes").asInt()));
    }
    return CodeTables.fleetFunctions(
        rows,
        answer.get("total").asInt(),
        answer.get("totalInstructions").asLong(),
        answer.get("limit").asInt());
  }

  private static String share(JsonNode block, JsonNode answer) {
    return percent(block.get("weight").asLong(), answer.get("totalWeight").asLong());
  }

  /** The function, where it is known, else what QEMU says; null if neither is. */
  private static JsonNode name(JsonNode block) {
    return block.get("function").isNull() ? block.get("symbol") : block.get("function");
  }

  private static String offset(JsonNode hex) {
    return hex.isNull() || hex.asText().equals("0x0") ? "" : "+" + hex.asText();
  }

  private static String code(JsonNode row) {
    return CodeTables.code(
        StreamSupport.stream(row.get("code").spliterator(), false)
            .map(instruction -> instruction.get("text").asText()),
        TEXT_LIMIT);
  }

  private static HotFunctionRow function(JsonNode row) {
    return new HotFunctionRow(
        row.get("name").asText(),
        row.get("function").textValue(),
        row.get("image").textValue(),
        row.get("buildId").textValue(),
        row.get("instructions").asLong(),
        row.get("executions").asLong(),
        row.get("blocks").asInt());
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
              if (field.getKey().equals("scaled")) {
                return; // is said above
              }
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
