// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tracefleet.metrics.MetricsSettings;
import io.tracefleet.schemas.clients.ClientSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodeConfigTest {
  private static final String LEAST =
      """
      bootstrap: broker:9092
      registry: http://registry:8081
      guests:
        - command: [qemu-x86_64, ./a.out]
      """;

  @TempDir private Path directory;

  private NodeConfig load(String yaml) throws Exception {
    return NodeConfig.load(Files.writeString(directory.resolve("node.yaml"), yaml), Map.of());
  }

  @Test
  void theDefaults() throws Exception {
    NodeConfig config = load(LEAST);

    int user = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    assertThat(config.cluster())
        .isEqualTo(
            new ClusterAccess("broker:9092", "http://registry:8081", ClientSettings.NONE, false));
    assertThat(config.settings().node()).isEqualTo(HostName.get());
    assertThat(config.settings().parallel()).isEqualTo(4);
    assertThat(config.settings().ring())
        .isEqualTo(
            new RingSettings(
                Path.of("/dev/shm/tracefleet-" + user),
                32,
                Duration.ofMillis(500),
                Duration.ofSeconds(60)));
    assertThat(config.settings().publish())
        .isEqualTo(
            new PublishSettings(Compression.ZSTD, 24 * 1024 * 1024, Duration.ofSeconds(120)));
    assertThat(config.settings().metrics())
        .isEqualTo(new MetricsSettings(Optional.of(0), "127.0.0.1"));
    assertThat(NodeSettings.defaults().metrics())
        .as("of a node that is not a daemon")
        .isEqualTo(new MetricsSettings(Optional.empty(), "127.0.0.1"));
    assertThat(config.guests())
        .containsExactly(
            new GuestSpec(
                "a.out",
                List.of("qemu-x86_64", "./a.out"),
                TraceMode.FULL,
                WhenFull.BLOCK,
                Map.of(),
                Restart.NEVER,
                3,
                Duration.ofSeconds(1),
                null,
                null,
                null,
                Map.of()));
  }

  @Test
  void theEnvironmentSaysWhereTheClusterIsIfTheFileDoesNot() throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("node.yaml"),
            """
            registry: http://registry:8081
            guests:
              - command: [qemu-x86_64, ./a.out]
            """);

    NodeConfig config =
        NodeConfig.load(
            file,
            Map.of("TRACEFLEET_BOOTSTRAP", "other:9092", "TRACEFLEET_REGISTRY", "http://other"));

    assertThat(config.cluster()).isEqualTo(ClusterAccess.of("other:9092", "http://registry:8081"));
  }

  @Test
  void everyKey() throws Exception {
    NodeConfig config =
        load(
            """
            node: lab-7
            bootstrap: b1:9092,b2:9092
            registry: https://registry/apis/ccompat/v7
            kafka:
              security.protocol: SSL
              basic.auth.user.info: me:secret
            plugin: /opt/libtracefleet.so
            ringDir: /dev/shm/lab
            ringBuffers: 64
            flushInterval: 2s
            nodeTimeout: 5m
            compression: lz4
            inFlight: 8MiB
            drainTimeout: 1h
            parallel: 2
            metricsPort: 9464
            metricsAddress: 127.0.0.3
            guests:
              - name: web
                command: [qemu-system-x86_64, -m, 512]
                mode: count
                whenFull: drop
                labels: {team: a, tier: 1}
                restart: on-failure
                maxRestarts: -1
                backoff: 250ms
                stdin: /dev/null
                stdout: out.txt
                stderr: err.txt
                plugin: {disas: off}
              - command: [qemu-riscv64, -L, /usr/riscv64, -cpu, max, prog, arg]
            """);

    assertThat(config.settings())
        .isEqualTo(
            new NodeSettings(
                "lab-7",
                Path.of("/opt/libtracefleet.so"),
                2,
                new RingSettings(
                    Path.of("/dev/shm/lab"), 64, Duration.ofSeconds(2), Duration.ofMinutes(5)),
                new PublishSettings(Compression.LZ4, 8 << 20, Duration.ofHours(1)),
                new MetricsSettings(Optional.of(9464), "127.0.0.3")));
    assertThat(config.cluster().clientProperties()).isEqualTo(Map.of("security.protocol", "SSL"));
    assertThat(config.cluster().registryProperties())
        .isEqualTo(Map.of("basic.auth.user.info", "me:secret"));
    assertThat(config.cluster().toString()).doesNotContain("secret");
    assertThat(config.guests().get(0))
        .isEqualTo(
            new GuestSpec(
                "web",
                List.of("qemu-system-x86_64", "-m", "512"),
                TraceMode.COUNT,
                WhenFull.DROP,
                Map.of("team", "a", "tier", "1"),
                Restart.ON_FAILURE,
                -1,
                Duration.ofMillis(250),
                Path.of("/dev/null"),
                Path.of("out.txt"),
                Path.of("err.txt"),
                Map.of("disas", "off")));
    assertThat(config.guests().get(1).name()).isEqualTo("prog");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "colour: red | colour: unknown key, expected one of bootstrap, clientConfig, compression,",
        "ringBuffers: 1 | ringBuffers: 1 is not between 2 and 512",
        "ringBuffers: many | ringBuffers: \"many\" is not a whole number",
        "flushInterval: 1ms | flushInterval: 1ms is not between 10ms and 1h",
        "flushInterval: soon | flushInterval: \"soon\" is not a duration such as",
        "inFlight: 1GiB | inFlight: 1073741824 is not between",
        "inFlight: 8 | inFlight: \"8\" is not a size such as",
        "compression: gzip | compression: \"gzip\" is not one of zstd, lz4, none",
        "parallel: 0 | parallel: 0 is not between 1 and 64",
        "node: a/b | node: \"a/b\" is not 1 to 64 letters",
        "kafka: 7 | kafka: 7 is not keys and values",
        "kafka: {a: [1]} | kafka.a: [1] is not one value",
        "parallel: 2.5 | parallel: 2.5 is not a whole number",
        "metricsPort: on | metricsPort: \"on\" is not off, or 0 (any free port) to 65535",
        "metricsPort: 65536 | metricsPort: \"65536\" is not off",
        "metricsAddress: '' | metricsAddress: none given",
        "bootstrap: other:1 | Duplicate field 'bootstrap'",
        "[ | expected",
      })
  void aWrongSettingIsOneClearLine(String line, String message) {
    assertThatThrownBy(() -> load(LEAST + line + "\n"))
        .isInstanceOf(ConfigException.class)
        .message()
        .startsWith(directory.resolve("node.yaml").toString())
        .contains(message)
        .doesNotContain("\n");
  }

  @Test
  void metricsCanBeOff() throws Exception {
    assertThat(load(LEAST + "metricsPort: off\n").settings().metrics())
        .isEqualTo(MetricsSettings.OFF);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mode: fast | guests[0].mode: \"fast\" is not one of full, count",
        "whenFull: wait | guests[0].whenFull: \"wait\" is not one of block, drop",
        "restart: maybe | guests[0].restart: \"maybe\" is not one of never, on-failure, always",
        "maxRestarts: -2 | guests[0].maxRestarts: -2 is not between",
        "backoff: 2h | guests[0].backoff: 2h is not between",
        "cmd: x | guests[0].cmd: unknown key, expected one of backoff, command,",
        "plugin: {run: x} | guests[0].plugin: run is the node's to set",
        "labels: [a] | guests[0].labels: [\"a\"] is not keys and values",
      })
  void aWrongGuestIsOneClearLine(String line, String message) {
    assertThatThrownBy(() -> load(LEAST + "    " + line + "\n"))
        .isInstanceOf(ConfigException.class)
        .message()
        .contains(message)
        .doesNotContain("\n");
  }

  @Test
  void guestsMustBeGiven() {
    assertThatThrownBy(() -> load("bootstrap: b:1\nregistry: http://r:1\n"))
        .hasMessageContaining("guests: none given");
    assertThatThrownBy(
            () -> load("bootstrap: b:1\nregistry: http://r:1\nguests: [{command: []}]\n"))
        .hasMessageContaining("guests[0].command: empty");
    assertThatThrownBy(() -> load("bootstrap: b:1\nguests: [{command: [q]}]\n"))
        .hasMessageContaining("registry: no URL given");
    assertThatThrownBy(() -> load(LEAST + "  - command: [qemu-x86_64, ./a.out]\n"))
        .hasMessageContaining("two are named \"a.out\"");
    assertThatThrownBy(() -> load("")).hasMessageContaining("the file: expected keys and values");
  }

  @Test
  void aFileThatIsNotThere() {
    assertThatThrownBy(() -> NodeConfig.load(directory.resolve("none.yaml"), Map.of()))
        .hasMessageEndingWith("none.yaml: no such file");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "qemu-x86_64 ./a.out | a.out",
        "/usr/bin/qemu-x86_64 -L /x -E A=B /bin/ls -l | ls",
        "qemu-x86_64 -strace -- prog | prog",
        "qemu-x86_64 | qemu-x86_64",
        "/opt/qemu-system-riscv64 -kernel vmlinuz | qemu-system-riscv64",
      })
  void aGuestWithoutANameHasItsPrograms(String command, String name) {
    assertThat(GuestSpec.of(List.of(command.split(" "))).name()).isEqualTo(name);
  }
}
