// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.bench;

import io.tracefleet.cli.console.Grid;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/** The result as a page in Markdown. Stateless. */
public final class BenchPage {
  private static final double GIB = 1 << 30;

  private BenchPage() {}

  /**
   * The whole page.
   *
   * @param picture name of the SVG file, as a link from the page; null if there is none
   */
  public static String render(BenchResult result, String picture) {
    StringBuilder text = new StringBuilder();
    text.append("# Performance\n\n");
    text.append(
        "How much slower a guest runs when it is traced, in relation to the same guest in bare QEMU"
            + " in the same run.\nWritten by the benchmark itself:\n\n");
    text.append("```\n").append(result.command()).append("\n```\n\n");
    machine(text, result);
    if (picture != null) {
      text.append("\n![Time in relation to bare QEMU](").append(picture).append(")\n");
    }
    Grid targets = Targets.all(result);
    if (!targets.isEmpty()) {
      text.append("\n## Targets\n\n").append(targets.toMarkdown());
    }
    words(text, result);
    for (GuestResult guest : result.guests()) {
      text.append("\n## ").append(capital(guest.title())).append("\n\n");
      text.append(BenchTables.heading(guest)).append(".\n\n");
      text.append(BenchTables.summary(guest).toMarkdown());
      Grid parts = BenchTables.parts(guest);
      if (!parts.isEmpty()) {
        text.append("\nCPU seconds by part:\n\n").append(parts.toMarkdown());
      }
      List<String> problems = BenchTables.problems(guest);
      problems.forEach(line -> text.append("\nNot measured: ").append(line).append('\n'));
    }
    if (!result.java().isEmpty()) {
      text.append("\n## Reading traces in Java\n\n");
      text.append("JMH, one thread, on batches captured from the guests just before.\n\n");
      text.append(BenchTables.java(result).toMarkdown());
    }
    if (!result.see().isEmpty()) {
      see(text, result);
    }
    return text.toString();
  }

  private static void see(StringBuilder text, BenchResult result) {
    text.append("\n## Until it is seen\n\n");
    text.append(
        """
        Server, broker and what asks them share the machine. Samples of all rounds; the 99th percentile is one sample a round.

        - *until the API shows it*: from the producer's acknowledgement (`acks=all`) to the first answer that counts the batch.
        - *API*: each client asks for the next answer as soon as it has one, over a connection of its own, for one of four pages of 100 rows, by loopback.
          *the run goes on*: it gets a batch five times a second. What was made for a page is kept until the jobs commit again.
        - *first paint*: first contentful paint in headless Chromium with an empty cache; *all of it is shown*: no part awaits an answer any more.
        - *SQL*: `GROUP BY` with a sum and the ten largest, as `tracefleet sql` asks; the first question with opening the archive, then the same to the open one. The files may be in the system's cache.
        - *archiver*, *jobs*: payload of a full-mode trace, from the topic's beginning until it is archived as complete files, and until all offsets are committed; one after the other; the jobs have one thread of work, the archiver one that gathers and one that writes.

        """);
    text.append(BenchTables.see(result).toMarkdown());
    BenchTables.problems(result.see())
        .forEach(line -> text.append("\nNot measured: ").append(line).append('\n'));
  }

  private static void machine(StringBuilder text, BenchResult result) {
    Machine machine = result.machine();
    Grid grid = new Grid(2, "machine", "");
    grid.row("CPU", machine.cpu() + ", " + machine.cpus() + " available");
    grid.row("memory", Show.format("%.0f GiB", machine.memoryBytes() / GIB));
    grid.row("system", "Linux " + machine.kernel() + ", " + machine.java());
    if (!machine.qemu().isEmpty()) {
      grid.row("QEMU", String.join(", ", machine.qemu()));
    }
    grid.row(
        "date", DateTimeFormatter.ISO_LOCAL_DATE.format(machine.date().atOffset(ZoneOffset.UTC)));
    grid.row(
        "load average",
        Show.format("%.1f before, %.1f after", machine.loadBefore(), machine.loadAfter()));
    grid.row("rounds", result.rounds() + ", in " + result.seconds() + " s");
    text.append(grid.toMarkdown());
  }

  private static void words(StringBuilder text, BenchResult result) {
    text.append("\n## What the columns mean\n\n");
    text.append(
        """
        In every round each case runs once, one after the other; ratios are to bare QEMU in the same round. Shown is the median
        of the rounds, with the least and the most.

        - *time*: from QEMU's start until it ended, or, where it says so, until the broker had acknowledged and the stream jobs
          had added up everything. Nothing was dropped: the benchmark fails if something was.
        - *CPU*: CPU time of all parts together in relation to bare QEMU's. It is less disturbed by other work on the machine.
        - *plugin alone*: the plugin encodes and throws every batch away.
        - *bytes/insn*: bytes of a batch's payload, or of what another tool wrote, per guest instruction; *wire/insn*: bytes that
          the node sent to Kafka, compressed.
        - *events/s*: blocks and memory accesses per second, from QEMU's start until the results were there.
        - *QEMU MiB*, *JVM MiB*: most memory at once; QEMU's with the ring, which is shared memory.
        - Broker, stream jobs and node share one JVM, whose threads are told apart by name; cluster and jobs are started and
          warmed up before anything is measured.

        """);
    Grid parts = new Grid(2, "part", "what it is");
    for (Part part : Part.values()) {
      parts.row(part.word(), part.meaning());
    }
    text.append(parts.toMarkdown());
  }

  private static String capital(String title) {
    return title.substring(0, 1).toUpperCase(Locale.ROOT) + title.substring(1);
  }
}
