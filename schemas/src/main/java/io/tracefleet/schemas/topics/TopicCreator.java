// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.schemas.topics;

import static java.util.Objects.requireNonNull;

import io.tracefleet.schemas.clients.Refusals;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates the topics that are missing and leaves the others alone; asks which cluster it is.
 *
 * <p>May run in several processes at once: a topic that another one creates meanwhile counts as
 * existing. Safe for use by several threads.
 */
public final class TopicCreator {
  private static final Logger log = LoggerFactory.getLogger(TopicCreator.class);
  private static final Duration PAUSE = Duration.ofMillis(50);

  private final Admin admin;
  private final Duration timeout;

  /**
   * @param admin the client to use; it stays the caller's
   * @param timeout how long all of {@link #create} may take
   */
  public TopicCreator(Admin admin, Duration timeout) {
    this.admin = requireNonNull(admin, "admin");
    this.timeout = requireNonNull(timeout, "timeout");
  }

  /**
   * Creates what is missing and waits until the cluster knows all topics.
   *
   * @return the names of those that this call created, sorted
   * @throws TopicException if the cluster does not answer in time, refuses, or has a topic with
   *     another cleanup policy
   */
  public Set<String> create(Collection<TopicSettings> topics) {
    long deadline = System.nanoTime() + timeout.toNanos();
    Map<String, TopicSettings> byName = new LinkedHashMap<>();
    topics.forEach(topic -> byName.put(topic.name(), topic));

    Set<String> missing = missing(byName.keySet(), deadline);
    Set<String> created = createMissing(byName, missing, deadline);
    awaitKnown(byName.keySet(), deadline);

    List<TopicSettings> existing = new ArrayList<>(byName.values());
    existing.removeIf(topic -> created.contains(topic.name()));
    checkCleanup(existing, deadline);
    log.info("topics={} created={}", byName.keySet(), created);
    return created;
  }

  /**
   * The same; but where this user may not look at all of them, only those that it needs.
   *
   * @param needed names of those without which the caller cannot work
   */
  public Set<String> create(Collection<TopicSettings> topics, Set<String> needed) {
    try {
      return create(topics);
    } catch (TopicException e) {
      if (!Refusals.is(e)) {
        throw e;
      }
      return create(topics.stream().filter(topic -> needed.contains(topic.name())).toList());
    }
  }

  /**
   * What the cluster calls itself.
   *
   * @throws TopicException if it does not answer in time, or refuses
   */
  public String clusterId() {
    long deadline = System.nanoTime() + timeout.toNanos();
    try {
      return await(
          admin
              .describeCluster(new DescribeClusterOptions().timeoutMs(millisLeft(deadline)))
              .clusterId(),
          deadline);
    } catch (ExecutionException e) {
      throw failed("the cluster's id cannot be looked up", e.getCause());
    }
  }

