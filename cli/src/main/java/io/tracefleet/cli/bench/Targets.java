// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.bench;

import io.tracefleet.cli.console.Grid;
import io.tracefleet.cli.see.SeeFigure;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleFunction;

/** What Tracefleet wants to reach, and what was measured. Stateless. */
final class Targets {
  private static final double MIB = 1 << 20;
  private static final String NOT_MEASURED = "not measured";
  private static final double PLUGIN_MIB = 64;
  private static final double PLUGIN_MIB_PER_VCPU = 3;

  private static final DoubleFunction<String> RATIO = Show::ratio;
  private static final DoubleFunction<String> BYTES = figure -> Show.format("%.4f", figure);
  private static final DoubleFunction<String> SPEED = Show::large;
  private static final DoubleFunction<String> MEBIBYTES = f -> Show.format("%.0f MiB", f);

  /**
   * @param what is measured
   * @param words how a figure reads
   * @param most true: not more than the limit, false: not less
   * @param measured empty if it was not part of this run
   * @param cpu the same by CPU time, where that makes sense
   * @param why it is empty
   */
  private record Target(
      String what,
      DoubleFunction<String> words,
      double limit,
      boolean most,
      Optional<Spread> measured,
      Optional<Spread> cpu,
      String why) {
    Target(
        String what,
        DoubleFunction<String> words,
        double limit,
        boolean most,
        Optional<Spread> measured,
        Optional<Spread> cpu) {
      this(what, words, limit, most, measured, cpu, NOT_MEASURED);
    }

    boolean reached() {
      double median = measured.orElseThrow().median();
      return most ? median <= limit : median >= limit;
    }
  }

  private Targets() {}

  /** Those that were measured; of a quick run none. */
  static Grid measured(BenchResult result) {
    return grid(
        result.quick()
            ? List.of()
            : targets(result).stream().filter(target -> target.measured().isPresent()).toList());
  }

  /** All of them, whether measured or not; of a quick run none. */
  static Grid all(BenchResult result) {
    return grid(result.quick() ? List.of() : targets(result));
  }

  private static Grid grid(List<Target> targets) {
    Grid grid = new Grid(1, "what", "reach", "measured", "min..max", "by CPU time", "reached");
    for (Target target : targets) {
      Optional<Spread> measured = target.measured();
      grid.row(
          target.what(),
          (target.most() ? "" : "at least ") + target.words().apply(target.limit()),
          measured.map(spread -> target.words().apply(spread.median())).orElse("-"),
          measured
              .map(
                  spread ->
                      target.words().apply(spread.min())
                          + ".."
                          + target.words().apply(spread.max()))
              .orElse("-"),
          Show.ratio(target.cpu()),
          measured.isEmpty() ? target.why() : target.reached() ? "yes" : "no");
    }
    return grid;
  }

  private static List<Target> targets(BenchResult result) {
    List<Target> targets = new ArrayList<>();
    slowdown(targets, result, "bench", BenchCase.OFF_ALONE, 1.05);
    slowdown(targets, result, "linux", BenchCase.OFF_ALONE, 1.05);
    slowdown(targets, result, "bench", BenchCase.COUNT, 2.0);
    slowdown(targets, result, "bench", BenchCase.COUNT_BLOCKS, 1.4);
    slowdown(targets, result, "bench", BenchCase.FULL_ALONE, 2.5);
    slowdown(targets, result, "bench", BenchCase.FULL, 4.0);
    slowdown(targets, result, "linux", BenchCase.FULL, 4.0);
    wire(targets, result, "bench", 0.045);
    wire(targets, result, "linux", 0.07);
    java(targets, result, JavaBenchmarks.AGGREGATOR, 1e9);
    java(targets, result, JavaBenchmarks.AGGREGATOR_PAGES, 400e6);
    java(targets, result, JavaBenchmarks.CURSOR, 300e6);
    targets.add(
        new Target(
            "8 vCPUs, full mode, plugin alone: CPU time per instruction in relation to 1 vCPU",
            RATIO,
            1.25,
            true,
            threadCost(result),
            Optional.empty()));
    memory(targets, result);
    see(targets, result);
    return targets;
  }

