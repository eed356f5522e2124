// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.bench;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * One case of one guest, measured.
 *
 * @param id of the case
 * @param title of the case
 * @param own false for tools that are not Tracefleet's
 * @param rounds one measurement each, with bare QEMU's of the same round
 * @param problem why there are no more rounds
 */
record CaseResult(
    String id, String title, boolean own, List<Round> rounds, Optional<String> problem) {
  /**
   * @param bare the same guest in bare QEMU, in the same round
   */
  record Round(Sample sample, Sample bare) {}

  CaseResult {
    rounds = List.copyOf(rounds);
  }

  /** Time in relation to bare QEMU's of the same round. */
  Optional<Spread> wallRatio() {
    return over(round -> round.sample().wallSeconds() / round.bare().wallSeconds());
  }

  /** CPU time of all parts in relation to bare QEMU's of the same round. */
  Optional<Spread> cpuRatio() {
    return over(round -> round.sample().cpuTotal() / round.bare().cpuTotal());
  }

  Optional<Spread> wallSeconds() {
    return over(round -> round.sample().wallSeconds());
  }

  Optional<Spread> guestSeconds() {
    return over(round -> round.sample().guestSeconds());
  }

  Optional<Spread> cpuSeconds() {
    return over(round -> round.sample().cpuTotal());
  }

  /** CPU seconds by part, those that took part. */
  Map<Part, Spread> cpuByPart() {
    Map<Part, Spread> parts = new EnumMap<>(Part.class);
    for (Part part : Part.values()) {
      List<Double> seconds = new ArrayList<>();
      for (Round round : rounds) {
        Double spent = round.sample().cpuSeconds().get(part);
        if (spent != null) {
          seconds.add(spent);
        }
      }
      Spread.of(seconds).ifPresent(spread -> parts.put(part, spread));
    }
    return parts;
  }

  /** More than one part took part. */
  boolean hasParts() {
    return cpuByPart().size() > 1;
  }

  Optional<Spread> guestPeakBytes() {
    return where(Sample::guestPeakBytes);
  }

  Optional<Spread> jvmPeakBytes() {
    return where(Sample::jvmPeakBytes);
  }

  Optional<Events> events() {
    return rounds.stream().map(Round::sample).flatMap(s -> s.events().stream()).findFirst();
  }

  /**
   * Bytes written, per instruction.
   *
   * @param known what the guest executes, for cases that cannot tell
   */
  Optional<Spread> outputPerInstruction(Optional<Events> known) {
    return perInstruction(Sample::outputBytes, known);
  }

  /** Bytes sent, per instruction. */
  Optional<Spread> wirePerInstruction(Optional<Events> known) {
    return perInstruction(Sample::wireBytes, known);
  }

  /** Blocks and accesses recorded per second, from start to results. */
  Optional<Spread> eventsPerSecond(Optional<Events> known) {
    List<Double> figures = new ArrayList<>();
    for (Round round : rounds) {
      round
          .sample()
          .events()
          .or(() -> known)
          .ifPresent(events -> figures.add(events.traced() / round.sample().wallSeconds()));
    }
    return Spread.of(figures);
  }

  private Optional<Spread> perInstruction(
      Function<Sample, OptionalLong> bytes, Optional<Events> known) {
    List<Double> figures = new ArrayList<>();
    for (Round round : rounds) {
      Optional<Events> events = round.sample().events().or(() -> known);
      OptionalLong size = bytes.apply(round.sample());
      if (events.isPresent() && size.isPresent()) {
        figures.add((double) size.getAsLong() / events.get().instructions());
      }
    }
    return Spread.of(figures);
  }

  private Optional<Spread> where(Function<Sample, OptionalLong> figure) {
    return Spread.of(
        rounds.stream()
            .map(round -> figure.apply(round.sample()))
            .filter(OptionalLong::isPresent)
            .map(value -> (double) value.getAsLong())
            .toList());
  }

  private Optional<Spread> over(ToDoubleFunction<Round> figure) {
    return Spread.of(rounds.stream().map(figure::applyAsDouble).toList());
  }
}
