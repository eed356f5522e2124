// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.schemas.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tracefleet.schemas.serde.Subject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.common.internals.Topic;
import org.junit.jupiter.api.Test;

final class TopicsTest {
  @Test
  void defaultsAreThoseOfTheGoldenFile() throws IOException {
    String golden =
        Files.readString(
            Path.of("src/test/resources/topics-by-default.txt"), StandardCharsets.UTF_8);

    assertThat(describe(Topics.all(TopicOptions.DEFAULTS))).isEqualTo(golden);
  }

  @Test
  void optionsReachTheTopics() {
    TopicOptions options =
        TopicOptions.DEFAULTS
            .withPartitions(12)
            .withReplication(3)
            .withBatchRetention(Duration.ofHours(1), 1L << 30);

    Map<String, TopicSettings> topics =
        Topics.all(options).stream().collect(Collectors.toMap(TopicSettings::name, t -> t));

    assertThat(topics.get(Topics.BATCHES).partitions()).isEqualTo(12);
    assertThat(topics.get(Topics.BATCHES).config())
        .containsEntry("retention.ms", "3600000")
        .containsEntry("retention.bytes", "1073741824")
        .containsEntry("segment.bytes", "268435456");
    assertThat(topics.get(Topics.RUNS).partitions()).isEqualTo(1);
    assertThat(topics.values()).allSatisfy(t -> assertThat(t.replication()).isEqualTo((short) 3));
  }

  @Test
  void everySubjectBelongsToATopicAndIsNamedOnce() {
    List<String> topics =
        Topics.all(TopicOptions.DEFAULTS).stream().map(TopicSettings::name).toList();

    assertThat(Topics.subjects())
        .extracting(Subject::name)
        .doesNotHaveDuplicates()
        .containsAll(topics.stream().map(topic -> topic + "-value").toList())
        .allSatisfy(name -> assertThat(topics).contains(name.replaceFirst("-(key|value)$", "")));
  }

  @Test
  void kafkaTakesTheNames() {
    assertThat(Topics.all(TopicOptions.DEFAULTS))
        .allSatisfy(topic -> assertThat(Topic.isValid(topic.name())).isTrue());
  }

  @Test
  void refusesOptionsThatCannotBe() {
    assertThatThrownBy(() -> TopicOptions.DEFAULTS.withPartitions(0))
        .hasMessage("Partitions of the topics: 0; give 1 to 1000.");
    assertThatThrownBy(() -> TopicOptions.DEFAULTS.withReplication(0))
        .hasMessage("Replicas of the topics: 0; give 1 or more, or -1 for the broker's default.");
    assertThatThrownBy(() -> TopicOptions.DEFAULTS.withReplication(1 << 16))
        .hasMessage("Replicas of the topics: 65536; give at most 32767.");
    assertThatThrownBy(() -> TopicOptions.DEFAULTS.withBatchRetention(Duration.ofSeconds(1), -1))
        .hasMessage("Retention of batches: 1000 ms; give 60000 or more.");
    assertThatThrownBy(() -> TopicOptions.DEFAULTS.withBatchRetention(Duration.ofDays(1), 1000))
        .hasMessage(
            "Retention of batches: 1000 bytes per partition; give 67108864 or more, or -1 for no"
                + " limit.");
  }

  @Test
  void refusesSettingsThatCannotBe() {
    assertThatThrownBy(() -> new TopicSettings("t", 0, (short) 1, CleanupPolicy.COMPACT, Map.of()))
        .hasMessage("Topic t has 0 partitions: give 1 or more.");
    assertThatThrownBy(() -> new TopicSettings("t", 1, (short) 0, CleanupPolicy.COMPACT, Map.of()))
        .hasMessage("Topic t has 0 replicas: give 1 or more, or -1 for the broker's default.");
    assertThatThrownBy(
            () ->
                new TopicSettings(
                    "t", 1, (short) 1, CleanupPolicy.COMPACT, Map.of("cleanup.policy", "delete")))
        .hasMessage("Topic t has cleanup.policy among its further settings.");
  }

  private static String describe(List<TopicSettings> topics) {
    return topics.stream()
        .map(
            topic ->
                "%s partitions=%d replication=%d %s%n"
                    .formatted(
                        topic.name(),
                        topic.partitions(),
                        topic.replication(),
                        topic.kafkaConfig().entrySet().stream()
                            .map(entry -> entry.getKey() + "=" + entry.getValue())
                            .collect(Collectors.joining(" "))))
        .collect(Collectors.joining());
  }
}
