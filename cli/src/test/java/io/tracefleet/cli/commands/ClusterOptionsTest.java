// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tracefleet.cli.console.CommandException;
import io.tracefleet.node.config.ClusterAccess;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Options, then the environment, then what `up` has written down. */
final class ClusterOptionsTest {
  private static final Map<String, String> CONTAINER =
      Map.of(
          "TRACEFLEET_BOOTSTRAP", "kafka:9093",
          "TRACEFLEET_REGISTRY", "http://schema-registry:8081");

  private final ClusterOptions options = new ClusterOptions();
  @TempDir private Path directory;

  @Test
  void aContainersEnvironmentNamesTheCluster() throws Exception {
    ClusterAccess access = options.resolve(CONTAINER);

    assertThat(access.bootstrap()).isEqualTo("kafka:9093");
    assertThat(access.registry()).isEqualTo("http://schema-registry:8081");
  }

  @Test
  void optionsComeBeforeTheEnvironment() throws Exception {
    new CommandLine(options).parseArgs("--bootstrap=other:1", "--registry=http://other:2");

    assertThat(options.resolve(CONTAINER).bootstrap()).isEqualTo("other:1");
  }

  @Test
  void halfAnEnvironmentIsNone() {
    Map<String, String> half =
        Map.of(
            "TRACEFLEET_BOOTSTRAP",
            "kafka:9093",
            "XDG_RUNTIME_DIR",
            directory.toString(),
            "HOME",
            directory.toString());

    assertThatThrownBy(() -> options.resolve(half))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("No cluster is up");
  }
}
