// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.control;

import io.tracefleet.node.config.ClusterAccess;
import io.tracefleet.node.config.ConfigException;
import io.tracefleet.node.config.TraceWish;
import io.tracefleet.schemas.TraceControl;
import io.tracefleet.schemas.serde.SerdeFactory;
import io.tracefleet.schemas.serde.SerdeFailures;
import io.tracefleet.schemas.topics.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows {@code tracefleet.control} from its beginning. While the broker is away, what was in
 * force stays.
 */
public final class ControlTopic implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ControlTopic.class);
  private static final TopicPartition PARTITION = new TopicPartition(Topics.CONTROL, 0);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration END = Duration.ofSeconds(5);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Deserializer<TraceControl> records;
  private final ControlRules rules;
  private final Consumer<String> warning;
  private final Runnable changed;
  private final Thread thread = new Thread(this::follow, "tracefleet-control");
  private volatile Optional<TraceWish> wish = Optional.empty();
  private volatile boolean known;
  private volatile boolean closing;

  private ControlTopic(
      KafkaConsumer<byte[], byte[]> consumer,
      Deserializer<TraceControl> records,
      String node,
      Consumer<String> warning,
      Runnable changed) {
    this.consumer = consumer;
    this.records = records;
    this.rules = new ControlRules(node);
    this.warning = warning;
    this.changed = changed;
    thread.setDaemon(true);
  }

  /**
   * @param warning takes one line for each record that cannot be obeyed; on the topic's thread
   * @param changed called after the wish has changed; on the topic's thread
   */
  public static ControlTopic follow(
      ClusterAccess cluster,
      SerdeFactory serdes,
      String node,
      Consumer<String> warning,
      Runnable changed)
      throws ConfigException {
    Map<String, Object> config = new HashMap<>(cluster.clientProperties());
    config.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, cluster.bootstrap());
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    try {
      ControlTopic topic =
          new ControlTopic(
              new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer()),
              serdes.valueDeserializer(TraceControl.class),
              node,
              warning,
              changed);
      topic.thread.start();
      return topic;
    } catch (KafkaException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new ConfigException(
          "consumer of " + Topics.CONTROL + " cannot be made: " + cause.getMessage(), e);
    }
  }

  /** What is to be traced on this node; empty: each guest as it was started. Any thread. */
  public Optional<TraceWish> wish() {
    return wish;
  }

  /**
   * False until the topic has been read to the end that it had: what is in force is not known
   * before. Any thread.
   */
  public boolean isKnown() {
    return known;
  }

  private void follow() {
    consumer.assign(List.of(PARTITION));
    consumer.seekToBeginning(List.of(PARTITION));
    while (!closing) {
      try {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          take(record);
        }
        if (!known && consumer.currentLag(PARTITION).orElse(1) == 0) {
          known = true;
          changed.run();
        }
      } catch (WakeupException e) {
        return;
      } catch (KafkaException e) {
        log.warn("topic={} failure={}", Topics.CONTROL, e.toString());
        pause();
      }
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    while (!closing) {
      try {
        rules.take(
            new String(record.key(), StandardCharsets.UTF_8),
            records.deserialize(Topics.CONTROL, record.value()));
        if (!rules.wish().equals(wish)) {
          wish = rules.wish();
          changed.run();
        }
        return;
      } catch (SerializationException e) {
        if (!SerdeFailures.isTemporary(e)) {
          warning.accept(
              "control record " + record.offset() + " cannot be read: " + e.getMessage());
          return;
        }
        log.warn("registry failure={}", e.toString());
        pause();
      } catch (ConfigException e) {
        warning.accept(e.getMessage());
        return;
      }
    }
  }

  private void pause() {
    try {
      Thread.sleep(RETRY.toMillis());
    } catch (InterruptedException e) {
      closing = true;
    }
  }

  @Override
  public void close() {
    closing = true;
    consumer.wakeup();
    try {
      thread.join(END.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (thread.isAlive()) {
      log.warn("thread={} ended=false seconds={}", thread.getName(), END.toSeconds());
    } else {
      consumer.close();
    }
  }
}
