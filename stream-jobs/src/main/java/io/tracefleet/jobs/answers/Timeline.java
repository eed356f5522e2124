// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.answers;

import static io.tracefleet.jobs.answers.Answered.row;

import io.tracefleet.jobs.flow.SectionId;
import io.tracefleet.jobs.query.Ask;
import io.tracefleet.jobs.query.Missing;
import io.tracefleet.jobs.query.SmallRows;
import io.tracefleet.jobs.query.SmallRows.Moment;
import io.tracefleet.jobs.query.View;
import io.tracefleet.jobs.query.Views;
import io.tracefleet.jobs.table.Group;
import io.tracefleet.schemas.Run;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/** What a run did over time. */
public final class Timeline {
  /** Steps that can be asked for, seconds. */
  public static final List<Integer> STEPS = List.of(1, 2, 5, 10, 30, 60, 300, 900, 3600);

  /** In place of a step: the finest that gives at most {@value #AUTO_STEPS} steps. */
  public static final int AUTO = 0;

  private static final int AUTO_STEPS = 300;
  private static final int MINUTE = 60;
  private static final long SECOND_MICROS = 1_000_000L;

  private static final List<String> COLUMNS =
      List.of(
          "start",
          "vcpu",
          "instructions",
          "blocks",
          "loads",
          "stores",
          "ramReads",
          "ramWrites",
          "ramReadBytes",
          "ramWriteBytes",
          "ioReads",
          "ioWrites",
          "ioReadBytes",
          "ioWriteBytes");

  private static final int FIRST_SUM = 2;

  private final Views views;

  public Timeline(Views views) {
    this.views = views;
  }

  /**
   * @param step one of {@link #STEPS}, or {@link #AUTO}
   * @param perVcpu false: over all vCPUs
   */
  public Answered of(Run run, Span span, Set<Integer> vcpus, int step, boolean perVcpu, Page page) {
    View<List<Moment>> seconds =
        views.get(SmallRows.SECONDS, everything(SectionId.TIMELINE, run), vcpus);
    View<List<Moment>> minutes =
        views.get(SmallRows.MINUTES, everything(SectionId.VCPU_INSTRUCTIONS, run), vcpus);
    View<List<Moment>> traffic =
        views.get(SmallRows.MINUTES_OF_TRAFFIC, everything(SectionId.HWADDR, run), vcpus);
    Set<Missing> missing = new LinkedHashSet<>(seconds.missing());
    missing.addAll(minutes.missing());
    missing.addAll(traffic.missing());

    OptionalLong fineFrom = seconds.data().stream().mapToLong(Moment::start).min();
    List<Moment> fine = within(seconds.data(), span, SECOND_MICROS);
    List<Moment> coarse = within(minutes.data(), span, Group.WINDOW_MICROS);
    int chosen = step == AUTO ? choose(fine, coarse) : step;
    List<Moment> moments = new ArrayList<>(chosen < MINUTE ? fine : coarse);
    if (chosen >= MINUTE) {
      moments.addAll(within(traffic.data(), span, Group.WINDOW_MICROS));
    }

    long stepMicros = chosen * SECOND_MICROS;
    List<Moment> steps = SmallRows.inSteps(moments, stepMicros, perVcpu);
    Map<String, Object> further =
        row(
            "stepSeconds", chosen,
            "from", steps.isEmpty() ? null : steps.get(0).start(),
            "to", steps.isEmpty() ? null : steps.get(steps.size() - 1).start() + stepMicros,
            "fineFrom", fineFrom.isPresent() ? fineFrom.getAsLong() : null);
    return new Answered(
        COLUMNS,
        LazyRows.of(page, steps, moment -> values(moment, perVcpu)),
        page,
        steps.size(),
        further,
        List.copyOf(missing),
        seconds.nothing());
  }

  private static Map<String, Object> values(Moment moment, boolean perVcpu) {
    Map<String, Object> values =
        row("start", moment.start(), "vcpu", perVcpu ? moment.vcpu() : null);
    for (int column = 0; column < moment.columns().length; column++) {
      values.put(COLUMNS.get(FIRST_SUM + column), moment.columns()[column]);
    }
    return values;
  }

  private static Ask everything(SectionId table, Run run) {
    return new Span(0L, null).ask(table, run.getRunId());
  }

  /** Those that lie in the span at least in part. */
  private static List<Moment> within(List<Moment> moments, Span span, long length) {
    return moments.stream()
        .filter(
            moment ->
                (span.from() == null || moment.start() + length > span.from())
                    && (span.to() == null || moment.start() < span.to()))
        .toList();
  }

  private static int choose(List<Moment> fine, List<Moment> coarse) {
    long first = coarse.stream().mapToLong(Moment::start).min().orElse(0);
    long last = coarse.stream().mapToLong(Moment::start).max().orElse(0) + Group.WINDOW_MICROS;
    long fineFirst = fine.stream().mapToLong(Moment::start).min().orElse(Long.MAX_VALUE);
    long fineLast = fine.stream().mapToLong(Moment::start).max().orElse(0) + SECOND_MICROS;
    boolean allFine = Math.floorDiv(fineFirst, Group.WINDOW_MICROS) * Group.WINDOW_MICROS <= first;
    for (int step : STEPS) {
      long length = allFine ? fineLast - fineFirst : last - first;
      if ((step >= MINUTE || allFine) && length <= AUTO_STEPS * SECOND_MICROS * step) {
        return step;
      }
    }
    return STEPS.get(STEPS.size() - 1);
  }
}
