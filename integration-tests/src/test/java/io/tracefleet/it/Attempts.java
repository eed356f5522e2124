// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigsOptions;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * What Kafka lets a user do, found out by trying. Nothing is changed, allowed or not. Used by one
 * thread.
 */
final class Attempts implements AutoCloseable {
  private static final long LIMIT_SECONDS = 30;

  private final Map<String, Object> client;
  private final Admin admin;
  private final KafkaProducer<byte[], byte[]> producer;

  Attempts(Map<String, Object> client) {
    this.client = client;
    admin = Admin.create(client);
    producer = producer(Map.of("max.request.size", 8 << 20, "compression.type", "none"));
  }

  boolean reads(String topic) {
    Map<String, Object> config = new HashMap<>(client);
    config.put("fetch.max.wait.ms", 20);
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partition = List.of(new TopicPartition(topic, 0));
      consumer.assign(partition);
      consumer.seekToBeginning(partition);
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
      while (fetches(consumer) < 3) {
        consumer.poll(Duration.ofMillis(50));
        assertThat(System.nanoTime()).as("reads " + topic).isLessThan(deadline);
      }
      return true;
    } catch (AuthorizationException e) {
      return false;
    }
  }

  private static double fetches(KafkaConsumer<byte[], byte[]> consumer) {
    return consumer.metrics().entrySet().stream()
        .filter(metric -> metric.getKey().name().equals("fetch-total"))
        .mapToDouble(metric -> (Double) metric.getValue().metricValue())
        .sum();
  }

  /** With a record that no topic takes: whether it is too large is looked at after the rights. */
  boolean writes(String topic) throws Exception {
    try {
      return allowed(
          producer.send(new ProducerRecord<>(topic, 0, new byte[1], new byte[3 << 20])),
          RecordTooLargeException.class);
    } catch (AuthorizationException e) {
      return false;
    }
  }

  boolean deletes(String topic) throws Exception {
    TopicPartition partition = new TopicPartition(topic, 0);
    return allowed(
        admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(0))).all(), null);
  }

  boolean alters(String topic) throws Exception {
    return allowed(
        admin
            .incrementalAlterConfigs(
                Map.of(
                    new ConfigResource(ConfigResource.Type.TOPIC, topic),
                    List.of(
                        new AlterConfigOp(
                            new ConfigEntry("retention.ms", "60000"), AlterConfigOp.OpType.SET))),
                new AlterConfigsOptions().validateOnly(true))
            .all(),
        null);
  }

  boolean joins(String group) throws Exception {
    return allowed(
        admin.describeConsumerGroups(List.of(group)).all(), GroupIdNotFoundException.class);
  }

  boolean transacts(String id) {
    try (KafkaProducer<byte[], byte[]> own = producer(Map.of("transactional.id", id))) {
      own.initTransactions();
      return true;
    } catch (AuthorizationException e) {
      return false;
    }
  }

  boolean creates(String topic) throws Exception {
    return allowed(
        admin
            .createTopics(
                List.of(new NewTopic(topic, 1, (short) 1)),
                new CreateTopicsOptions().validateOnly(true))
            .all(),
        null);
  }

  boolean grants() throws Exception {
    return allowed(
        admin
            .createAcls(
                List.of(
                    new AclBinding(
                        new ResourcePattern(ResourceType.TOPIC, "nothing", PatternType.LITERAL),
                        new AccessControlEntry(
                            "User:noone", "*", AclOperation.READ, AclPermissionType.ALLOW))))
            .all(),
        null);
  }

  /**
   * @param other a failure that only who is allowed can have, or null
   */
  private static boolean allowed(Future<?> attempt, Class<? extends Exception> other)
      throws Exception {
    try {
      attempt.get(LIMIT_SECONDS, TimeUnit.SECONDS);
      return true;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof AuthorizationException) {
        return false;
      }
      if (other != null && other.isInstance(e.getCause())) {
        return true;
      }
      throw e;
    }
  }

  private KafkaProducer<byte[], byte[]> producer(Map<String, Object> others) {
    Map<String, Object> config = new HashMap<>(client);
    config.put("max.block.ms", TimeUnit.SECONDS.toMillis(LIMIT_SECONDS));
    if (!others.containsKey("transactional.id")) {
      // Else the first refusal would be about ids of producers, and the last.
      config.put("enable.idempotence", false);
    }
    config.putAll(others);
    return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
  }

  @Override
  public void close() {
    producer.close(Duration.ZERO);
    admin.close(Duration.ZERO);
  }
}
