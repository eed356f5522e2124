// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.report;

import static io.tracefleet.cli.console.TextTable.grouped;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.tracefleet.jobs.weight.Weight;
import io.tracefleet.jobs.weight.Weights;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What users are told of counts that are scaled by windows, so that nobody takes them for exact.
 * Stateless.
 */
public final class Estimate {
  private static final int SHOWN = 8;

  private Estimate() {}

  /**
   * Rows as JSON, in a form of their own: a program that expects exact ones does not read them.
   *
   * @param scaled true
   * @param weights of a run's vCPUs, or null
   * @param runsScaled of many runs, of how many something was passed over; or null
   * @param rows the rows
   */
  @JsonPropertyOrder({"scaled", "weights", "runsScaled", "rows"})
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Rows(boolean scaled, List<WeightRow> weights, Long runsScaled, List<?> rows) {}

  /**
   * @param vcpu QEMU's vCPU index
   * @param encoded instructions recorded
   * @param passed instructions passed over
   * @param weight what each recorded one stands for; null if nothing was recorded
   */
  @JsonPropertyOrder({"vcpu", "encoded", "passed", "weight"})
  public record WeightRow(int vcpu, long encoded, long passed, Double weight) {}

  /** Rows of one run. */
  public static Rows ofRun(Weights weights, List<?> rows) {
    return new Rows(
        true,
        weights.byVcpu().entrySet().stream()
            .map(
                one ->
                    new WeightRow(
                        one.getKey(),
                        one.getValue().encoded(),
                        one.getValue().passed(),
                        one.getValue().factor()))
            .toList(),
        null,
        rows);
  }

  /** Rows of many runs. */
  public static Rows ofFleet(long runsScaled, List<?> rows) {
    return new Rows(true, null, runsScaled, rows);
  }

  /** What stands above a table of one run. */
  public static String note(Weights weights) {
    if (weights.passed() == 0) {
      return "  Nothing was passed over: what was recorded is all there was.\n";
    }
    List<Map.Entry<Integer, Weight>> windowed =
        weights.byVcpu().entrySet().stream().filter(one -> one.getValue().windowed()).toList();
    return "  ESTIMATE, not exact: counts are scaled by what windows passed over: "
        + windowed.stream()
            .limit(SHOWN)
            .map(one -> "vCPU " + one.getKey() + " " + text(one.getValue()))
            .collect(Collectors.joining(", "))
        + (windowed.size() > SHOWN ? " and %d more".formatted(windowed.size() - SHOWN) : "")
        + "\n";
  }

  /** What stands above a table of many runs. */
  public static String note(long runsScaled) {
    return runsScaled == 0
        ? "  Nothing was passed over: what was recorded is all there was.\n"
        : "  ESTIMATE, not exact: counts of "
            + grouped(runsScaled)
            + (runsScaled == 1 ? " run are" : " runs are")
            + " scaled by what windows passed over\n";
  }

  private static String text(Weight weight) {
    return weight.factor() == null
        ? "not at all (nothing recorded, %s passed over)".formatted(grouped(weight.passed()))
        : String.format(
            Locale.ROOT,
            "by %.3f (%s recorded, %s passed over)",
            weight.factor(),
            grouped(weight.encoded()),
            grouped(weight.passed()));
  }
}
