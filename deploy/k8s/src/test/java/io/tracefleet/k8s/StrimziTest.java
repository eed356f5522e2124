// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tracefleet.schemas.clients.Permission;
import io.tracefleet.schemas.topics.Component;
import io.tracefleet.schemas.topics.TopicOptions;
import io.tracefleet.schemas.topics.TopicSettings;
import io.tracefleet.schemas.topics.Topics;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Strimzi's topics, users and pods are those that the components and the namespace need. */
final class StrimziTest {
  private static final int PARTITIONS = 24;
  private static final long RETENTION_BYTES = 15L << 30;

  private static JsonNode object(String kind, String name) throws Exception {
    return Overlay.of("production").ofKind(kind).stream()
        .filter(object -> object.path("metadata").path("name").asText().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + kind + " " + name))
        .path("spec");
  }

  /** Only `restricted` pods may run in the namespace, and Strimzi makes pods as it is told here. */
  @Test
  void itsPodsAreRestricted() throws Exception {
    JsonNode brokers = object("KafkaNodePool", "broker").path("template");
    JsonNode operator = object("Kafka", "tracefleet").path("entityOperator").path("template");

    for (JsonNode pod : List.of(brokers.path("pod"), operator.path("pod"))) {
      JsonNode security = pod.path("securityContext");
      assertThat(security.path("runAsNonRoot").asBoolean()).isTrue();
      assertThat(security.path("seccompProfile").path("type").asText()).isEqualTo("RuntimeDefault");
    }
    for (JsonNode container :
        List.of(
            brokers.path("kafkaContainer"),
            operator.path("topicOperatorContainer"),
            operator.path("userOperatorContainer"))) {
      JsonNode security = container.path("securityContext");
      assertThat(security.path("allowPrivilegeEscalation").asBoolean(true)).isFalse();
      assertThat(security.path("capabilities").path("drop").path(0).asText()).isEqualTo("ALL");
    }
  }

  @Test
  void topicsAreTheComponents() throws Exception {
    TopicOptions defaults = TopicOptions.DEFAULTS;
    List<TopicSettings> wanted =
        Topics.all(
            new TopicOptions(
                PARTITIONS,
                (short) 3,
                defaults.batchRetention(),
                RETENTION_BYTES,
                defaults.deadLetterRetention()));

    for (TopicSettings topic : wanted) {
      JsonNode spec = object("KafkaTopic", topic.name());
      Map<String, String> config = new TreeMap<>();
      spec.path("config")
          .fields()
          .forEachRemaining(e -> config.put(e.getKey(), e.getValue().asText()));
      Map<String, String> expected = new TreeMap<>(topic.config());
      expected.put("cleanup.policy", topic.cleanup().name().toLowerCase(java.util.Locale.ROOT));
      assertThat(spec.path("partitions").asInt()).as(topic.name()).isEqualTo(topic.partitions());
      assertThat(spec.path("replicas").asInt()).as(topic.name()).isEqualTo(3);
      assertThat(config).as(topic.name()).isEqualTo(expected);
    }
  }

  /** With 3 replicas on 3 brokers each has all partitions, with one segment more than is kept. */
  @Test
  void batchesLeaveAFifthOfTheDisk() throws Exception {
    JsonNode volume =
        object("KafkaNodePool", "broker").path("storage").path("volumes").path(0).path("size");
    JsonNode topic = object("KafkaTopic", "tracefleet.batches");
    long kept = topic.path("config").path("retention.bytes").asLong() + (1L << 30);

    assertThat(volume.asText()).endsWith("Gi");
    long disk = Long.parseLong(volume.asText().replace("Gi", "")) << 30;
    assertThat(kept).isGreaterThan(1L << 30);
    assertThat(kept * topic.path("partitions").asInt()).isLessThanOrEqualTo(disk / 5 * 4);
  }

  /** Without peers every pod of the cluster may connect. */
  @Test
  void everyListenerSaysWhoMayConnect() throws Exception {
    JsonNode listeners = object("Kafka", "tracefleet").path("kafka").path("listeners");

    assertThat(listeners).isNotEmpty();
    for (JsonNode listener : listeners) {
      assertThat(listener.path("networkPolicyPeers")).isNotEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "emulator-node, NODE",
    "stream-jobs, JOBS",
    "archiver, ARCHIVER",
    "reader, READER",
    "controller, CONTROLLER",
    "admin, ADMIN"
  })
  void usersHaveTheLeastThatTheComponentNeeds(String user, Component component) throws Exception {
    Set<String> granted = new TreeSet<>();
    for (JsonNode acl : object("KafkaUser", user).path("authorization").path("acls")) {
      JsonNode resource = acl.path("resource");
      for (JsonNode operation : acl.path("operations")) {
        granted.add(
            "%s %s %s %s"
                .formatted(
                    resource.path("type").asText(),
                    resource.path("patternType").asText(),
                    resource.path("name").asText(),
                    operation.asText()));
      }
    }
    Set<String> needed = new TreeSet<>();
    for (Permission permission : component.permissions("tracefleet-jobs")) {
      for (String operation : permission.operationNames()) {
        needed.add(
            "%s %s %s %s"
                .formatted(
                    type(permission.type()),
                    permission.pattern() == PatternType.PREFIXED ? "prefix" : "literal",
                    permission.name(),
                    operation));
      }
    }

    assertThat(granted).isEqualTo(needed);
  }

  private static String type(ResourceType type) {
    return switch (type) {
      case GROUP -> "group";
      case TRANSACTIONAL_ID -> "transactionalId";
      default -> "topic";
    };
  }
}
