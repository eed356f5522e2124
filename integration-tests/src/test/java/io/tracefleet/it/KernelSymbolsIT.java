// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.cli.report.RunReport.HotBlockRow;
import io.tracefleet.node.config.GuestSpec;
import io.tracefleet.node.config.TraceMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Debian's Linux moves itself as it boots, and its functions are named all the same. */
@ExtendWith(TestCluster.Extension.class)
final class KernelSymbolsIT {
  private static final long STEP = 2 << 20;

  @TempDir private Path directory;

  /** What the kernel says of itself where it is not moved. */
  private Path systemMap() throws Exception {
    List<String> command = new ArrayList<>(LinuxBootIT.command("qemu-system-x86_64", 1));
    int append = command.indexOf("-append") + 1;
    command.set(append, command.get(append) + " nokaslr tracefleet.kallsyms");
    Path console = directory.resolve("console");
    Process qemu =
        new ProcessBuilder(command)
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(console.toFile())
            .redirectError(directory.resolve("errors").toFile())
            .start();
    try {
      assertThat(qemu.waitFor(4, TimeUnit.MINUTES)).as("QEMU ends").isTrue();
    } finally {
      qemu.destroyForcibly();
    }
    List<String> symbols =
        Files.readAllLines(console, StandardCharsets.ISO_8859_1).stream()
            .filter(line -> line.matches("[0-9a-f]{16} [tTwW] \\S+"))
            .toList();
    assertThat(symbols).hasSizeGreaterThan(10_000);
    return Files.write(directory.resolve("System.map"), symbols);
  }

  @Test
  void everyBlockOfAKernelThatMovedIsNamed(TestCluster cluster) throws Exception {
    Path map = systemMap();
    Map<String, Set<Long>> addresses = new HashMap<>();
    for (String line : Files.readAllLines(map)) {
      String[] words = line.split(" ", -1);
      addresses
          .computeIfAbsent(words[2], name -> new HashSet<>())
          .add(Long.parseUnsignedLong(words[0], 16));
    }

    try (Traces traces = Traces.open(cluster)) {
      Traces.Traced traced =
          traces.trace(
              GuestSpec.of(LinuxBootIT.command("qemu-system-x86_64", 1))
                  .withMode(TraceMode.COUNT)
                  .withLabels(Map.of("kernel-symbols", map.toString())));

      assertThat(traces.warnings()).isEmpty();
      List<HotBlockRow> kernel =
          traced.root().hotBlocks().stream()
              .filter(row -> Long.parseUnsignedLong(row.vaddr().substring(2), 16) < 0)
              .toList();
      assertThat(kernel).hasSizeGreaterThan(10_000);
      assertThat(kernel).filteredOn(row -> row.function() == null).isEmpty();
      long slide = slide(kernel, addresses);
      assertThat(slide % STEP).isZero();
      assertThat(kernel)
          .filteredOn(row -> !addresses.get(row.function()).contains(begin(row) - slide))
          .isEmpty();
      assertThat(traced.root().hotFunctions())
          .anyMatch(row -> "inflate_fast".equals(row.function()));
      traces.assertEqual(traced);
    }
  }

  /** Of the first function whose name no other one has. */
  private static long slide(List<HotBlockRow> kernel, Map<String, Set<Long>> addresses) {
    HotBlockRow unique =
        kernel.stream()
            .filter(row -> addresses.get(row.function()).size() == 1)
            .findFirst()
            .orElseThrow();
    return begin(unique) - addresses.get(unique.function()).iterator().next();
  }

  private static long begin(HotBlockRow row) {
    return Long.parseUnsignedLong(row.vaddr().substring(2), 16) - row.functionOffset();
  }
}
