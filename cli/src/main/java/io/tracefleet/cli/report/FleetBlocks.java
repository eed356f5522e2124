// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.report;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.tracefleet.cli.report.RunReport.HotBlockRow;
import io.tracefleet.cli.report.RunReport.HotFunctionRow;
import io.tracefleet.jobs.code.CodePlace;
import io.tracefleet.jobs.code.FleetBlock;
import io.tracefleet.jobs.code.FleetCode;
import io.tracefleet.jobs.code.HotFunction;
import io.tracefleet.jobs.code.HotFunctions;
import io.tracefleet.schemas.HotBlock;
import io.tracefleet.schemas.HotBlockKey;
import io.tracefleet.schemas.Run;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What is hot in many runs together, the same code in one row, as the HTTP interface adds it up.
 */
public final class FleetBlocks {
  /**
   * @param block as in one run's report; executions are of all runs, address and path those of one
   *     of them
   * @param runs that executed it
   * @param nodes that these ran on
   */
  @JsonPropertyOrder({"block", "runs", "nodes"})
  public record Row(HotBlockRow block, int runs, int nodes) {}

  /**
   * @param function as in one run's report, added up over all
   * @param runs that executed it
   * @param nodes that these ran on
   */
  public record FunctionRow(@JsonUnwrapped HotFunctionRow function, int runs, int nodes) {
    static FunctionRow of(HotFunction sum) {
      return new FunctionRow(HotFunctionRow.of(sum), sum.runs().size(), sum.nodes().size());
    }
  }

  private final List<BlockView> blocks;
  private final List<Row> rows;
  private final List<FunctionRow> functions;

  private FleetBlocks(List<BlockView> blocks, List<Row> rows, List<FunctionRow> functions) {
    this.blocks = blocks;
    this.rows = rows;
    this.functions = functions;
  }

  /** Adds the blocks of all runs up. */
  public static FleetBlocks of(RunData data) {
    Map<String, Map<HotBlockKey, HotBlock>> byRun = new HashMap<>();
    data.hotBlocks()
        .forEach(
            (key, value) ->
                byRun.computeIfAbsent(key.getRunId(), id -> new HashMap<>()).put(key, value));
    Map<String, Run> runs = new HashMap<>();
    FleetCode code = new FleetCode();
    for (Run run : data.runs()) {
      runs.put(run.getRunId(), run);
      Map<HotBlockKey, HotBlock> own = byRun.getOrDefault(run.getRunId(), Map.of());
      for (BlockView block : ReportBuilder.blocks(data.withHotBlocks(own), run)) {
        code.add(
            run,
            block.vaddr(),
            block.codeHash(),
            block.row().instructions(),
            block.row().bytes(),
            block.row().executions(),
            block.weight(),
            CodePlace.of(block.detail()));
      }
    }
    List<FleetBlock> sums = code.blocks();
    List<BlockView> views =
        sums.stream()
            .map(sum -> ReportBuilder.view(data, runs, runs.get(sum.runId()), sum))
            .toList();
    List<Row> rows = new ArrayList<>(sums.size());
    for (int i = 0; i < sums.size(); i++) {
      FleetBlock sum = sums.get(i);
      rows.add(new Row(views.get(i).row(), sum.runs().size(), sum.nodes().size()));
    }
    return new FleetBlocks(
        views, List.copyOf(rows), HotFunctions.of(sums).stream().map(FunctionRow::of).toList());
  }

  /** Most instructions first. */
  public List<Row> rows() {
    return rows;
  }

  /** In the order of {@link #rows}. */
  List<BlockView> blocks() {
    return blocks;
  }

  /** The same by function, most instructions first. */
  public List<FunctionRow> functions() {
    return functions;
  }
}
