// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Where the build put things. */
final class Places {
  private Places() {}

  /** This module's directory. */
  static Path module() {
    return Path.of(System.getProperty("tracefleet.it.module", ".")).toAbsolutePath().normalize();
  }

  static Path target() {
    return Path.of(System.getProperty("tracefleet.it.target", "target")).toAbsolutePath();
  }

  static Path plugin() {
    return Path.of(System.getProperty("tracefleet.plugin")).toAbsolutePath().normalize();
  }

  static Path registryHome() {
    return Path.of(System.getProperty("tracefleet.registry.home")).toAbsolutePath().normalize();
  }

  static Path oracle() {
    return target().resolve("oracle/oracle.so");
  }

  static Path oracleDump() {
    return target().resolve("oracle/oracle-dump");
  }

  static Path guest(String name) {
    Path guest = target().resolve("guests").resolve(name);
    assertThat(guest).as("guest, built by make in guests/").exists();
    return guest;
  }

  /** Debian's browser, or the one of {@code -Dtracefleet.chromium=FILE}. */
  static Path chromium() {
    Path chromium = Path.of(System.getProperty("tracefleet.chromium", "/usr/bin/chromium"));
    assertThat(chromium).as("the browser: apt-get install chromium").isExecutable();
    return chromium;
  }

  /** The Linux guest's kernel and initramfs. */
  static Path linux() throws IOException, InterruptedException {
    return Path.of(script("fetch-linux").get(0));
  }

  /** The QEMU of another Debian release. */
  static Path foreignQemu(String release) throws IOException, InterruptedException {
    return Path.of(script("foreign-qemu", release).get(0));
  }

  private static List<String> script(String name, String... arguments)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile("tracefleet-it-", ".out");
    Path errors = Files.createTempFile("tracefleet-it-", ".err");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(module().resolve(name).toString())
              .redirectOutput(output.toFile())
              .redirectError(errors.toFile());
      builder.command().addAll(List.of(arguments));
      Process process = builder.start();
      assertThat(process.waitFor(8, TimeUnit.MINUTES)).as(name + " ends").isTrue();
      assertThat(process.exitValue()).as(name + ": " + Files.readString(errors)).isZero();
      return Files.readAllLines(output);
    } finally {
      Files.deleteIfExists(output);
      Files.deleteIfExists(errors);
    }
  }
}
