// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Unknown and bad arguments: the plugin refuses to load and says why in one line. */
final class PluginArgumentsIT {
  private static final String RUN = "run=018f4ebd-7d3c-7a3f-8000-0123456789ab";

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mode=fast", "mode=", "count=some", "when-full=maybe", "ring-buffers=0", "ring-buffers=1x",
            "ring-buffers=-3",
        "disas=yes", "inline=2", "detach-after=soon", "attach-after=-1", "node-timeout=0",
            "discard=", "colour=red",
        "run=42", "ring-dir=relative", "plain"
      })
  void isRefusedWithOneLine(String argument) throws Exception {
    // given
    Path stdout = directory.resolve("out");
    Path stderr = directory.resolve("err");
    ProcessBuilder qemu =
        new ProcessBuilder(
                "qemu-x86_64",
                "-plugin",
                Places.plugin() + ",ring-dir=" + directory + "," + RUN + "," + argument,
                Places.guest("straight").toString())
            .redirectOutput(stdout.toFile())
            .redirectError(stderr.toFile());

    // when
    Process process = qemu.start();

    // then
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isNotZero();
    List<String> lines = java.nio.file.Files.readAllLines(stderr);
    List<String> ours = lines.stream().filter(line -> line.startsWith("tracefleet: ")).toList();
    assertThat(ours).as("all of stderr: " + lines).hasSize(1);
    // QEMU reads a name alone as name=on.
    assertThat(ours.get(0)).contains(argument.substring(0, Math.max(argument.indexOf('='), 1)));
    try (var files = java.nio.file.Files.list(directory)) {
      assertThat(files.filter(file -> file.toString().contains(".ring"))).isEmpty();
    }
  }
}
