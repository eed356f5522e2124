// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.code;

import io.tracefleet.schemas.Run;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Adds blocks up by function. What is counted is instructions executed: of each block executions
 * times instructions, as in the tables of blocks. A block that a fault left midway counts whole.
 */
public final class HotFunctions {
  private static final Comparator<HotFunction> ORDER =
      Comparator.comparingLong(HotFunction::instructions)
          .reversed()
          .thenComparing(HotFunction::function, HotFunction.NAMES)
          .thenComparing(HotFunction::image, HotFunction.NAMES)
          .thenComparing(HotFunction::buildId, HotFunction.NAMES)
          .thenComparing(HotFunction::target);

  private record Key(CodeOrigin origin, String function) {}

  private final Map<Key, HotFunction> functions = new HashMap<>();

  /** The functions of many runs. */
  public static List<HotFunction> of(Collection<FleetBlock> blocks) {
    HotFunctions all = new HotFunctions();
    for (FleetBlock block : blocks) {
      all.add(
          block.target(),
          block.place(),
          block.weight(),
          block.executions(),
          block.runs(),
          block.nodes());
    }
    return all.rows();
  }

  /**
   * Adds one block of a run, over its vCPUs.
   *
   * @param place where it comes from, never null
   * @param weight instructions executed in it: executions times instructions, if it is not scaled
   */
  public void add(Run run, CodePlace place, long weight, long executions) {
    add(run.getTarget(), place, weight, executions, Set.of(run.getRunId()), Set.of(run.getNode()));
  }

  private void add(
      String target,
      CodePlace place,
      long instructions,
      long executions,
      Set<String> runs,
      Set<String> nodes) {
    functions
        .computeIfAbsent(
            new Key(CodeOrigin.of(target, place), place.functionName()),
            key -> new HotFunction(target, place))
        .add(target, place, instructions, executions, runs, nodes);
  }

  /** Most instructions first. Nothing may be added any more. */
  public List<HotFunction> rows() {
    return functions.values().stream().sorted(ORDER).toList();
  }
}
