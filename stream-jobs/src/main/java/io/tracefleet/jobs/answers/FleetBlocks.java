// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.answers;

import static io.tracefleet.jobs.answers.Answered.hex;
import static io.tracefleet.jobs.answers.Answered.row;

import io.tracefleet.jobs.catalog.Catalog;
import io.tracefleet.jobs.code.FleetBlock;
import io.tracefleet.schemas.BlockDetail;
import io.tracefleet.schemas.Run;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/** Hot blocks of many runs, the same code in one row. */
public final class FleetBlocks {
  /** Fields that can be sorted by. */
  public static final List<String> ORDERS =
      List.of("weight", "executions", "instructions", "bytes", "runs", "nodes");

  private static final List<String> COLUMNS =
      List.of(
          "target",
          "image",
          "imageOffset",
          "buildId",
          "vaddr",
          "codeHash",
          "instructions",
          "bytes",
          "executions",
          "weight",
          "runs",
          "nodes",
          "symbol",
          "function",
          "functionOffset",
          "file",
          "line",
          "runId",
          "code");

  private final FleetSums sums;
  private final Catalog catalog;

  public FleetBlocks(FleetSums sums, Catalog catalog) {
    this.sums = sums;
    this.catalog = catalog;
  }

  /**
   * @param runs those that match, the newest first
   */
  public Answered of(List<Run> runs, Span span, boolean scaled, Page asked) {
    Page page = asked.orElse("weight", true);
    FleetSums.Sums all = sums.of(runs, span, scaled);
    ToLongFunction<FleetBlock> by =
        switch (page.sort()) {
          case "weight" -> FleetBlock::weight;
          case "executions" -> FleetBlock::executions;
          case "instructions" -> FleetBlock::instructions;
          case "bytes" -> FleetBlock::bytes;
          case "runs" -> block -> block.runs().size();
          default -> block -> block.nodes().size();
        };
    Comparator<FleetBlock> order = Comparator.comparingLong(by);
    List<FleetBlock> sorted =
        all.blocks().stream().sorted(page.descending() ? order.reversed() : order).toList();
    return all.answered(
        COLUMNS, page, sorted, this::values, "totalWeight", runs.size(), RunAnswers.bounds(span));
  }

  private Map<String, Object> values(FleetBlock block) {
    BlockDetail detail =
        catalog
            .details(block.runId(), new long[] {block.vaddr()}, new int[] {block.codeHash()})
            .get(0);
    Map<String, Object> code = CodeJson.of(detail);
    boolean known = block.place().isInImage();
    return row(
        "target", block.target(),
        "image", block.place().image(),
        "imageOffset", known ? hex(block.place().imageOffset()) : null,
        "buildId", block.place().buildId(),
        "vaddr", block.severalAddresses() ? null : hex(block.vaddr()),
        "codeHash", hex(block.codeHash()),
        "instructions", block.instructions(),
        "bytes", block.bytes(),
        "executions", block.executions(),
        "weight", block.weight(),
        "runs", block.runs().size(),
        "nodes", block.nodes().size(),
        "symbol", code.get("symbol"),
        "function", code.get("function"),
        "functionOffset", code.get("functionOffset"),
        "file", code.get("file"),
        "line", code.get("line"),
        "runId", block.runId(),
        "code", code.get("code"));
  }
}