  private static void memory(List<Target> targets, BenchResult result) {
    for (GuestResult guest : result.guests()) {
      if (guest.find(BenchCase.COUNT.id()).isEmpty() && guest.find(BenchCase.FULL.id()).isEmpty()) {
        continue;
      }
      targets.add(
          new Target(
              guest.title() + ", full mode: memory that the plugin adds to QEMU",
              MEBIBYTES,
              PLUGIN_MIB + PLUGIN_MIB_PER_VCPU * guest.vcpus(),
              true,
              pluginMemory(guest),
              Optional.empty()));
    }
  }

  private static void see(List<Target> targets, BenchResult result) {
    for (SeeFigure figure : SeeFigure.values()) {
      if (figure.limit().isPresent()) {
        targets.add(
            new Target(
                figure.title(),
                value -> Show.figure(figure.unit(), value),
                figure.limit().getAsDouble(),
                figure.most(),
                result.see(figure),
                Optional.empty(),
                result.see().problems().containsKey(figure.group())
                    ? NOT_MEASURED + ": " + result.see().problems().get(figure.group())
                    : NOT_MEASURED));
      }
    }
  }

  private static String title(BenchResult result, String guest) {
    return result
        .guest(guest)
        .map(GuestResult::title)
        .orElse(guest.equals("bench") ? "sort, hash, copy" : "Linux boot, 2 vCPUs");
  }

  private static void slowdown(
      List<Target> targets, BenchResult result, String guest, BenchCase which, double limit) {
    Optional<CaseResult> found = result.find(guest, which.id());
    targets.add(
        new Target(
            title(result, guest) + ": " + which.title(),
            RATIO,
            limit,
            true,
            found.flatMap(CaseResult::wallRatio),
            found.flatMap(CaseResult::cpuRatio)));
  }

  private static void wire(List<Target> targets, BenchResult result, String guest, double limit) {
    targets.add(
        new Target(
            title(result, guest) + ": full, bytes per instruction on the wire",
            BYTES,
            limit,
            true,
            result
                .find(guest, BenchCase.FULL.id())
                .flatMap(found -> found.wirePerInstruction(Optional.empty())),
            Optional.empty()));
  }

  private static void java(List<Target> targets, BenchResult result, String id, double limit) {
    Optional<JavaResult> found = result.java(id);
    targets.add(
        new Target(
            "Java, one thread: " + JavaBenchmarks.title(id),
            SPEED,
            limit,
            false,
            found.map(JavaResult::instructionsPerSecond),
            Optional.empty()));
  }

  /** Both guests do the same work, so that CPU times compare as they are. */
  private static Optional<Spread> threadCost(BenchResult result) {
    Optional<CaseResult> one = result.find("workers-1", BenchCase.FULL_ALONE.id());
    Optional<CaseResult> eight = result.find("workers-8", BenchCase.FULL_ALONE.id());
    if (one.isEmpty() || eight.isEmpty()) {
      return Optional.empty();
    }
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < Math.min(one.get().rounds().size(), eight.get().rounds().size()); i++) {
      ratios.add(
          eight.get().rounds().get(i).sample().cpuTotal()
              / one.get().rounds().get(i).sample().cpuTotal());
    }
    return Spread.of(ratios);
  }

  /** Peak with the plugin and a ring in use, less the peak of bare QEMU. */
  private static Optional<Spread> pluginMemory(GuestResult guest) {
    List<Double> mebibytes = new ArrayList<>();
    guest
        .find(BenchCase.FULL.id())
        .ifPresent(
            full -> {
              for (CaseResult.Round round : full.rounds()) {
                if (round.sample().guestPeakBytes().isPresent()
                    && round.bare().guestPeakBytes().isPresent()) {
                  mebibytes.add(
                      (round.sample().guestPeakBytes().getAsLong()
                              - round.bare().guestPeakBytes().getAsLong())
                          / MIB);
                }
              }
            });
    return Spread.of(mebibytes);
  }
}
