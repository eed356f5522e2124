// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tracefleet.jobs.http.HttpConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JobsConfigTest {
  private static final Map<String, String> NEEDED =
      Map.of("bootstrap", "broker:9092", "registry", "http://registry:8081");

  @TempDir Path directory;

  @Test
  void defaults() throws Exception {
    JobsConfig config = JobsConfig.parse(NEEDED);

    assertThat(config).isEqualTo(JobsConfig.of("broker:9092", "http://registry:8081"));
    assertThat(config)
        .isEqualTo(
            new JobsConfig(
                "tracefleet-jobs",
                "broker:9092",
                "http://registry:8081",
                StateKind.MEMORY,
                Path.of(System.getProperty("java.io.tmpdir"), "tracefleet-jobs"),
                1,
                Duration.ofSeconds(1),
                Duration.ofSeconds(5),
                400_000,
                4,
                -1,
                Duration.ofSeconds(30),
                Duration.ofSeconds(10),
                new HttpConfig(
                    Optional.empty(), "127.0.0.1", Optional.empty(), Optional.empty(), 64),
                Map.of(),
                Map.of()));
  }

  @Test
  void everySettingOfAFile() throws Exception {
    Path file = directory.resolve("jobs.properties");
    Files.writeString(
        file,
        """
        application.id=mine
        bootstrap=a:1,b:2
        registry=https://r/apis/ccompat/v7
        state=disk
        state.dir=/var/lib/tracefleet
        threads=4
        commit.interval.ms=200
        result.interval.ms=60000
        rows.in.memory=5000
        partitions=16
        replication=3
        start.timeout.ms=60000
        stop.timeout.ms=5000
        http.port=8470
        http.address=0.0.0.0
        http.advertised=jobs-1.example:8470
        http.token.file=/etc/tracefleet/token
        http.event.clients=7
        kafka.security.protocol=SSL
        kafka.producer.compression.type=zstd
        registry.basic.auth.user.info=u:p
        """);

    assertThat(JobsConfig.load(file))
        .isEqualTo(
            new JobsConfig(
                "mine",
                "a:1,b:2",
                "https://r/apis/ccompat/v7",
                StateKind.DISK,
                Path.of("/var/lib/tracefleet"),
                4,
                Duration.ofMillis(200),
                Duration.ofMinutes(1),
                5000,
                16,
                3,
                Duration.ofMinutes(1),
                Duration.ofSeconds(5),
                new HttpConfig(
                    Optional.of(8470),
                    "0.0.0.0",
                    Optional.of("jobs-1.example:8470"),
                    Optional.of(Path.of("/etc/tracefleet/token")),
                    7),
                Map.of("security.protocol", "SSL", "producer.compression.type", "zstd"),
                Map.of("basic.auth.user.info", "u:p")));
  }

  @ParameterizedTest
  @CsvSource({
    "threads, 0, 1 to 64",
    "threads, many, a whole number",
    "state, tape, memory or disk",
    "registry, registry:8081, http://host:port",
    "application.id, my jobs, letters",
    "commit.interval.ms, 6000, 100 to 5000",
    "result.interval.ms, 0, 250 to",
    "rows.in.memory, 10, 1000 or more",
    "partitions, 0, 1 to 1000",
    "replication, 0, 1 or more",
    "start.timeout.ms, 10, 1000 to",
    "stop.timeout.ms, -5, 1000 to",
    "http.port, 99999, 0 to 65535",
    "http.port, web, off",
    "http.advertised, jobs, host:port",
    "http.event.clients, 0, 1 to",
    "kafka.application.server, a:1, set here",
    "kafka.processing.guarantee, at_least_once, set here",
    "kafka.bootstrap.servers, other:1, set here"
  })
  void aWrongSettingIsNamed(String key, String value, String advice) {
    Map<String, String> settings = new HashMap<>(NEEDED);
    settings.put(key, value);

    assertThatThrownBy(() -> JobsConfig.parse(settings))
        .isInstanceOfSatisfying(
            JobsException.class, e -> assertThat(e.kind()).isEqualTo(JobsException.Kind.CONFIG))
        .hasMessageContaining(key)
        .hasMessageContaining(value)
        .hasMessageContaining(advice);
  }

  @Test
  void beyondLoopbackATokenIsNeeded() {
    Map<String, String> settings = new HashMap<>(NEEDED);
    settings.put("http.port", "8470");
    settings.put("http.address", "0.0.0.0");

    assertThatThrownBy(() -> JobsConfig.parse(settings))
        .isInstanceOf(JobsException.class)
        .hasMessageContaining("http.address")
        .hasMessageContaining("http.token.file");
    settings.put("http.token.file", "token");
    assertThatThrownBy(() -> JobsConfig.parse(settings)).hasMessageContaining("http.advertised");
  }

  @Test
  void anUnknownOrMissingSettingIsAnError() {
    Map<String, String> unknown = new HashMap<>(NEEDED);
    unknown.put("thread", "2");

    assertThatThrownBy(() -> JobsConfig.parse(unknown)).hasMessageContaining("Setting thread ");
    assertThatThrownBy(() -> JobsConfig.parse(Map.of("bootstrap", "a:1")))
        .hasMessageContaining("registry=http://");
    assertThatThrownBy(() -> JobsConfig.load(directory.resolve("none")))
        .hasMessageContaining("does not exist");
  }

  @Test
  void secretsAreNotShown() {
    JobsConfig config =
        JobsConfig.of("a:1", "http://me:hidden@r:1")
            .withClients(
                Map.of("sasl.jaas.config", "hidden"), Map.of("bearer.auth.token", "hidden"));

    assertThat(config.toString())
        .doesNotContain("hidden")
        .contains("sasl.jaas.config", "bearer.auth.token");
  }

  @Test
  void streamsSettings() {
    JobsConfig config =
        JobsConfig.of("a:1", "http://r:1").withClients(Map.of("client.id", "x"), Map.of());

    assertThat(StreamsSettings.of(config))
        .containsEntry("processing.guarantee", "exactly_once_v2")
        .containsEntry("num.standby.replicas", 0)
        .containsEntry("commit.interval.ms", 1000L)
        .containsEntry("statestore.cache.max.bytes", 0L)
        .containsEntry("replication.factor", -1)
        .containsEntry("client.id", "x");
    new StreamsConfig(StreamsSettings.of(config)); // Kafka accepts them
  }
}
