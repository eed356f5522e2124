// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * The machine that was measured on.
 *
 * @param cpu its name
 * @param cpus that this process may use
 * @param memoryBytes it has
 * @param kernel Linux's version
 * @param qemu versions of the QEMUs used
 * @param java Java's version
 * @param date when it began
 * @param loadBefore load average of one minute when it began: 0 on a quiet machine
 * @param loadAfter the same at the end
 */
record Machine(
    String cpu,
    int cpus,
    long memoryBytes,
    String kernel,
    List<String> qemu,
    String java,
    Instant date,
    double loadBefore,
    double loadAfter) {
  private static final Path PROC = Path.of("/proc");

  Machine {
    qemu = List.copyOf(qemu);
  }

  /** This one, now. */
  static Machine current(List<String> qemu, Instant date, double loadBefore) throws IOException {
    return new Machine(
        cpuName(text("cpuinfo")),
        Runtime.getRuntime().availableProcessors(),
        memory(text("meminfo")),
        text("sys/kernel/osrelease").strip(),
        qemu,
        System.getProperty("java.vm.name") + " " + System.getProperty("java.version"),
        date,
        loadBefore,
        load());
  }

  /** Load average of the last minute. */
  static double load() throws IOException {
    return Double.parseDouble(text("loadavg").split(" ", 2)[0]);
  }

  /** The first name in {@code /proc/cpuinfo}; some architectures give none. */
  static String cpuName(String cpuinfo) {
    return cpuinfo
        .lines()
        .filter(line -> line.startsWith("model name"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse(System.getProperty("os.arch"));
  }

  static long memory(String meminfo) {
    return meminfo
        .lines()
        .filter(line -> line.startsWith("MemTotal:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
        .findFirst()
        .orElse(0);
  }

  private static String text(String name) throws IOException {
    return Files.readString(PROC.resolve(name), StandardCharsets.ISO_8859_1);
  }
}
