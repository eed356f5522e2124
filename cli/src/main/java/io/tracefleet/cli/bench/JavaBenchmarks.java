// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tracefleet.cli.console.CommandException;
import io.tracefleet.cli.console.Console;
import io.tracefleet.cli.console.Exit;
import io.tracefleet.cli.console.Printable;
import io.tracefleet.node.config.NodeSettings;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The JMH benchmarks of the decoder, in JVMs of their own, on payloads captured just before. Used
 * by one thread.
 */
public final class JavaBenchmarks {
  static final String AGGREGATOR = "aggregator";
  static final String AGGREGATOR_PAGES = "aggregator-pages";
  static final String CURSOR = "cursor";
  static final String CURSOR_PAGES = "cursor-pages";

  private static final List<String> IDS =
      List.of(AGGREGATOR, AGGREGATOR_PAGES, CURSOR, CURSOR_PAGES);
  private static final String PREFIX = "java/";
  private static final String MAIN = "io.tracefleet.codec.bench.BenchmarkMain";
  private static final String USER = "user";
  private static final String SYSTEM = "system";
  private static final String ROUNDS = "3";
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final int LINES_SHOWN = 3;

  private final Path build;
  private final Path guests;
  private final Path linux;
  private final int measurements;

  private JavaBenchmarks(Path build, Path guests, Path linux, int measurements) {
    this.build = build;
    this.guests = guests;
    this.linux = linux;
    this.measurements = measurements;
  }

  /**
   * @param build directory where the schemas module was built, with its tests
   * @param guests directory of the user-mode guests
   * @param linux directory of kernel and initramfs, null: without physical addresses
   * @param measurements of a second each
   */
  public static JavaBenchmarks of(Path build, Path guests, Path linux, int measurements)
      throws CommandException {
    if (build == null || !Files.isDirectory(build.resolve("jmh"))) {
      throw new CommandException(
          Exit.NOT_THERE,
          "The JMH benchmarks are not built: start them with the launcher, `./tracefleet bench --jmh`.");
    }
    return new JavaBenchmarks(build, guests, linux, measurements);
  }

  /** As {@code GUEST/CASE}, with {@code java} for the guest. */
  public static List<String> names() {
    return IDS.stream().map(id -> PREFIX + id).toList();
  }

  /**
   * Captures, and measures.
   *
   * @param scratch where to write meanwhile; should be in memory
   * @param node where the plugin is
   */
  public List<JavaResult> run(Path scratch, NodeSettings node, Console console) throws Exception {
    Path directory = Files.createTempDirectory(scratch, "tracefleet-jmh-");
    try {
      List<Path> payloads = new ArrayList<>();
      console.progress("capturing a trace of bench");
      payloads.add(capture(userGuest(), directory.resolve(USER), node));
      if (linux != null) {
        console.progress("capturing a trace of bench in Linux");
        payloads.add(capture(systemGuest(directory), directory.resolve(SYSTEM), node));
      }
      console.progress("measuring with JMH");
      return measure(directory, payloads);
    } finally {
      console.clearProgress();
      Workbench.delete(directory);
    }
  }

  private static Path capture(BenchGuest guest, Path directory, NodeSettings node)
      throws Exception {
    Path rings = Files.createDirectories(directory.resolve("rings"));
    try {
      PayloadCapture.run(guest, rings, directory, node);
    } finally {
      Workbench.delete(rings);
    }
    return directory;
  }

  private BenchGuest userGuest() {
    String program = guests.resolve("bench").toString();
    return new BenchGuest(
        "bench",
        "sort, hash, copy",
        List.of("qemu-x86_64", program, ROUNDS),
        List.of(),
        1,
        List.of(),
        BenchGuest.Variant.USER);
  }

