// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tracefleet.schemas.Accounting;
import io.tracefleet.schemas.serde.RegistrySettings;
import io.tracefleet.schemas.serde.SchemaRegistry;
import io.tracefleet.schemas.serde.Subject;
import io.tracefleet.schemas.topics.TopicCreator;
import io.tracefleet.schemas.topics.TopicOptions;
import io.tracefleet.schemas.topics.Topics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EmbeddedClusterIT {
  private static final Duration START_BUDGET = Duration.ofSeconds(15);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Subject SUBJECT = Subject.ofValue(Topics.ACCOUNTING, Accounting.class);

  @TempDir private Path directory;

  private static ClusterSettings settings() {
    return ClusterSettings.temporary(
        Path.of(System.getProperty(ClusterSettings.REGISTRY_HOME_PROPERTY)));
  }

  private static Admin admin(EmbeddedCluster cluster) {
    return Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, cluster.bootstrap()));
  }

  private static SchemaRegistry registry(EmbeddedCluster cluster) {
    return SchemaRegistry.connect(RegistrySettings.of(cluster.registryUrl()), PATIENCE);
  }

  @Test
  void startsInTimeServesAndLeavesNothing() throws Exception {
    long begun = System.nanoTime();
    Path data;
    ProcessHandle child;
    try (EmbeddedCluster cluster = EmbeddedCluster.start(settings())) {
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(START_BUDGET);
      data = cluster.dataDirectory();
      child = ProcessHandle.of(cluster.registryPid()).orElseThrow();
      try (Admin admin = admin(cluster);
          SchemaRegistry registry = registry(cluster)) {
        assertThat(new TopicCreator(admin, PATIENCE).create(Topics.all(TopicOptions.DEFAULTS)))
            .contains(Topics.BATCHES);
        registry.prepare(List.of(SUBJECT));
        assertThat(registry.client().getCompatibility(null)).isEqualTo("BACKWARD");
      }
    }
    assertThat(data).doesNotExist();
    child.onExit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(child.isAlive()).isFalse();
  }

  @Test
  void keepsTopicsAndSchemasInAGivenDirectory() throws Exception {
    ClusterSettings kept = settings().withData(directory.resolve("kept"));
    int id;
    try (EmbeddedCluster cluster = EmbeddedCluster.start(kept);
        Admin admin = admin(cluster);
        SchemaRegistry registry = registry(cluster)) {
      new TopicCreator(admin, PATIENCE).create(Topics.all(TopicOptions.DEFAULTS));
      registry.prepare(List.of(SUBJECT));
      id = registry.client().getLatestSchemaMetadata(SUBJECT.name()).getId();
    }

    try (EmbeddedCluster cluster = EmbeddedCluster.start(kept);
        Admin admin = admin(cluster);
        SchemaRegistry registry = registry(cluster)) {
      assertThat(admin.listTopics().names().get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
          .contains(Topics.BATCHES, Topics.RUNS);
      assertThat(registry.client().getLatestSchemaMetadata(SUBJECT.name()).getId()).isEqualTo(id);
    }
  }

  @Test
  void saysWhichPortIsInUseAndStartsNothing() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      ClusterSettings wrong = settings().withPorts(0, taken.getLocalPort());

      assertThatThrownBy(() -> EmbeddedCluster.start(wrong))
          .isInstanceOf(ClusterException.class)
          .hasMessageContaining(Integer.toString(taken.getLocalPort()))
          .hasMessageContaining("--registry-port");
    }
  }

  @Test
  void usesTheGivenPorts() throws Exception {
    int[] free = LoopbackPorts.resolve(new String[] {"a", "b"}, new int[] {0, 0});

    try (EmbeddedCluster cluster = EmbeddedCluster.start(settings().withPorts(free[0], free[1]))) {
      assertThat(cluster.bootstrap()).isEqualTo("127.0.0.1:" + free[0]);
      assertThat(cluster.registryUrl()).startsWith("http://127.0.0.1:" + free[1] + "/");
    }
  }

  @Test
  void stopsWhatItStartedWhenItIsInterrupted() throws Exception {
    EmbeddedCluster cluster = EmbeddedCluster.prepare(settings());
    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> cluster.startPrepared(PATIENCE))
        .isInstanceOf(InterruptedException.class);

    assertThat(cluster.dataDirectory()).doesNotExist();
    long child = cluster.registryPid();
    assertThat(child == -1 || ProcessHandle.of(child).filter(ProcessHandle::isAlive).isEmpty())
        .isTrue();
  }

  @Test
  void failsWithTheRegistrysOwnWordsIfItIsNotThere() {
    ClusterSettings wrong = ClusterSettings.temporary(directory);

    assertThatThrownBy(() -> EmbeddedCluster.start(wrong))
        .isInstanceOf(ClusterException.class)
        .hasMessageContaining(directory.toString());
  }
}
