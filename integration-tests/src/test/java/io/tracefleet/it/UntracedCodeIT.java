// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.node.config.TraceMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Why mode off costs next to nothing: QEMU makes the very same code of the guest as without the
 * plugin. That is no matter of time, so a busy machine changes nothing about it; {@code tracefleet
 * bench} has the time.
 */
final class UntracedCodeIT {
  @TempDir Path directory;

  /** Bytes of host code, block after block in the order in which QEMU translated them. */
  private static List<String> sizes(Path log) throws Exception {
    try (Stream<String> lines = Files.lines(log, StandardCharsets.ISO_8859_1)) {
      return lines.filter(line -> line.startsWith("OUT: [size=")).toList();
    }
  }

  private List<String> bare(String guest) throws Exception {
    Path log = directory.resolve("bare");
    Process qemu =
        new ProcessBuilder(
                "qemu-x86_64",
                "-d",
                "out_asm",
                "-D",
                log.toString(),
                Places.guest(guest).toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("said").toFile())
            .start();
    try {
      assertThat(qemu.waitFor(2, TimeUnit.MINUTES)).isTrue();
      assertThat(qemu.exitValue()).isZero();
      return sizes(log);
    } finally {
      qemu.destroyForcibly();
    }
  }

  private List<String> with(TraceMode mode, String guest) throws Exception {
    Path log = directory.resolve(mode.word());
    try (PluginRun run =
        PluginRun.of("qemu-x86_64", Places.guest(guest).toString())
            .mode(mode)
            .qemu("-d", "out_asm", "-D", log.toString())
            .run()) {
      assertThat(run.exitCode()).as(run.said()).isZero();
      return sizes(log);
    }
  }

  /** Written in assembly: what others execute depends on where the C library's data lies. */
  @ParameterizedTest
  @ValueSource(strings = {"straight", "loops", "recursion"})
  void withModeOffQemuMakesTheSameCodeAsWithoutThePlugin(String guest) throws Exception {
    List<String> bare = bare(guest);

    assertThat(bare).hasSizeGreaterThan(3);
    assertThat(with(TraceMode.OFF, guest)).isEqualTo(bare);
    assertThat(with(TraceMode.FULL, guest)).as("what is traced shows here").isNotEqualTo(bare);
  }
}
