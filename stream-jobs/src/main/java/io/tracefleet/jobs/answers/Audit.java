// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.answers;

import static io.tracefleet.jobs.answers.Answered.row;

import io.tracefleet.jobs.accounting.Conservation;
import io.tracefleet.jobs.flow.SectionId;
import io.tracefleet.jobs.progress.Progress;
import io.tracefleet.jobs.progress.ProgressTracker;
import io.tracefleet.jobs.query.Missing;
import io.tracefleet.jobs.query.SmallRows;
import io.tracefleet.jobs.query.View;
import io.tracefleet.jobs.query.Views;
import io.tracefleet.jobs.vcpu.VcpuFeature;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.VcpuTotals;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Whether what was executed was aggregated: per vCPU executed = encoded + dropped + passed, encoded
 * = published = aggregated, no gaps, and the results add up to the same.
 */
public final class Audit {
  /** Of a row; it can be sorted by each. */
  public static final List<String> COLUMNS =
      List.of(
          "runId",
          "vcpu",
          "executed",
          "encoded",
          "dropped",
          "passed",
          "published",
          "aggregated",
          "duplicates",
          "gaps",
          "conserved");

  private final Views views;
  private final ProgressTracker tracker;

  public Audit(Views views, ProgressTracker tracker) {
    this.views = views;
    this.tracker = tracker;
  }

  /** Audits these runs together. */
  public Answered of(List<Run> runs, Page page) {
    ProgressTracker.Snapshot snapshot = tracker.of(runs);
    Set<Missing> missing = new LinkedHashSet<>(snapshot.missing());
    boolean ended = runs.stream().allMatch(run -> run.getEnd() != null);
    boolean arrived =
        ended
            && runs.stream()
                .allMatch(
                    run -> Long.valueOf(0).equals(snapshot.byRun().get(run.getRunId()).lag()));
    List<Map<String, Object>> rows = new ArrayList<>();
    List<String> failures = new ArrayList<>();
    Conservation sum = Conservation.NONE;
    for (Run run : runs) {
      View<List<SmallRows.Vcpu>> view =
          views.get(
              SmallRows.VCPUS,
              Span.WHOLE.ask(SectionId.VCPU_INSTRUCTIONS, run.getRunId()),
              Set.of());
      missing.addAll(view.missing());
      Map<Integer, Long> results = new HashMap<>();
      view.data()
          .forEach(
              vcpu ->
                  results.merge(vcpu.vcpu(), vcpu.columns()[VcpuFeature.INSTRUCTIONS], Long::sum));
      for (VcpuRow vcpu : rows(run, snapshot.byRun().get(run.getRunId()))) {
        rows.add(vcpu.values(run.getRunId()));
        sum = sum.plus(vcpu.counts());
        if (run.getEnd() != null) {
          failures.addAll(
              vcpu.counts()
                  .failures(
                      "run " + run.getRunId() + " vCPU " + vcpu.vcpu() + ": ",
                      arrived && missing.isEmpty(),
                      results.getOrDefault(vcpu.vcpu(), 0L)));
        }
      }
    }
    String verdict =
        !ended
            ? "running"
            : !missing.isEmpty() || failures.isEmpty() && !arrived
                ? "incomplete"
                : failures.isEmpty() ? "ok" : "failed";
    Map<String, Object> further =
        row(
            "verdict",
            verdict,
            "line",
            sum.line("AUDIT " + verdict.toUpperCase(Locale.ROOT), runs.size(), rows.size()),
            "failures",
            failures,
            "runs",
            runs.size(),
            "vcpus",
            rows.size(),
            "sum",
            values(sum));
    return Answered.sorted(
        COLUMNS, rows, page, further, List.copyOf(missing), snapshot.partitionsAnswered() == 0);
  }

  private static List<VcpuRow> rows(Run run, Progress progress) {
    Map<Integer, VcpuTotals> totals = new TreeMap<>();
    if (run.getTotals() != null) {
      run.getTotals().forEach(one -> totals.put(one.getVcpu(), one));
    }
    Map<Integer, Progress.Vcpu> aggregated = new TreeMap<>();
    progress.perVcpu().forEach(vcpu -> aggregated.put(vcpu.vcpu(), vcpu));
    Set<Integer> vcpus = new TreeSet<>(totals.keySet());
    vcpus.addAll(aggregated.keySet());
    return vcpus.stream()
        .map(vcpu -> new VcpuRow(vcpu, counts(totals.get(vcpu), aggregated.get(vcpu))))
        .toList();
  }

  private static Conservation counts(VcpuTotals totals, Progress.Vcpu aggregated) {
    return aggregated == null
        ? Conservation.of(totals, 0, 0, 0, 0)
        : Conservation.of(
            totals,
            aggregated.batches(),
            aggregated.nextSequence(),
            aggregated.instructions(),
            aggregated.duplicates());
  }

  private static Map<String, Object> values(Conservation counts) {
    return row(
        "executed", counts.executed(),
        "encoded", counts.encoded(),
        "dropped", counts.dropped(),
        "passed", counts.passed(),
        "published", counts.published(),
        "aggregated", counts.aggregated(),
        "duplicates", counts.duplicates(),
        "gaps", counts.gaps());
  }

  private record VcpuRow(int vcpu, Conservation counts) {
    Map<String, Object> values(String runId) {
      Map<String, Object> values = row("runId", runId, "vcpu", vcpu);
      values.putAll(Audit.values(counts));
      values.put("conserved", counts.holds());
      return values;
    }
  }
}
