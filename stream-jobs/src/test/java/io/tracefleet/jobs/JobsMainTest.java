// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobsMainTest {
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @TempDir Path directory;

  @Test
  void usageAndConfigurationErrorsAreOneLineAndACode() throws Exception {
    assertThat(run("--help")).isEqualTo(64);
    assertThat(run("--config")).isEqualTo(64);
    assertThat(run("bootstrap=a:1")).isEqualTo(78);
    assertThat(run("--config", directory.resolve("none").toString())).isEqualTo(78);

    assertThat(err.toString(StandardCharsets.UTF_8).lines())
        .hasSize(4)
        .allSatisfy(line -> assertThat(line).startsWith("tracefleet-jobs: "));
  }

  @Test
  void theCommandLineOverridesTheFile() throws Exception {
    Path file = directory.resolve("jobs.properties");
    Files.writeString(file, "bootstrap=a:1\nregistry=http://r:1\nthreads=2\n");

    JobsConfig config =
        JobsMain.config(new String[] {"threads=3", "--config", file.toString(), "state=disk"});

    assertThat(config.threads()).isEqualTo(3);
    assertThat(config.bootstrap()).isEqualTo("a:1");
    assertThat(config.state()).isEqualTo(StateKind.DISK);
  }

  private int run(String... arguments) throws Exception {
    return JobsMain.run(arguments, new PrintStream(err, true, StandardCharsets.UTF_8));
  }
}
