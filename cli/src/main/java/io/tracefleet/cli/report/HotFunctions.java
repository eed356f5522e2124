// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.report;

import io.tracefleet.cli.report.RunReport.HotBlockRow;
import io.tracefleet.cli.report.RunReport.HotFunctionRow;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Adds blocks up by function. */
final class HotFunctions {
  /** An image is known by its build-id; by its path where it has none. */
  private record Key(String function, String image) {
    static Key of(HotBlockRow row) {
      return new Key(name(row), row.buildId() != null ? row.buildId() : row.image());
    }
  }

  private HotFunctions() {}

  /** What a block's function is called, by its image or else by QEMU; null if neither knows. */
  static String name(HotBlockRow row) {
    return row.function() != null ? row.function() : row.symbol();
  }

  /** One row for each function, most instructions first. */
  static List<HotFunctionRow> of(Collection<BlockView> blocks) {
    Map<Key, HotFunctionRow> sums = new HashMap<>();
    for (BlockView block : blocks) {
      HotBlockRow row = block.row();
      sums.merge(
          Key.of(row),
          new HotFunctionRow(
              name(row), row.image(), row.buildId(), block.weight(), row.executions(), 1),
          HotFunctions::sum);
    }
    List<HotFunctionRow> rows = new ArrayList<>(sums.values());
    Comparator<String> names = Comparator.nullsLast(Comparator.naturalOrder());
    rows.sort(
        Comparator.comparingLong(HotFunctionRow::instructions)
            .reversed()
            .thenComparing(HotFunctionRow::function, names)
            .thenComparing(HotFunctionRow::image, names)
            .thenComparing(HotFunctionRow::buildId, names));
    return rows;
  }

  /** Of two paths of one image the first in the alphabet stays. */
  private static HotFunctionRow sum(HotFunctionRow a, HotFunctionRow b) {
    boolean first = a.image() == null || b.image() == null || a.image().compareTo(b.image()) <= 0;
    return new HotFunctionRow(
        a.function(),
        first ? a.image() : b.image(),
        a.buildId(),
        a.instructions() + b.instructions(),
        a.executions() + b.executions(),
        a.blocks() + b.blocks());
  }
}
