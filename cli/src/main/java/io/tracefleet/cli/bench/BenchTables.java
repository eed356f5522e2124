// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.bench;

import io.tracefleet.cli.console.Grid;
import io.tracefleet.cli.see.SeeFigure;
import io.tracefleet.cli.see.SeeResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The result as tables. Stateless. */
public final class BenchTables {
  private static final Part[] PARTS = Part.values();

  private BenchTables() {}

  /** All tables, for a terminal. */
  public static String render(BenchResult result) {
    StringBuilder text = new StringBuilder();
    for (GuestResult guest : result.guests()) {
      text.append('\n').append(heading(guest)).append("\n\n").append(summary(guest).toText());
      Grid parts = parts(guest);
      if (!parts.isEmpty()) {
        text.append("\nCPU seconds by part\n\n").append(parts.toText());
      }
      problems(guest).forEach(line -> text.append('\n').append(line).append('\n'));
    }
    if (!result.java().isEmpty()) {
      text.append("\nReading traces in Java, one thread\n\n").append(java(result).toText());
    }
    if (!result.see().isEmpty()) {
      text.append("\nUntil it is seen\n\n").append(see(result).toText());
      problems(result.see()).forEach(line -> text.append('\n').append(line).append('\n'));
    }
    Grid targets = Targets.measured(result);
    if (!targets.isEmpty()) {
      text.append("\nTargets\n\n").append(targets.toText());
    }
    return text.toString();
  }

  /** What the guest is and what it executes. */
  static String heading(GuestResult guest) {
    StringBuilder line = new StringBuilder(guest.title()).append(": ").append(guest.command());
    guest
        .events()
        .ifPresent(
            events ->
                line.append("; ")
                    .append(Show.large(events.instructions()))
                    .append(" instructions, ")
                    .append(Show.large(events.blocks()))
                    .append(" blocks, ")
                    .append(Show.large(events.accesses()))
                    .append(" accesses"));
    guest
        .find(BenchCase.BARE.id())
        .flatMap(CaseResult::wallSeconds)
        .ifPresent(
            seconds ->
                line.append("; bare QEMU ")
                    .append(Show.seconds(Optional.of(seconds)))
                    .append(" s"));
    return line.toString();
  }

  static Grid summary(GuestResult guest) {
    Grid grid =
        new Grid(
            1,
            "case",
            "time",
            "min..max",
            "CPU",
            "min..max",
            "bytes/insn",
            "wire/insn",
            "events/s",
            "QEMU MiB",
            "JVM MiB");
    Optional<Events> events = guest.events();
    for (CaseResult which : guest.cases()) {
      if (which.rounds().isEmpty()) {
        continue;
      }
      grid.row(
          which.title(),
          Show.ratio(which.wallRatio()),
          Show.range(which.wallRatio()),
          Show.ratio(which.cpuRatio()),
          Show.range(which.cpuRatio()),
          Show.fine(which.outputPerInstruction(events)),
          Show.fine(which.wirePerInstruction(events)),
          which.hasParts() ? Show.large(which.eventsPerSecond(events)) : "-",
          Show.mebibytes(which.guestPeakBytes()),
          Show.mebibytes(which.jvmPeakBytes()));
    }
    return grid;
  }

  /** CPU seconds by part, of the cases with several parts. */
  static Grid parts(GuestResult guest) {
    List<String> headings = new ArrayList<>(List.of("case", "time s", "guest ended s", "CPU s"));
    for (Part part : PARTS) {
      headings.add(part.word());
    }
    Grid grid = new Grid(1, headings.toArray(String[]::new));
    for (CaseResult which : guest.cases()) {
      if (!which.hasParts()) {
        continue;
      }
      List<String> row =
          new ArrayList<>(
              List.of(
                  which.title(),
                  Show.seconds(which.wallSeconds()),
                  Show.seconds(which.guestSeconds()),
                  Show.seconds(which.cpuSeconds())));
      Map<Part, Spread> parts = which.cpuByPart();
      for (Part part : PARTS) {
        row.add(Show.seconds(Optional.ofNullable(parts.get(part))));
      }
      grid.row(row);
    }
    return grid;
  }

  static List<String> problems(GuestResult guest) {
    return guest.cases().stream().flatMap(which -> which.problem().stream()).toList();
  }

  static Grid see(BenchResult result) {
    Grid grid = new Grid(1, "what", "median", "min..max", "samples");
    for (SeeFigure figure : SeeFigure.values()) {
      result
          .see(figure)
          .ifPresent(
              spread ->
                  grid.row(
                      figure.title(),
                      Show.figure(figure.unit(), spread.median()),
                      Show.figure(figure.unit(), spread.min())
                          + ".."
                          + Show.figure(figure.unit(), spread.max()),
                      Integer.toString(result.see().samples().get(figure).size())));
    }
    return grid;
  }

  static List<String> problems(SeeResult see) {
    return see.problems().entrySet().stream()
        .map(problem -> problem.getKey().path() + ": " + problem.getValue())
        .toList();
  }

  static Grid java(BenchResult result) {
    Grid grid =
        new Grid(
            1,
            "what",
            "instructions/s",
            "min..max",
            "garbage, bytes in all",
            "JMH's included, per payload");
    for (JavaResult java : result.java()) {
      Spread speed = java.instructionsPerSecond();
      grid.row(
          java.title(),
          Show.large(speed.median()),
          Show.large(speed.min()) + ".." + Show.large(speed.max()),
          Show.format("%.0f", java.allocatedBytes()),
          Show.format("%.1f", java.profiledPerPayload()));
    }
    return grid;
  }
}
