// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.schemas.topics;

import static java.util.Objects.requireNonNull;

import java.util.Map;
import java.util.TreeMap;

/**
 * How one topic is created.
 *
 * @param name the topic's name
 * @param partitions number of partitions, at least 1
 * @param replication number of replicas, or {@link TopicOptions#BROKER_DEFAULT}
 * @param cleanup what the broker removes; an existing topic must have the same
 * @param config further topic settings by Kafka's names, without {@code cleanup.policy}
 */
public record TopicSettings(
    String name,
    int partitions,
    short replication,
    CleanupPolicy cleanup,
    Map<String, String> config) {
  static final String CLEANUP_POLICY = "cleanup.policy";

  public TopicSettings {
    requireNonNull(name, "name");
    requireNonNull(cleanup, "cleanup");
    config = Map.copyOf(config);
    if (partitions < 1) {
      throw new IllegalArgumentException(
          "Topic %s has %d partitions: give 1 or more.".formatted(name, partitions));
    }
    if (replication < 1 && replication != TopicOptions.BROKER_DEFAULT) {
      throw new IllegalArgumentException(
          "Topic %s has %d replicas: give 1 or more, or %d for the broker's default."
              .formatted(name, replication, TopicOptions.BROKER_DEFAULT));
    }
    if (config.containsKey(CLEANUP_POLICY)) {
      throw new IllegalArgumentException(
          "Topic %s has %s among its further settings.".formatted(name, CLEANUP_POLICY));
    }
  }

  /** All topic settings by Kafka's names, sorted. */
  public Map<String, String> kafkaConfig() {
    Map<String, String> all = new TreeMap<>(config);
    all.put(CLEANUP_POLICY, cleanup.kafkaName());
    return all;
  }
}
