// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.answers;

import static io.tracefleet.jobs.answers.Answered.row;

import io.tracefleet.jobs.catalog.Catalog;
import io.tracefleet.jobs.progress.Progress;
import io.tracefleet.jobs.progress.ProgressTracker;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.RunOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Answers about all runs. */
public final class FleetAnswers {
  /** Fields of runs that can be sorted by. */
  public static final List<String> RUN_ORDERS =
      List.of(
          "start",
          "end",
          "node",
          "name",
          "target",
          "executed",
          "instructions",
          "rate",
          "lag",
          "dropped",
          "gaps");

  public static final List<String> NODE_COLUMNS =
      List.of(
          "node", "runs", "running", "instructions", "rate", "lag", "dropped", "gaps", "lastSeen");

  private static final List<String> RUN_COLUMNS =
      List.of(
          "runId",
          "parentRunId",
          "rootRunId",
          "node",
          "name",
          "labels",
          "target",
          "systemEmulation",
          "mode",
          "command",
          "start",
          "end",
          "exitCode",
          "endReason",
          "executed",
          "instructions",
          "vcpus",
          "batches",
          "rate",
          "lag",
          "dropped",
          "gaps",
          "broken",
          "duplicates",
          "lastSeen");

  /** Sorting by these needs no progress, so only the page's runs are asked about. */
  private static final Set<String> OF_THE_RECORD =
      Set.of("start", "end", "node", "name", "target", "executed");

  private static final Comparator<Run> NEWEST = RunOrder.BY_START.reversed();

  private final Catalog catalog;
  private final ProgressTracker tracker;

  public FleetAnswers(Catalog catalog, ProgressTracker tracker) {
    this.catalog = catalog;
    this.tracker = tracker;
  }

  /** The runs that a filter accepts, the newest first. */
  public List<Run> select(RunFilter filter) {
    return catalog.runs().stream().filter(filter::accepts).sorted(NEWEST).toList();
  }

  /** Runs. */
  public Answered runs(RunFilter filter, Page asked) {
    Page page = asked.orElse("start", true);
    List<Run> runs = select(filter);
    if (!OF_THE_RECORD.contains(page.sort())) {
      ProgressTracker.Snapshot snapshot = tracker.of(runs);
      return Answered.sorted(
          RUN_COLUMNS,
          runs.stream()
              .map(run -> RunJson.summary(run, snapshot.byRun().get(run.getRunId())))
              .toList(),
          page,
          Map.of(),
          snapshot.missing(),
          false);
    }
    Comparator<Run> order =
        switch (page.sort()) {
          case "start" -> Comparator.comparing(Run::getStart);
          case "end" ->
              Comparator.comparing(Run::getEnd, Comparator.nullsLast(Comparator.naturalOrder()));
          case "node" -> Comparator.comparing(Run::getNode);
          case "name" -> Comparator.comparing(Run::getName);
          case "target" -> Comparator.comparing(Run::getTarget);
          default ->
              Comparator.comparing(
                  RunJson::executed, Comparator.nullsLast(Comparator.naturalOrder()));
        };
    List<Run> sorted =
        runs.stream()
            .sorted((page.descending() ? order.reversed() : order).thenComparing(NEWEST))
            .toList();
    List<Run> shown = sorted.subList(page.from(sorted.size()), page.to(sorted.size()));
    ProgressTracker.Snapshot snapshot = tracker.of(shown);
    return new Answered(
        RUN_COLUMNS,
        LazyRows.of(
            page, sorted, run -> RunJson.summary(run, snapshot.byRun().get(run.getRunId()))),
        page,
        sorted.size(),
        Map.of(),
        snapshot.missing(),
        false); // the records are here
  }

  /** Nodes, and all of them together. */
  public Answered nodes(RunFilter filter, Page page) {
    List<Run> runs = select(filter);
    tracker.retain(ids(catalog.runs()));
    ProgressTracker.Snapshot snapshot = tracker.of(runs);
    Map<String, Sums> byNode = new TreeMap<>();
    Sums all = new Sums();
    for (Run run : runs) {
      Progress progress = snapshot.byRun().get(run.getRunId());
      byNode.computeIfAbsent(run.getNode(), node -> new Sums()).add(run, progress);
      all.add(run, progress);
    }
    List<Map<String, Object>> rows = new ArrayList<>();
    byNode.forEach(
        (node, sums) -> {
          Map<String, Object> values = row("node", node);
          values.putAll(sums.values(sums.lag));
          rows.add(values);
        });
    return Answered.sorted(
        NODE_COLUMNS,
        rows,
        page,
        row("fleet", fleet(byNode.size(), all, snapshot.batchesBehind())),
        snapshot.missing(),
        false);
  }

  /** All nodes together, as in {@link #nodes}. */
  public Map<String, Object> fleet(ProgressTracker.Snapshot snapshot) {
    Sums all = new Sums();
    Set<String> nodes = new HashSet<>();
    for (Run run : catalog.runs()) {
      Progress progress = snapshot.byRun().get(run.getRunId());
      if (progress != null) {
        nodes.add(run.getNode());
        all.add(run, progress);
      }
    }
    return fleet(nodes.size(), all, snapshot.batchesBehind());
  }

  private static Map<String, Object> fleet(int nodes, Sums sums, Long batchesBehind) {
    Map<String, Object> values = row("nodes", nodes);
    values.putAll(sums.values(batchesBehind));
    return values;
  }

  private static Set<String> ids(Iterable<Run> runs) {
    Set<String> ids = new HashSet<>();
    runs.forEach(run -> ids.add(run.getRunId()));
    return ids;
  }

  private static final class Sums {
    private long runs;
    private long running;
    private long instructions;
    private long rate;
    private long lag;
    private long dropped;
    private long gaps;
    private Long lastSeen;

    void add(Run run, Progress progress) {
      runs++;
      running += run.getEnd() == null ? 1 : 0;
      instructions += progress.instructions();
      rate += progress.rate();
      // While a run goes on its lag is its partitions', which others share.
      lag += run.getEnd() == null || progress.lag() == null ? 0 : progress.lag();
      dropped += progress.dropped();
      gaps += progress.gaps();
      if (lastSeen == null || progress.lastSeen() > lastSeen) {
        lastSeen = progress.lastSeen();
      }
    }

    Map<String, Object> values(Long batchesBehind) {
      Map<String, Object> values = new LinkedHashMap<>();
      values.put("runs", runs);
      values.put("running", running);
      values.put("instructions", instructions);
      values.put("rate", rate);
      values.put("lag", batchesBehind);
      values.put("dropped", dropped);
      values.put("gaps", gaps);
      values.put("lastSeen", lastSeen);
      return values;
    }
  }
}
