// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What users get wrong, and what is broken around them: one clear line and an exit code. */
@ExtendWith(TestCluster.Extension.class)
final class BadInputIT {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  @TempDir Path directory;

  @Test
  void noSuchQemu() throws Exception {
    assertRefused(127, "qemu-none", List.of("trace", "--local", "--", "qemu-none", "./a.out"));
  }

  @Test
  void aFileThatIsNoQemu() throws Exception {
    assertRefused(125, "not a QEMU", List.of("trace", "--local", "--", "/bin/true", "./a.out"));
  }

  @Test
  void aStaticQemu() throws Exception {
    // given a program that answers like a statically linked qemu-user
    Path source = directory.resolve("static.c");
    Path qemu = directory.resolve("qemu-x86_64");
    Files.writeString(
        source,
        """
        #include <stdio.h>
        #include <string.h>
        int main(int argc, char **argv) {
          if (argc > 1 && !strcmp(argv[1], "--version"))
            puts("qemu-x86_64 version 10.0.2 (Debian 1:10.0.2)");
          else
            puts("usage: qemu-x86_64 [options] program [arguments...]\\n-strace  log system calls");
          return 0;
        }
        """);
    Process compiler =
        new ProcessBuilder("gcc", "-static", "-o", qemu.toString(), source.toString())
            .inheritIO()
            .start();
    assertThat(compiler.waitFor()).isZero();

    assertRefused(125, "static", List.of("trace", "--local", "--", qemu.toString(), "./a.out"));
  }

  @Test
  void noSuchGuest(TestCluster cluster) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("trace"));
    arguments.addAll(cluster.options());
    arguments.addAll(List.of("--", "qemu-x86_64", "./no-such-guest"));
    try (CommandLine command = CommandLine.start(directory, arguments)) {
      assertThat(command.exitCode(LIMIT)).as(command.stderr()).isNotZero();
      assertThat(command.stderr()).contains("no-such-guest");
    }
  }

  @Test
  void aBadOption() throws Exception {
    assertRefused(
        64, "--colour", List.of("trace", "--local", "--colour", "--", "qemu-x86_64", "./a.out"));
  }

  @Test
  void aBadMode() throws Exception {
    assertRefused(
        64, "fast", List.of("trace", "--local", "--mode", "fast", "--", "qemu-x86_64", "./a.out"));
  }

  @Test
  void aPortInUse() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      assertRefused(
          69,
          port,
          List.of(
              "trace",
              "--local",
              "--port",
              port,
              "--",
              "qemu-x86_64",
              Places.guest("straight").toString()));
    }
  }

  @Test
  void aBrokerThatIsNotThere(TestCluster cluster) throws Exception {
    assertRefused(
        69,
        "127.0.0.1:1",
        List.of(
            "trace",
            "--bootstrap",
            "127.0.0.1:1",
            "--registry",
            cluster.access().registry(),
            "--",
            "qemu-x86_64",
            Places.guest("straight").toString()));
  }

  @Test
  void aRegistryThatIsNotThere(TestCluster cluster) throws Exception {
    assertRefused(
        69,
        "127.0.0.1:1",
        List.of(
            "trace",
            "--bootstrap",
            cluster.access().bootstrap(),
            "--registry",
            "http://127.0.0.1:1",
            "--",
            "qemu-x86_64",
            Places.guest("straight").toString()));
  }

  @Test
  void aRingDirectoryThatIsFull(TestCluster cluster) throws Exception {
    try (SmallDisk small = SmallDisk.at(directory.resolve("small"), 4)) {
      String rings = small.path().toString();
      List<String> arguments = new ArrayList<>(List.of("trace", "--ring-dir", rings));
      arguments.addAll(cluster.options());
      arguments.addAll(List.of("--", "qemu-x86_64", Places.guest("straight").toString()));

      assertRefused(73, rings, arguments);
    }
  }

  @Test
  void aRingDirectoryThatCannotBeMade(TestCluster cluster) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("trace", "--ring-dir", "/proc/rings"));
    arguments.addAll(cluster.options());
    arguments.addAll(List.of("--", "qemu-x86_64", Places.guest("straight").toString()));

    assertRefused(73, "/proc/rings", arguments);
  }

  /** The guest does not run, and one line says why. */
  private void assertRefused(int exitCode, String named, List<String> arguments) throws Exception {
    try (CommandLine command = CommandLine.start(directory, arguments)) {
      int code = command.exitCode(LIMIT);
      String errors = command.stderr();
      assertThat(code).as(errors).isEqualTo(exitCode);
      assertThat(errors.lines().filter(line -> line.contains(named)))
          .as("lines that name %s in: %s", named, errors)
          .isNotEmpty();
      assertThat(errors).doesNotContain("Exception").doesNotContain("\tat ");
      assertThat(command.stdout()).doesNotContain("done");
    }
  }
}