  /** The same program in a machine, so that its accesses have physical addresses. */
  private BenchGuest systemGuest(Path directory) throws IOException {
    Path initramfs = directory.resolve("initramfs");
    Initramfs.extend(
        linux.resolve("initramfs.gz"),
        initramfs,
        "bench-init",
        ("#!/bin/busybox sh\n/bench " + ROUNDS + "\n/bin/busybox poweroff -f\n")
            .getBytes(StandardCharsets.US_ASCII),
        "bench",
        Files.readAllBytes(guests.resolve("bench")));
    List<String> command = new ArrayList<>(List.of("qemu-system-x86_64", "-nographic"));
    command.addAll(List.of("-no-reboot", "-m", "256", "-net", "none"));
    command.addAll(List.of("-kernel", linux.resolve("vmlinuz").toString()));
    command.addAll(List.of("-initrd", initramfs.toString()));
    command.addAll(List.of("-append", "console=ttyS0 panic=-1 quiet rdinit=/bench-init"));
    return new BenchGuest(
        "bench in Linux",
        "sort, hash, copy in Linux",
        command,
        List.of(),
        1,
        List.of(),
        BenchGuest.Variant.SYSTEM);
  }

  private List<JavaResult> measure(Path directory, List<Path> payloads) throws Exception {
    Path json = directory.resolve("result.json");
    Path log = directory.resolve("log");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx128m", "-XX:+UseSerialGC", "-Djava.io.tmpdir=" + directory, "-cp"));
    command.add(
        String.join(
            File.pathSeparator,
            build.resolve("classes").toString(),
            build.resolve("test-classes").toString(),
            build.resolve("jmh") + "/*"));
    command.addAll(List.of(MAIN, json.toString(), Integer.toString(measurements)));
    payloads.forEach(path -> command.add(path.toString()));
    Process process =
        new ProcessBuilder(command)
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      if (!process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        throw failure("did not end within " + LIMIT.toSeconds() + " s", log);
      }
      if (process.exitValue() != 0) {
        throw failure("ended with exit code " + process.exitValue(), log);
      }
      return parse(Files.readString(json));
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly().waitFor();
    }
  }

  private static CommandException failure(String what, Path log) throws IOException {
    List<String> lines = Files.readAllLines(log, StandardCharsets.ISO_8859_1);
    lines = lines.subList(Math.max(0, lines.size() - LINES_SHOWN), lines.size());
    return new CommandException(
        Exit.FAILURE, "JMH " + what + ": " + Printable.of(String.join(" | ", lines), 400));
  }

  /** What JMH wrote. */
  static List<JavaResult> parse(String json) throws IOException {
    List<JavaResult> results = new ArrayList<>();
    for (JsonNode one : JsonMapper.builder().build().readTree(json)) {
      String name = one.get("benchmark").textValue();
      String method = name.substring(name.lastIndexOf('.') + 1);
      boolean pages = one.get("params").get("payloads").textValue().endsWith("/" + SYSTEM);
      JsonNode more = one.get("secondaryMetrics");
      List<Double> speeds = new ArrayList<>();
      more.get("instructions")
          .get("rawData")
          .forEach(fork -> fork.forEach(speed -> speeds.add(speed.doubleValue())));
      String id = method + (pages ? "-pages" : "");
      results.add(
          new JavaResult(
              id,
              title(id),
              Spread.of(speeds).orElseThrow(),
              sum(more.get("allocated")),
              garbage(more)));
    }
    results.sort((a, b) -> IDS.indexOf(a.id()) - IDS.indexOf(b.id()));
    return results;
  }

  private static double sum(JsonNode metric) {
    double sum = 0;
    for (JsonNode fork : metric.get("rawData")) {
      for (JsonNode one : fork) {
        sum += one.doubleValue();
      }
    }
    return sum;
  }

  private static double garbage(JsonNode metrics) {
    JsonNode metric = metrics.get("gc.alloc.rate.norm");
    if (metric == null) {
      metric = metrics.get("·gc.alloc.rate.norm"); // before JMH 1.36
    }
    return metric.get("score").doubleValue();
  }

  /** What a benchmark does, on what. */
  static String title(String id) {
    return switch (id) {
      case AGGREGATOR -> "aggregator without pages, sort, hash, copy";
      case AGGREGATOR_PAGES -> "aggregator with pages, sort, hash, copy in Linux";
      case CURSOR -> "event cursor, sort, hash, copy";
      case CURSOR_PAGES -> "event cursor with physical addresses, sort, hash, copy in Linux";
      default -> id;
    };
  }
}
