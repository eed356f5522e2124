// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.answers;

import static io.tracefleet.jobs.answers.Answered.row;

import io.tracefleet.jobs.catalog.Catalog;
import io.tracefleet.jobs.code.CodePlace;
import io.tracefleet.jobs.code.FleetBlock;
import io.tracefleet.jobs.code.FleetCode;
import io.tracefleet.jobs.code.HotFunction;
import io.tracefleet.jobs.code.HotFunctions;
import io.tracefleet.jobs.flow.SectionId;
import io.tracefleet.jobs.progress.ProgressTracker;
import io.tracefleet.jobs.query.BlockRows;
import io.tracefleet.jobs.query.Missing;
import io.tracefleet.jobs.query.View;
import io.tracefleet.jobs.query.Views;
import io.tracefleet.schemas.Run;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongSupplier;

/** Adds the blocks of many runs up, and remembers the last sums for a while. */
public final class FleetSums {
  /** The newest so many runs that match are added up. */
  private static final int MAX_RUNS = 1_000;

  /** Results stay for at least this long, and for ten times what they took to add up. */
  private static final long KEPT_NANOS = 1_000_000_000L;

  private static final int KEPT_SUMS = 4;

  private final Views views;
  private final Catalog catalog;
  private final ProgressTracker tracker;
  private final LongSupplier nanoTime;
  private final Map<Key, Sums> kept = new Recent<>(KEPT_SUMS);

  public FleetSums(Views views, Catalog catalog, ProgressTracker tracker, LongSupplier nanoTime) {
    this.views = views;
    this.catalog = catalog;
    this.tracker = tracker;
    this.nanoTime = nanoTime;
  }

  private record Key(List<String> runIds, Span span, boolean scaled) {}

  /**
   * @param blocks most instructions first
   * @param functions likewise
   * @param weight instructions executed in all of them
   * @param runs that were added up
   * @param scale by which
   */
  record Sums(
      List<FleetBlock> blocks,
      List<HotFunction> functions,
      long weight,
      int runs,
      Scale scale,
      List<Missing> missing,
      boolean nothing,
      long validUntil) {

    /**
     * A page of rows that are of these sums.
     *
     * @param total what the sum of all instructions is called
     * @param matched runs that did, added up or not
     * @param further what else the answer says
     */
    <T> Answered answered(
        List<String> columns,
        Page page,
        List<T> sorted,
        Function<T, Map<String, Object>> values,
        String total,
        int matched,
        Map<String, Object> further) {
      Map<String, Object> said = row(total, weight, "runsMatched", matched, "runsUsed", runs);
      said.putAll(further);
      return scale.ofFleet(
          new Answered(
              columns,
              LazyRows.of(page, sorted, values),
              page,
              sorted.size(),
              said,
              missing,
              nothing));
    }
  }

  /**
   * One at a time: who comes second finds what the first has added up.
   *
   * @param matching runs, the newest first
   * @param scaled by the weights of their vCPUs
   */
  synchronized Sums of(List<Run> matching, Span span, boolean scaled) {
    List<Run> runs = matching.subList(0, Math.min(MAX_RUNS, matching.size()));
    Key key = new Key(runs.stream().map(Run::getRunId).toList(), span, scaled);
    long begin = nanoTime.getAsLong();
    Sums known = kept.get(key);
    if (known != null && begin - known.validUntil() < 0) {
      return known;
    }
    Scale scale = scaled ? Scale.of(runs, tracker) : Scale.NONE;
    FleetCode code = new FleetCode();
    Set<Missing> missing = new LinkedHashSet<>();
    long weight = 0;
    boolean nothing = !runs.isEmpty();
    for (Run run : runs) {
      View<BlockRows> view =
          views.get(
              BlockRows.scaled(scale.of(run)),
              span.ask(SectionId.HOT_BLOCKS, run.getRunId()),
              Set.of());
      missing.addAll(view.missing());
      nothing &= view.nothing();
      weight += view.data().totalWeight();
      add(run, view.data(), code);
    }
    List<FleetBlock> blocks = code.blocks();
    List<HotFunction> functions = HotFunctions.of(blocks);
    long end = nanoTime.getAsLong();
    Sums result =
        new Sums(
            blocks,
            functions,
            weight,
            runs.size(),
            scale,
            List.copyOf(missing),
            nothing,
            end + Math.max(KEPT_NANOS, 10 * (end - begin)));
    kept.put(key, result);
    return result;
  }

  private void add(Run run, BlockRows blocks, FleetCode code) {
    CodePlace[] places = BlockPlaces.of(catalog, run.getRunId(), blocks);
    for (int block = 0; block < blocks.size(); block++) {
      code.add(
          run,
          blocks.vaddr(block),
          blocks.codeHash(block),
          blocks.instructions(block),
          blocks.bytes(block),
          blocks.executions(block),
          blocks.weight(block),
          places[block]);
    }
  }
}
