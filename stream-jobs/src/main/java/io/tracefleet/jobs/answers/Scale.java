// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.answers;

import static io.tracefleet.jobs.answers.Answered.row;

import io.tracefleet.jobs.progress.Progress;
import io.tracefleet.jobs.progress.ProgressTracker;
import io.tracefleet.jobs.weight.Weight;
import io.tracefleet.jobs.weight.Weights;
import io.tracefleet.schemas.Run;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Whether a table shows what was recorded, or an estimate of what was executed, and what the answer
 * says of it. An estimate says so in each of its rows.
 */
public final class Scale {
  /** What was recorded. */
  public static final Scale NONE = new Scale(false, Map.of());

  private static final String SCALED = "scaled";

  private final boolean asked;
  private final Map<String, Weights> weights;

  private Scale(boolean asked, Map<String, Weights> weights) {
    this.asked = asked;
    this.weights = weights;
  }

  /** An estimate of these runs, by the weights that they have now. */
  static Scale of(Collection<Run> runs, ProgressTracker tracker) {
    ProgressTracker.Snapshot snapshot = tracker.of(runs);
    Map<String, Weights> weights = new HashMap<>();
    for (Run run : runs) {
      weights.put(run.getRunId(), weights(run, snapshot.byRun().get(run.getRunId())));
    }
    return new Scale(true, weights);
  }

  /** By the run's totals; while it goes on, by what the jobs counted. */
  static Weights weights(Run run, Progress progress) {
    Map<Integer, Weight> soFar = new HashMap<>();
    progress
        .perVcpu()
        .forEach(vcpu -> soFar.put(vcpu.vcpu(), new Weight(vcpu.instructions(), vcpu.passed())));
    return Weights.of(run, soFar);
  }

  /** That a run's rows are to be scaled by. */
  Weights of(Run run) {
    return weights.getOrDefault(run.getRunId(), Weights.NONE);
  }

  /** That of a run's answer, of these vCPUs (empty: all): the weights are said. */
  Answered ofRun(Answered answer, Run run, Set<Integer> vcpus) {
    if (!asked) {
      return answer.with(row(SCALED, false));
    }
    Map<Integer, Weight> used = new HashMap<>(of(run).byVcpu());
    if (!vcpus.isEmpty()) {
      used.keySet().retainAll(vcpus);
    }
    return estimate(answer, row(SCALED, true, "weights", rows(new Weights(used))));
  }

  /** That of an answer about many runs: how many of them are estimated. */
  Answered ofFleet(Answered answer) {
    return asked
        ? estimate(
            answer,
            row(
                SCALED,
                true,
                "runsScaled",
                weights.values().stream().filter(Weights::scale).count()))
        : answer.with(row(SCALED, false));
  }

  private static Answered estimate(Answered answer, Map<String, Object> said) {
    return answer.with(said).withColumn(SCALED, true);
  }

  /** Tells estimates by other weights apart. */
  @Override
  public String toString() {
    return asked ? " scaled by " + weights : "";
  }

  /** The weights as named values. */
  static List<Map<String, Object>> rows(Weights weights) {
    return weights.byVcpu().entrySet().stream()
        .map(
            one ->
                row(
                    "vcpu", one.getKey(),
                    "encoded", one.getValue().encoded(),
                    "passed", one.getValue().passed(),
                    "weight", one.getValue().factor()))
        .toList();
  }
}