  private Set<String> missing(Collection<String> names, long deadline) {
    Map<String, KafkaFuture<TopicDescription>> found =
        admin
            .describeTopics(names, new DescribeTopicsOptions().timeoutMs(millisLeft(deadline)))
            .topicNameValues();
    Set<String> missing = new TreeSet<>();
    found.forEach(
        (name, description) -> {
          try {
            await(description, deadline);
          } catch (ExecutionException e) {
            if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
              throw failed("topic " + name + " cannot be looked up", e.getCause());
            }
            missing.add(name);
          }
        });
    return missing;
  }

  private Set<String> createMissing(
      Map<String, TopicSettings> byName, Set<String> missing, long deadline) {
    if (missing.isEmpty()) {
      return Set.of();
    }
    List<NewTopic> wanted = missing.stream().map(name -> newTopic(byName.get(name))).toList();
    Map<String, KafkaFuture<Void>> results =
        admin
            .createTopics(wanted, new CreateTopicsOptions().timeoutMs(millisLeft(deadline)))
            .values();
    Set<String> created = new TreeSet<>();
    results.forEach(
        (name, result) -> {
          try {
            await(result, deadline);
            created.add(name);
          } catch (ExecutionException e) {
            // Another process was faster.
            if (!(e.getCause() instanceof TopicExistsException)) {
              throw failed("topic " + name + " cannot be created", e.getCause());
            }
          }
        });
    return created;
  }

  /** A broker acknowledges a topic before every broker knows it. */
  private void awaitKnown(Collection<String> names, long deadline) {
    for (Set<String> missing = missing(names, deadline);
        !missing.isEmpty();
        missing = missing(missing, deadline)) {
      if (System.nanoTime() - deadline + PAUSE.toNanos() > 0) {
        throw new TopicException(
            "Kafka: topics %s are still unknown to the brokers after %d s. See the brokers' logs."
                .formatted(missing, timeout.toSeconds()));
      }
      try {
        Thread.sleep(PAUSE.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new TopicException("Kafka: interrupted while waiting for topics " + missing + ".", e);
      }
    }
  }

  private void checkCleanup(List<TopicSettings> existing, long deadline) {
    if (existing.isEmpty()) {
      return;
    }
    Map<ConfigResource, TopicSettings> byResource =
        existing.stream()
            .collect(
                Collectors.toMap(
                    topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic.name()),
                    topic -> topic));
    Map<ConfigResource, KafkaFuture<Config>> configs =
        admin
            .describeConfigs(
                byResource.keySet(), new DescribeConfigsOptions().timeoutMs(millisLeft(deadline)))
            .values();
    List<String> wrong = new ArrayList<>();
    for (TopicSettings topic : existing) {
      ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic.name());
      try {
        ConfigEntry found =
            await(configs.get(resource), deadline).get(TopicSettings.CLEANUP_POLICY);
        if (found != null
            && !policies(found.value()).equals(policies(topic.cleanup().kafkaName()))) {
          wrong.add(
              "topic %s has %s=%s instead of %s"
                  .formatted(
                      topic.name(),
                      TopicSettings.CLEANUP_POLICY,
                      found.value(),
                      topic.cleanup().kafkaName()));
        }
      } catch (ExecutionException e) {
        throw failed("settings of topic " + topic.name() + " cannot be read", e.getCause());
      }
    }
    if (!wrong.isEmpty()) {
      throw new TopicException(
          "Kafka: %s. Records would be lost or kept for ever: change it with kafka-configs --alter, or delete the topic."
              .formatted(String.join("; ", wrong)));
    }
  }

  private static Set<String> policies(String value) {
    return Arrays.stream(value.split(",", -1)).map(String::strip).collect(Collectors.toSet());
  }

  private static NewTopic newTopic(TopicSettings topic) {
    Optional<Short> replication =
        topic.replication() == TopicOptions.BROKER_DEFAULT
            ? Optional.empty()
            : Optional.of(topic.replication());
    return new NewTopic(topic.name(), Optional.of(topic.partitions()), replication)
        .configs(topic.kafkaConfig());
  }

  private <T> T await(KafkaFuture<T> future, long deadline) throws ExecutionException {
    try {
      return future.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw failed("no answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TopicException("Kafka: interrupted while waiting for its answer.", e);
    }
  }

  private TopicException failed(String what, Throwable cause) {
    if (cause instanceof TimeoutException
        || cause instanceof org.apache.kafka.common.errors.TimeoutException) {
      return new TopicException(
          "Kafka: %s within %d s. Start the broker, or correct its address."
              .formatted(
                  what.equals("no answer") ? what : what + ": no answer", timeout.toSeconds()),
          cause);
    }
    return new TopicException(
        "Kafka: %s: %s Check the cluster and what this user may do there."
            .formatted(
                what, sentence(cause.getMessage() == null ? cause.toString() : cause.getMessage())),
        cause);
  }

  private static String sentence(String message) {
    String line = message.lines().findFirst().orElse("").strip();
    return line.endsWith(".") ? line : line + ".";
  }

  private static int millisLeft(long deadline) {
    return (int)
        Math.max(
            1,
            Math.min(
                Integer.MAX_VALUE, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())));
  }
}
