// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.answers;

import static io.tracefleet.jobs.answers.Answered.hex;
import static io.tracefleet.jobs.answers.Answered.row;

import io.tracefleet.jobs.progress.Progress;
import io.tracefleet.schemas.EpochMicros;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.TraceChange;
import io.tracefleet.schemas.VcpuTotals;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Runs and their progress as named values. */
public final class RunJson {
  private RunJson() {}

  /** A run in a list of runs. */
  static Map<String, Object> summary(Run run, Progress progress) {
    Map<String, Object> values = identity(run);
    values.put("mode", run.getMode());
    values.put("command", run.getCommand());
    values.putAll(ending(run));
    values.putAll(progress(progress));
    return values;
  }

  /** A run in an event: what changes, and what it takes to show it. */
  public static Map<String, Object> event(Run run, Progress progress, boolean perVcpu) {
    Map<String, Object> values =
        row("runId", run.getRunId(), "node", run.getNode(), "name", run.getName());
    values.putAll(ending(run));
    values.putAll(progress(progress));
    if (perVcpu) {
      values.put(
          "perVcpu",
          progress.perVcpu().stream()
              .map(
                  vcpu ->
                      row(
                          "vcpu", vcpu.vcpu(),
                          "instructions", vcpu.instructions(),
                          "rate", vcpu.rate()))
              .toList());
    }
    return values;
  }

  private static Map<String, Object> ending(Run run) {
    Map<String, Object> values = times(run);
    values.put("executed", executed(run));
    return values;
  }

  private static Map<String, Object> times(Run run) {
    return row(
        "start", EpochMicros.of(run.getStart()),
        "end", EpochMicros.ofNullable(run.getEnd()),
        "exitCode", run.getExitCode(),
        "endReason", run.getEndReason());
  }

  private static Map<String, Object> identity(Run run) {
    return row(
        "runId", run.getRunId(),
        "parentRunId", run.getParentRunId(),
        "rootRunId", run.getRootRunId(),
        "node", run.getNode(),
        "name", run.getName(),
        "labels", new TreeMap<>(run.getLabels()),
        "target", run.getTarget(),
        "systemEmulation", run.getSystemEmulation());
  }

  static Map<String, Object> progress(Progress progress) {
    return row(
        "instructions", progress.instructions(),
        "vcpus", progress.perVcpu().size(),
        "batches", progress.batches(),
        "rate", progress.rate(),
        "lag", progress.lag(),
        "dropped", progress.dropped(),
        "gaps", progress.gaps(),
        "broken", progress.broken(),
        "duplicates", progress.duplicates(),
        "lastSeen", progress.lastSeen());
  }

  /** Everything about one run. */
  static Map<String, Object> details(Run run, List<Run> children, Progress progress) {
    Map<String, Object> values = identity(run);
    values.putAll(
        row(
            "qemuVersion", run.getQemuVersion(),
            "pluginApi", row("min", run.getPluginApiMin(), "current", run.getPluginApiCurrent()),
            "smpVcpus", run.getSmpVcpus(),
            "maxVcpus", run.getMaxVcpus(),
            "mode", run.getMode(),
            "whenFull", run.getWhenFull(),
            "image", run.getImage(),
            "startCode", address(run.getStartCode()),
            "endCode", address(run.getEndCode()),
            "entryCode", address(run.getEntryCode()),
            "command", run.getCommand()));
    values.put("changes", run.getChanges().stream().map(RunJson::change).toList());
    values.put("changesLeftOut", run.getChangesLeftOut());
    values.putAll(times(run));
    return row(
        "run",
        values,
        "children",
        new ArrayList<>(children.stream().map(Run::getRunId).toList()),
        "transport",
        row(
            "batches", run.getBatches(),
            "payloadBytes", run.getPayloadBytes(),
            "wireBytes", run.getWireBytes(),
            "heldNanos", run.getHeldNanos()),
        "progress",
        progress(progress),
        "weights",
        Scale.rows(Scale.weights(run, progress)));
  }

  private static Map<String, Object> change(TraceChange change) {
    return row(
        "at", EpochMicros.of(change.getAt()),
        "from", change.getFrom(),
        "to", change.getTo(),
        "addressFilters",
            change.getAddressFilters().stream()
                .map(range -> row("begin", hex(range.getLow()), "end", hex(range.getHigh())))
                .toList(),
        "vcpuFilter", change.getVcpuFilter(),
        "windows",
            change.getWindows().stream()
                .map(w -> row("from", w.getFrom(), "count", w.getCount(), "every", w.getEvery()))
                .toList(),
        "askedBy", change.getAskedBy(),
        "vcpus",
            change.getVcpus().stream()
                .map(
                    vcpu ->
                        row(
                            "vcpu", vcpu.getVcpu(),
                            "instructions", vcpu.getInstructions(),
                            "passed", vcpu.getPassed()))
                .toList());
  }

  static Long executed(Run run) {
    return run.getTotals() == null
        ? null
        : run.getTotals().stream().mapToLong(VcpuTotals::getExecuted).sum();
  }

  private static String address(Long value) {
    return value == null ? null : hex(value.longValue());
  }
}
