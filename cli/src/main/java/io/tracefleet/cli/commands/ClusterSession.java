// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import io.tracefleet.cli.console.CommandException;
import io.tracefleet.cli.console.Exit;
import io.tracefleet.cli.report.ResultException;
import io.tracefleet.cli.report.ResultReader;
import io.tracefleet.node.config.ClusterAccess;
import io.tracefleet.schemas.serde.RegistrySettings;
import io.tracefleet.schemas.serde.SchemaRegistry;
import io.tracefleet.schemas.topics.TopicCreator;
import io.tracefleet.schemas.topics.TopicException;
import io.tracefleet.schemas.topics.TopicOptions;
import io.tracefleet.schemas.topics.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;

/** A connection to a cluster's registry and brokers, for reading results. Used by one thread. */
final class ClusterSession implements AutoCloseable {
  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);
  private static final Duration TOPICS_LIMIT = Duration.ofSeconds(20);
  private static final String KAFKA = "Kafka:";
  private static final String REGISTRY_PREFIX = "schema.registry.";

  private final ClusterAccess access;
  private final SchemaRegistry registry;

  private ClusterSession(ClusterAccess access, SchemaRegistry registry) {
    this.access = access;
    this.registry = registry;
  }

  /** Waits until the registry answers. */
  static ClusterSession open(ClusterAccess access) {
    RegistrySettings settings =
        RegistrySettings.of(access.registry()).withClient(registrySettings(access));
    return new ClusterSession(access, SchemaRegistry.connect(settings, CONNECT_LIMIT));
  }

  /** Creates the topics that are missing. */
  static void createTopics(ClusterAccess access, TopicOptions options) throws CommandException {
    Map<String, Object> config = new HashMap<>(kafkaSettings(access));
    config.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, access.bootstrap());
    try (Admin admin = Admin.create(config)) {
      new TopicCreator(admin, TOPICS_LIMIT).create(Topics.all(options));
    } catch (TopicException e) {
      String message = e.getMessage();
      throw new CommandException(
          Exit.CLUSTER_UNAVAILABLE,
          message.startsWith(KAFKA)
              ? "Kafka at " + access.bootstrap() + message.substring(KAFKA.length() - 1)
              : message,
          e);
    } catch (KafkaException e) {
      // The client could not even be made: an address or setting that it cannot use.
      Throwable reason = e.getCause() == null ? e : e.getCause();
      throw new CommandException(
          Exit.CLUSTER_UNAVAILABLE,
          "Kafka at " + access.bootstrap() + " cannot be used: " + reason.getMessage() + ".",
          e);
    }
  }

  ResultReader reader() throws ResultException {
    return ResultReader.open(access.bootstrap(), kafkaSettings(access), registry.serdes());
  }

  @Override
  public void close() {
    registry.close();
  }

  private static Map<String, String> kafkaSettings(ClusterAccess access) {
    return access.kafka().entrySet().stream()
        .filter(entry -> !isRegistrySetting(entry.getKey()))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  private static Map<String, String> registrySettings(ClusterAccess access) {
    return access.kafka().entrySet().stream()
        .filter(entry -> isRegistrySetting(entry.getKey()))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  private static boolean isRegistrySetting(String name) {
    return name.startsWith(REGISTRY_PREFIX)
        || name.startsWith("basic.auth.")
        || name.startsWith("bearer.auth.");
  }
}
