// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.report;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.tracefleet.cli.report.RunReport.HotBlockRow;
import io.tracefleet.cli.report.RunReport.HotFunctionRow;
import io.tracefleet.schemas.HotBlock;
import io.tracefleet.schemas.HotBlockKey;
import io.tracefleet.schemas.Run;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is hot in many runs together. The same code is one block wherever it was loaded and on
 * whatever node: it is known by image and offset. Code of no known image is known by its address.
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

  /** An image's place, or target and address; and the code, which may differ at one place. */
  private record Key(String where, long offset, int codeHash, int instructions) {
    static Key of(Run run, BlockView view) {
      HotBlockRow row = view.row();
      if (row.image() == null || row.imageOffset() == null) {
        return new Key(
            "target " + run.getTarget(), view.vaddr(), view.codeHash(), row.instructions());
      }
      String image = row.buildId() != null ? "build-id " + row.buildId() : "image " + row.image();
      return new Key(image, row.imageOffset(), view.codeHash(), row.instructions());
    }
  }

  private static final class Sum {
    private BlockView block;
    private final Set<String> runs = new HashSet<>();
    private final Set<String> nodes = new HashSet<>();
  }

  private final List<BlockView> blocks;
  private final List<Row> rows;

  private FleetBlocks(List<BlockView> blocks, List<Row> rows) {
    this.blocks = blocks;
    this.rows = rows;
  }

  /** Adds the blocks of all runs up. */
  public static FleetBlocks of(RunData data) {
    Map<String, Map<HotBlockKey, HotBlock>> byRun = new HashMap<>();
    data.hotBlocks()
        .forEach(
            (key, value) ->
                byRun.computeIfAbsent(key.getRunId(), id -> new HashMap<>()).put(key, value));
    Map<Key, Sum> sums = new HashMap<>();
    for (Run run : data.runs()) {
      Map<HotBlockKey, HotBlock> own = byRun.getOrDefault(run.getRunId(), Map.of());
      for (BlockView block : ReportBuilder.blocks(data.withHotBlocks(own), run)) {
        Sum sum = sums.computeIfAbsent(Key.of(run, block), key -> new Sum());
        sum.block = sum.block == null ? block : sum(sum.block, block);
        sum.runs.add(run.getRunId());
        sum.nodes.add(run.getNode());
      }
    }
    List<Sum> sorted = new ArrayList<>(sums.values());
    sorted.sort(
        Comparator.comparingLong((Sum sum) -> sum.block.weight())
            .reversed()
            .thenComparing(sum -> sum.block.vaddr(), Long::compareUnsigned)
            .thenComparingInt(sum -> sum.block.row().instructions())
            .thenComparingInt(sum -> sum.block.codeHash()));
    return new FleetBlocks(
        sorted.stream().map(sum -> sum.block).toList(),
        sorted.stream()
            .map(sum -> new Row(sum.block.row(), sum.runs.size(), sum.nodes.size()))
            .toList());
  }

  /** Of two addresses, and of two paths of one image, the lower stays. */
  private static BlockView sum(BlockView a, BlockView b) {
    int order = Long.compareUnsigned(a.vaddr(), b.vaddr());
    if (order == 0) {
      order = String.valueOf(a.row().image()).compareTo(String.valueOf(b.row().image()));
    }
    BlockView kept = order <= 0 ? a : b;
    HotBlockRow row = kept.row();
    return new BlockView(
        new HotBlockRow(
            row.vaddr(),
            row.instructions(),
            row.bytes(),
            a.row().executions() + b.row().executions(),
            row.symbol(),
            row.function(),
            row.functionOffset(),
            row.source(),
            row.image(),
            row.imageOffset(),
            row.buildId()),
        kept.vaddr(),
        kept.codeHash(),
        kept.detail());
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
  public List<HotFunctionRow> functions() {
    return HotFunctions.of(blocks);
  }
}
