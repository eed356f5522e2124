// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.report;

import static io.tracefleet.cli.console.TextTable.grouped;
import static io.tracefleet.cli.console.TextTable.percent;

import io.tracefleet.cli.console.Printable;
import io.tracefleet.cli.console.TextTable;
import io.tracefleet.cli.report.RunReport.HotBlockRow;
import io.tracefleet.cli.report.RunReport.HotFunctionRow;
import io.tracefleet.jobs.code.CodePlace;
import io.tracefleet.schemas.BlockDetail;
import io.tracefleet.schemas.Instruction;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Tables of blocks and functions. Stateless; what a guest controls is made safe for terminals. */
public final class CodeTables {
  /** In place of a table. */
  static final String NONE = "  none\n";

  private static final int FUNCTION_LIMIT = 40;
  private static final int SOURCE_LIMIT = 28;
  private static final int IMAGE_LIMIT = 40;
  private static final int DISASSEMBLY_LIMIT = 56;

  private CodeTables() {}

  /** Blocks of one run by instructions executed in them. */
  static String blocks(List<BlockView> blocks, int limit) {
    long total = blocks.stream().mapToLong(BlockView::weight).sum();
    TextTable table =
        new TextTable()
            .number("share %")
            .number("executions")
            .number("instr.")
            .number("bytes")
            .text("address")
            .text("function");
    List<BlockView> shown = first(blocks, limit);
    boolean sources = shown.stream().anyMatch(block -> block.row().source() != null);
    if (sources) {
      table.text("source");
    }
    table.text("code");
    for (BlockView block : shown) {
      HotBlockRow row = block.row();
      String share = percent(block.weight(), total);
      String executions = grouped(row.executions());
      String instructions = Integer.toString(row.instructions());
      String bytes = Integer.toString(row.bytes());
      String code = disassembly(block.detail());
      if (sources) {
        table.row(
            share, executions, instructions, bytes, row.vaddr(), place(row), source(row), code);
      } else {
        table.row(share, executions, instructions, bytes, row.vaddr(), place(row), code);
      }
    }
    return table.render();
  }

  /** Functions by instructions executed in them. */
  static String functions(List<HotFunctionRow> rows, int limit) {
    long total = rows.stream().mapToLong(HotFunctionRow::instructions).sum();
    return functions(rows, rows.size(), total, limit);
  }

  /**
   * @param rows the first ones, at least those that are shown
   * @param all how many there are
   * @param total instructions of all
   */
  static String functions(List<HotFunctionRow> rows, int all, long total, int limit) {
    if (rows.isEmpty()) {
      return NONE;
    }
    TextTable table =
        new TextTable()
            .number("share %")
            .number("instructions")
            .number("blocks")
            .text("function")
            .text("image");
    for (HotFunctionRow row : first(rows, limit)) {
      table.row(
          percent(row.instructions(), total),
          grouped(row.instructions()),
          grouped(row.blocks()),
          Printable.of(row.name(), FUNCTION_LIMIT),
          imageOf(row));
    }
    return table.render() + RunTables.more(all, limit, "functions");
  }

  private static String imageOf(HotFunctionRow function) {
    return function.image() == null ? "" : Printable.of(fileName(function.image()), IMAGE_LIMIT);
  }

  /** Functions of many runs by instructions executed in them. */
  public static String fleetFunctions(List<FleetBlocks.FunctionRow> rows, int limit) {
    long total = rows.stream().mapToLong(row -> row.function().instructions()).sum();
    return fleetFunctions(rows, rows.size(), total, limit);
  }

  /**
   * @param rows the first ones, at least those that are shown
   * @param all how many there are
   * @param total instructions of all
   */
  static String fleetFunctions(List<FleetBlocks.FunctionRow> rows, int all, long total, int limit) {
    if (rows.isEmpty()) {
      return NONE;
    }
    TextTable table =
        new TextTable()
            .number("share %")
            .number("instructions")
            .number("blocks")
            .number("nodes")
            .number("runs")
            .text("function")
            .text("image");
    for (FleetBlocks.FunctionRow row : first(rows, limit)) {
      HotFunctionRow function = row.function();
      table.row(
          percent(function.instructions(), total),
          grouped(function.instructions()),
          grouped(function.blocks()),
          grouped(row.nodes()),
          grouped(row.runs()),
          Printable.of(function.name(), FUNCTION_LIMIT),
          imageOf(function));
    }
    return table.render() + RunTables.more(all, limit, "functions");
  }

  /** Without rows. */
  static TextTable fleetBlocksTable() {
    return new TextTable()
        .number("share %")
        .number("executions")
        .number("instr.")
        .number("nodes")
        .number("runs")
        .text("function")
        .text("image")
        .text("code");
  }

  /** Blocks of many runs. */
  public static String fleet(FleetBlocks fleet, int limit) {
    if (fleet.rows().isEmpty()) {
      return NONE;
    }
    long total = fleet.blocks().stream().mapToLong(BlockView::weight).sum();
    TextTable table = fleetBlocksTable();
    for (int i = 0; i < Math.min(limit, fleet.rows().size()); i++) {
      FleetBlocks.Row row = fleet.rows().get(i);
      BlockView block = fleet.blocks().get(i);
      table.row(
          percent(block.weight(), total),
          grouped(block.row().executions()),
          Integer.toString(block.row().instructions()),
          grouped(row.nodes()),
          grouped(row.runs()),
          CodePlace.of(block.detail()).functionName() == null ? "" : place(block.row()),
          image(block.row()),
          disassembly(block.detail()));
    }
    return table.render() + RunTables.more(fleet.rows().size(), limit, "blocks");
  }

  /** Function and offset; where there is no function, image and offset. */
  private static String place(HotBlockRow row) {
    if (row.function() != null) {
      return Printable.of(row.function(), FUNCTION_LIMIT) + offset(row.functionOffset());
    }
    if (row.symbol() != null) {
      return Printable.of(row.symbol(), FUNCTION_LIMIT);
    }
    return row.image() == null ? "" : image(row);
  }

  private static String image(HotBlockRow row) {
    return row.image() == null
        ? row.vaddr()
        : Printable.of(fileName(row.image()), IMAGE_LIMIT) + offset(row.imageOffset());
  }

  private static String offset(Long bytes) {
    return bytes == null || bytes == 0 ? "" : "+0x" + Long.toHexString(bytes);
  }

  private static String source(HotBlockRow row) {
    return row.source() == null ? "" : Printable.of(fileName(row.source()), SOURCE_LIMIT);
  }

  static String fileName(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private static String disassembly(BlockDetail detail) {
    if (detail == null) {
      return "";
    }
    return code(
        detail.getInstructions().stream().map(Instruction::getDisassembly), DISASSEMBLY_LIMIT);
  }

  /** Instructions in one line, of at most this many characters. */
  static String code(Stream<String> instructions, int limit) {
    return Printable.of(
        instructions
            .map(text -> text.strip().replaceAll("\\s+", " "))
            .collect(Collectors.joining("; ")),
        limit);
  }

  private static <T> List<T> first(List<T> rows, int limit) {
    return rows.subList(0, Math.min(limit, rows.size()));
  }
}
