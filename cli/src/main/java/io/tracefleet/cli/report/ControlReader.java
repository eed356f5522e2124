// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.report;

import io.tracefleet.schemas.TraceControl;
import io.tracefleet.schemas.serde.SerdeFactory;
import io.tracefleet.schemas.topics.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;

/** Reads what nodes are asked to trace. Used by one thread. */
public final class ControlReader implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Duration POLL = Duration.ofMillis(200);

  private final TopicReader topics;
  private final Deserializer<TraceControl> records;

  private ControlReader(TopicReader topics, Deserializer<TraceControl> records) {
    this.topics = topics;
    this.records = records;
  }

  /** Connects to the brokers. */
  public static ControlReader open(
      String bootstrap, Map<String, String> client, SerdeFactory serdes) throws ResultException {
    return new ControlReader(
        TopicReader.open(bootstrap, client, LIMIT), serdes.valueDeserializer(TraceControl.class));
  }

  /** What is in force, by node or {@code *}. */
  public Map<String, TraceControl> all() throws ResultException, InterruptedException {
    Map<String, TraceControl> all = new TreeMap<>();
    topics.readAll(
        Topics.CONTROL,
        (key, value) -> {
          TraceControl control = control(value);
          if (control == null) {
            all.remove(name(key));
          } else {
            all.put(name(key), control);
          }
        });
    return all;
  }

  /** Goes to the first record that the topic still has. */
  public void follow() throws ResultException, InterruptedException {
    topics.follow(Topics.CONTROL);
  }

  /**
   * Passes on what comes within a moment; the control is null for a node that has none any more.
   */
  public void poll(BiConsumer<String, TraceControl> sink)
      throws ResultException, InterruptedException {
    topics.poll(POLL, (key, value) -> sink.accept(name(key), control(value)));
  }

  private static String name(byte[] key) {
    return new String(key, StandardCharsets.UTF_8);
  }

  private TraceControl control(byte[] value) throws ResultException {
    try {
      return records.deserialize(Topics.CONTROL, value);
    } catch (SerializationException e) {
      throw new ResultException("Topic " + Topics.CONTROL + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    topics.close();
  }
}
