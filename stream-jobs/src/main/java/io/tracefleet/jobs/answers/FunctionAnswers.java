// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.answers;

import static io.tracefleet.jobs.answers.Answered.row;

import io.tracefleet.jobs.catalog.Catalog;
import io.tracefleet.jobs.code.HotFunction;
import io.tracefleet.jobs.query.BlockRows;
import io.tracefleet.jobs.query.View;
import io.tracefleet.schemas.Run;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Hot functions, of a run and of many. */
public final class FunctionAnswers {
  /** Fields that those of a run can be sorted by. */
  public static final List<String> ORDERS =
      List.of("instructions", "executions", "blocks", "name", "image");

  /** Fields that those of many runs can be sorted by. */
  public static final List<String> FLEET_ORDERS =
      RunAnswers.concat(ORDERS, List.of("runs", "nodes"));

  private static final List<String> COLUMNS =
      List.of("name", "function", "image", "buildId", "instructions", "executions", "blocks");

  private static final List<String> FLEET_COLUMNS =
      RunAnswers.concat(RunAnswers.concat(List.of("target"), COLUMNS), List.of("runs", "nodes"));

  private final RunFunctions functions;
  private final FleetSums sums;

  public FunctionAnswers(Catalog catalog, FleetSums sums) {
    this.functions = new RunFunctions(catalog);
    this.sums = sums;
  }

  /**
   * Those of one run.
   *
   * @param view its blocks, of this span and these vCPUs
   */
  public Answered ofRun(
      Run run, View<BlockRows> view, Span span, Set<Integer> vcpus, Scale scale, Page asked) {
    Page page = asked.orElse("instructions", true);
    List<HotFunction> sorted =
        sorted(functions.of(run, view, span, vcpus, scale.of(run).scale()), page);
    Map<String, Object> further = row("totalInstructions", view.data().totalWeight());
    further.putAll(RunAnswers.bounds(span));
    return scale.ofRun(
        new Answered(
            COLUMNS,
            LazyRows.of(page, sorted, FunctionAnswers::values),
            page,
            sorted.size(),
            further,
            view.missing(),
            view.nothing()),
        run,
        vcpus);
  }

  /**
   * Those of many runs.
   *
   * @param runs those that match, the newest first
   */
  public Answered ofFleet(List<Run> runs, Span span, boolean scaled, Page asked) {
    Page page = asked.orElse("instructions", true);
    FleetSums.Sums all = sums.of(runs, span, scaled);
    List<HotFunction> sorted = sorted(all.functions(), page);
    return all.answered(
        FLEET_COLUMNS,
        page,
        sorted,
        FunctionAnswers::fleetValues,
        "totalInstructions",
        runs.size(),
        RunAnswers.bounds(span));
  }

  private static List<HotFunction> sorted(List<HotFunction> functions, Page page) {
    Comparator<HotFunction> order =
        switch (page.sort()) {
          case "instructions" -> Comparator.comparingLong(HotFunction::instructions);
          case "executions" -> Comparator.comparingLong(HotFunction::executions);
          case "blocks" -> Comparator.comparingInt(HotFunction::blocks);
          case "name" -> Comparator.comparing(HotFunction::name);
          case "image" -> Comparator.comparing(HotFunction::image, HotFunction.NAMES);
          case "runs" -> Comparator.comparingInt(function -> function.runs().size());
          default -> Comparator.comparingInt(function -> function.nodes().size());
        };
    return functions.stream().sorted(page.descending() ? order.reversed() : order).toList();
  }

  private static Map<String, Object> values(HotFunction function) {
    return row(
        "name", function.name(),
        "function", function.function(),
        "image", function.image(),
        "buildId", function.buildId(),
        "instructions", function.instructions(),
        "executions", function.executions(),
        "blocks", function.blocks());
  }

  private static Map<String, Object> fleetValues(HotFunction function) {
    Map<String, Object> values = row("target", function.target());
    values.putAll(values(function));
    values.put("runs", function.runs().size());
    values.put("nodes", function.nodes().size());
    return values;
  }
}
