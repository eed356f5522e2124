// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Runs one guest with the plugin and the oracle in the same QEMU, empties the ring without Kafka
 * and prints where the two differ. For work on the plugin; the integration tests do the same
 * through the whole flow. See ring-check.
 */
final class RingCheck {
  /** What to run. */
  record Settings(
      Path plugin,
      Path oracle,
      String mode,
      String pluginArguments,
      Path directory,
      boolean keep,
      int slowMillis,
      int limit,
      int timeoutSeconds,
      List<String> command) {}

  /** What came of it. */
  record Outcome(int exitCode, List<String> report, boolean equal) {}

  private RingCheck() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    Path plugin = Path.of(System.getProperty("tracefleet.plugin", "libtracefleet.so"));
    Path oracle = Path.of(System.getProperty("tracefleet.oracle", "oracle.so"));
    String mode = "full";
    String pluginArguments = "";
    boolean keep = false;
    int slow = 0;
    int limit = 20;
    int timeout = 600;
    List<String> command = List.of();
    for (int i = 0; i < args.length; i++) {
      switch (args[i]) {
        case "--plugin" -> plugin = Path.of(args[++i]);
        case "--no-oracle" -> oracle = null;
        case "--mode" -> mode = args[++i];
        case "--args" -> pluginArguments = args[++i];
        case "--keep" -> keep = true;
        case "--slow" -> slow = Integer.parseInt(args[++i]);
        case "--limit" -> limit = Integer.parseInt(args[++i]);
        case "--timeout" -> timeout = Integer.parseInt(args[++i]);
        case "--" -> {
          command = Arrays.asList(args).subList(i + 1, args.length);
          i = args.length;
        }
        default -> {
          System.err.println("ring-check: unknown option " + args[i]);
          System.exit(64);
        }
      }
    }
    if (command.isEmpty()) {
      System.err.println("ring-check: no command; give -- qemu-... arguments");
      System.exit(64);
    }
    Path directory =
        Files.createTempDirectory(
            Files.isDirectory(Path.of("/dev/shm")) ? Path.of("/dev/shm") : Path.of("/tmp"),
            "ring-check-");
    Outcome outcome =
        run(
            new Settings(
                plugin,
                oracle,
                mode,
                pluginArguments,
                directory,
                keep,
                slow,
                limit,
                timeout,
                command));
    outcome.report().forEach(System.err::println);
    if (keep) {
      System.err.println("ring-check: kept " + directory);
    } else {
      delete(directory);
    }
    System.exit(outcome.equal() ? 0 : 1);
  }

  static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
    }
  }

  static Outcome run(Settings settings) throws IOException, InterruptedException {
    Path directory = settings.directory();
    RingDrain drain = new RingDrain(directory);
    String arguments =
        settings.plugin().toAbsolutePath()
            + ",ring-dir="
            + directory
            + ",run="
            + runId()
            + ",mode="
            + settings.mode()
            + (settings.pluginArguments().isEmpty() ? "" : "," + settings.pluginArguments());
    List<String> command = new ArrayList<>(settings.command());
    command.addAll(1, List.of("-plugin", arguments));
    Path oracleFile = directory.resolve("oracle");
    if (settings.oracle() != null) {
      command.addAll(
          1, List.of("-plugin", settings.oracle().toAbsolutePath() + ",out=" + oracleFile));
    }
    long start = System.nanoTime();
    Process process =
        new ProcessBuilder(command)
            .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
            .redirectOutput(ProcessBuilder.Redirect.INHERIT)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    long deadline = start + TimeUnit.SECONDS.toNanos(settings.timeoutSeconds());
    List<String> report = new ArrayList<>();
    boolean equal = true;
    try {
      while (true) {
        boolean alive = process.isAlive();
        boolean any = drain.round();
        if (!alive && drain.finished()) {
          break;
        }
        if (System.nanoTime() > deadline) {
          report.add("timeout after " + settings.timeoutSeconds() + " s");
          equal = false;
          break;
        }
        if (settings.slowMillis() > 0) {
          Thread.sleep(settings.slowMillis());
        } else if (!any) {
          Thread.sleep(0, 500_000);
        }
      }
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    int exitCode = process.waitFor();
    double seconds = (System.nanoTime() - start) / 1e9;
    if (drain.rings().isEmpty()) {
      report.add("no ring was made");
      equal = false;
    }
    for (RingDrain.Ring ring : drain.rings()) {
      List<String> wrong = new ArrayList<>(ring.errors);
      Counts traced = ring.trace.counts();
      Counts expected = null;
      if (settings.oracle() != null) {
        Path file = ring.parentRunId == null ? oracleFile : directory.resolve("oracle." + ring.pid);
        expected =
            Counts.ofOracle(settings.oracle().resolveSibling("oracle-dump").toAbsolutePath(), file);
        if (settings.mode().equals("count")) {
          expected = expected.without("dispatched "); // count mode does not tell it per block
        }
        if (ring.dropped("batches") == 0) {
          wrong.addAll(Counts.differences(expected, traced));
        } else {
          compare(wrong, "instructions", expected, traced, ring.dropped("instructions"));
          compare(wrong, "blocks", expected, traced, ring.dropped("blocks"));
          long accesses = expected.sum("vcpu", "loads") + expected.sum("vcpu", "stores");
          long seen = traced.sum("vcpu", "loads") + traced.sum("vcpu", "stores");
          if (accesses != seen + ring.dropped("accesses")) {
            wrong.add(
                "accesses: oracle %d, traced %d + dropped %d"
                    .formatted(accesses, seen, ring.dropped("accesses")));
          }
        }
        if (ring.executed() != expected.sum("vcpu", "instructions")) {
          wrong.add(
              "executed " + ring.executed() + ", oracle " + expected.sum("vcpu", "instructions"));
        }
        Files.writeString(directory.resolve("oracle-" + ring.pid + ".txt"), expected.toString());
      }
      Files.writeString(directory.resolve("traced-" + ring.pid + ".txt"), traced.toString());
      long instructions = traced.sum("vcpu", "instructions");
      report.add(
          ("pid %d%s end=%s: %d instructions, %d blocks, %d accesses, %d lines; %d batches, %d rescued, %d bytes (%.3f per"
                  + " instruction), dropped %d batches, held %d ms, %d translations, %d definitions, %d bytes of details: %s")
              .formatted(
                  ring.pid,
                  ring.parentRunId == null ? "" : " (child)",
                  ring.end(),
                  instructions,
                  traced.sum("vcpu", "blocks"),
                  traced.sum("vcpu", "loads") + traced.sum("vcpu", "stores"),
                  traced.size(),
                  ring.batches,
                  ring.rescued,
                  ring.payloadBytes,
                  instructions == 0 ? 0.0 : (double) ring.payloadBytes / instructions,
                  ring.dropped("batches"),
                  ring.heldNanos() / 1_000_000,
                  ring.translations(),
                  ring.definitions(),
                  ring.details,
                  wrong.isEmpty() ? "EQUAL" : wrong.size() + " DIFFERENCES"));
      wrong.stream().limit(settings.limit()).forEach(line -> report.add("  " + line));
      if (wrong.size() > settings.limit()) {
        report.add("  ... " + (wrong.size() - settings.limit()) + " more");
      }
      equal &= wrong.isEmpty();
    }
    report.add(
        "%s: exit code %d, %d runs, %.2f s"
            .formatted(equal ? "EQUAL" : "NOT EQUAL", exitCode, drain.rings().size(), seconds));
    return new Outcome(exitCode, report, equal);
  }

  private static void compare(
      List<String> wrong, String what, Counts expected, Counts traced, long dropped) {
    long e = expected.sum("vcpu", what);
    long t = traced.sum("vcpu", what);
    if (e != t + dropped) {
      wrong.add("%s: oracle %d, traced %d + dropped %d".formatted(what, e, t, dropped));
    }
  }

  private static String runId() {
    SecureRandom random = new SecureRandom();
    long high = (System.currentTimeMillis() << 16) | 0x7000 | (random.nextLong() & 0xfff);
    long low = (random.nextLong() & 0x3fffffffffffffffL) | 0x8000000000000000L;
    return new UUID(high, low).toString();
  }
}
