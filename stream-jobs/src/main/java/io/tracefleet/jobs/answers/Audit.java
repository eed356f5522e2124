// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.answers;

import static io.tracefleet.jobs.answers.Answered.row;

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
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Whether what was executed was aggregated: per vCPU executed = encoded + dropped, encoded =
 * published = aggregated, no gaps, and the results add up to the same.
 */
public final class Audit {
  private static final List<String> COLUMNS =
      List.of(
          "runId",
          "vcpu",
          "executed",
          "encoded",
          "dropped",
          "published",
          "aggregated",
          "duplicates",
          "gaps",
          "conserved");

  private static final List<String> SUMS = COLUMNS.subList(2, 9);

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
      for (Map<String, Object> values : rows(run, snapshot.byRun().get(run.getRunId()))) {
        rows.add(values);
        if (run.getEnd() != null) {
          check(values, arrived && missing.isEmpty(), results, failures);
        }
      }
    }
    String verdict =
        !ended
            ? "running"
            : !missing.isEmpty() || failures.isEmpty() && !arrived
                ? "incomplete"
                : failures.isEmpty() ? "ok" : "failed";
    Map<String, Object> sum = new LinkedHashMap<>();
    SUMS.forEach(
        name -> sum.put(name, rows.stream().mapToLong(values -> (long) values.get(name)).sum()));
    Map<String, Object> further =
        row(
            "verdict",
            verdict,
            "line",
            line(verdict, sum, runs.size(), rows.size()),
            "failures",
            failures,
            "runs",
            runs.size(),
            "vcpus",
            rows.size(),
            "sum",
            sum);
    return Answered.sorted(
        COLUMNS, rows, page, further, List.copyOf(missing), snapshot.partitionsAnswered() == 0);
  }

  private static List<Map<String, Object>> rows(Run run, Progress progress) {
    Map<Integer, VcpuTotals> totals = new TreeMap<>();
    if (run.getTotals() != null) {
      run.getTotals().forEach(one -> totals.put(one.getVcpu(), one));
    }
    Map<Integer, Progress.Vcpu> aggregated = new TreeMap<>();
    progress.perVcpu().forEach(vcpu -> aggregated.put(vcpu.vcpu(), vcpu));
    Set<Integer> vcpus = new TreeSet<>(totals.keySet());
    vcpus.addAll(aggregated.keySet());
    return vcpus.stream()
        .map(vcpu -> vcpuRow(run.getRunId(), vcpu, totals.get(vcpu), aggregated.get(vcpu)))
        .toList();
  }

  private static Map<String, Object> vcpuRow(
      String runId, int vcpu, VcpuTotals total, Progress.Vcpu aggregated) {
    long executed = total == null ? 0 : total.getExecuted();
    long encoded = total == null ? 0 : total.getEncoded();
    long dropped = total == null ? 0 : total.getDropped();
    long published = total == null ? 0 : total.getPublished();
    long instructions = aggregated == null ? 0 : aggregated.instructions();
    // Missing are holes, and what the broker acknowledged beyond the last sequence that arrived.
    long expected =
        Math.max(
            aggregated == null ? 0 : aggregated.nextSequence(),
            total == null ? 0 : total.getBatches());
    long gaps = expected - (aggregated == null ? 0 : aggregated.batches());
    return row(
        "runId", runId,
        "vcpu", vcpu,
        "executed", executed,
        "encoded", encoded,
        "dropped", dropped,
        "published", published,
        "aggregated", instructions,
        "duplicates", aggregated == null ? 0L : aggregated.duplicates(),
        "gaps", gaps,
        "conserved",
            executed == encoded + dropped
                && published == encoded
                && instructions == published
                && gaps == 0);
  }

  private static void check(
      Map<String, Object> values,
      boolean complete,
      Map<Integer, Long> results,
      List<String> failures) {
    String where = "run " + values.get("runId") + " vCPU " + values.get("vcpu") + ": ";
    long executed = (long) values.get("executed");
    long encoded = (long) values.get("encoded");
    long dropped = (long) values.get("dropped");
    long published = (long) values.get("published");
    long aggregated = (long) values.get("aggregated");
    long gaps = (long) values.get("gaps");
    if (executed != encoded + dropped) {
      failures.add(
          where
              + "executed %s, but encoded %s + dropped %s"
                  .formatted(grouped(executed), grouped(encoded), grouped(dropped)));
    }
    if (published != encoded) {
      failures.add(
          where + "encoded %s, but published %s".formatted(grouped(encoded), grouped(published)));
    }
    if (!complete) {
      return;
    }
    if (aggregated != published) {
      failures.add(
          where
              + "published %s, but aggregated %s"
                  .formatted(grouped(published), grouped(aggregated)));
    }
    if (gaps != 0) {
      failures.add(where + grouped(gaps) + (gaps == 1 ? " batch is" : " batches are") + " missing");
    }
    long reported = results.getOrDefault((Integer) values.get("vcpu"), 0L);
    if (reported != aggregated) {
      failures.add(
          where
              + "aggregated %s, but the results add up to %s"
                  .formatted(grouped(aggregated), grouped(reported)));
    }
  }

  private static String line(String verdict, Map<String, Object> sum, int runs, int vcpus) {
    return "AUDIT %s  executed %s = encoded %s + dropped %s, published %s, aggregated %s instructions; %s, %s, %s, %s"
        .formatted(
            verdict.toUpperCase(Locale.ROOT),
            grouped((long) sum.get("executed")),
            grouped((long) sum.get("encoded")),
            grouped((long) sum.get("dropped")),
            grouped((long) sum.get("published")),
            grouped((long) sum.get("aggregated")),
            counted(runs, "run"),
            counted(vcpus, "vCPU"),
            counted((long) sum.get("gaps"), "gap"),
            counted((long) sum.get("duplicates"), "duplicate"));
  }

  private static String counted(long number, String one) {
    return grouped(number) + " " + one + (number == 1 ? "" : "s");
  }

  private static String grouped(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }
}
