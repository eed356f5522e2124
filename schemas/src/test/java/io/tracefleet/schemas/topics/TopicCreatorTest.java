// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.schemas.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.MockAdminClient;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class TopicCreatorTest {
  private static final List<TopicSettings> ALL = Topics.all(TopicOptions.DEFAULTS);

  private final MockAdminClient admin = MockAdminClient.create().numBrokers(1).build();
  private final TopicCreator creator = new TopicCreator(admin, Duration.ofSeconds(5));

  @AfterEach
  void close() {
    admin.close();
  }

  @Test
  void createsWhatIsMissing() throws Exception {
    assertThat(creator.create(ALL))
        .containsExactlyInAnyOrderElementsOf(ALL.stream().map(TopicSettings::name).toList());

    for (TopicSettings topic : ALL) {
      assertThat(description(topic.name()).partitions()).hasSize(topic.partitions());
      assertThat(config(topic.name())).containsAllEntriesOf(topic.kafkaConfig());
    }
  }

  @Test
  void leavesWhatExistsAlone() throws Exception {
    create(Topics.BATCHES, 9, Map.of("cleanup.policy", "delete", "retention.ms", "12345"));

    assertThat(creator.create(ALL)).hasSize(ALL.size() - 1).doesNotContain(Topics.BATCHES);
    assertThat(description(Topics.BATCHES).partitions()).hasSize(9);
    assertThat(config(Topics.BATCHES)).containsEntry("retention.ms", "12345");
  }

  @Test
  void doneAgainItCreatesNothing() {
    creator.create(ALL);

    assertThat(creator.create(ALL)).isEmpty();
  }

  @Test
  void anExistingTopicWithAnotherCleanupPolicyIsNamed() throws Exception {
    create(Topics.RUNS, 1, Map.of("cleanup.policy", "delete"));
    create(Topics.BATCHES, 4, Map.of("cleanup.policy", "compact,delete"));
    create(Topics.BLOCKS, 4, Map.of("cleanup.policy", "compact"));

    assertThatThrownBy(() -> creator.create(ALL))
        .isInstanceOf(TopicException.class)
        .hasMessageContainingAll(
            "topic tracefleet.runs has cleanup.policy=delete instead of compact",
            "topic tracefleet.batches has cleanup.policy=compact,delete instead of delete",
            "kafka-configs --alter")
        .hasMessageNotContaining("tracefleet.blocks")
        .hasMessageNotContaining("\n");
  }

  @Test
  void tooManyReplicasAreReportedWithTheTopic() {
    List<TopicSettings> wanted = Topics.all(TopicOptions.DEFAULTS.withReplication(3));

    assertThatThrownBy(() -> creator.create(wanted))
        .isInstanceOf(TopicException.class)
        .hasMessageContainingAll("topic tracefleet.", "cannot be created", "Check the cluster");
  }

  @Test
  void aBrokerThatIsNotThereIsGivenUpInTime() {
    Properties nowhere = new Properties();
    nowhere.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:1");
    try (Admin unreachable = Admin.create(nowhere)) {
      long start = System.nanoTime();

      assertThatThrownBy(() -> new TopicCreator(unreachable, Duration.ofSeconds(1)).create(ALL))
          .isInstanceOf(TopicException.class)
          .hasMessageContainingAll("no answer within 1 s", "Start the broker");
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    }
  }

  private void create(String name, int partitions, Map<String, String> config)
      throws ExecutionException, InterruptedException {
    admin
        .createTopics(List.of(new NewTopic(name, partitions, (short) 1).configs(config)))
        .all()
        .get();
  }

  private TopicDescription description(String name) throws Exception {
    return admin.describeTopics(List.of(name)).allTopicNames().get().get(name);
  }

  private Map<String, String> config(String name) throws Exception {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, name);
    Config config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
    return config.entries().stream()
        .collect(Collectors.toMap(ConfigEntry::name, ConfigEntry::value));
  }
}
