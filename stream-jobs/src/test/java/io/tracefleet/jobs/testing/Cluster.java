// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.testing;

import io.tracefleet.schemas.BlockDetail;
import io.tracefleet.schemas.BlockKey;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.TraceBatch;
import io.tracefleet.schemas.serde.RegistrySettings;
import io.tracefleet.schemas.serde.SchemaRegistry;
import io.tracefleet.schemas.serde.SerdeFactory;
import io.tracefleet.schemas.topics.Topics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A broker and a registry, with somebody who sends batches and reads results. */
public final class Cluster implements AutoCloseable {
  private final TestBroker broker;
  private final TestRegistry registry;
  private final SchemaRegistry connection;
  private final KafkaProducer<byte[], byte[]> producer;

  public Cluster(Path directory) throws Exception {
    broker = new TestBroker(directory);
    registry = new TestRegistry();
    connection =
        SchemaRegistry.connect(RegistrySettings.of(registry.url()), Duration.ofSeconds(10));
    producer =
        new KafkaProducer<>(
            Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, broker.bootstrap()),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  public String bootstrap() {
    return broker.bootstrap();
  }

  public String registry() {
    return registry.url();
  }

  public SerdeFactory serdes() {
    return connection.serdes();
  }

  /** Sends a batch as the node does, and waits until the broker has it. */
  public void send(TraceBatch batch) throws Exception {
    send(
        batch.getRunId() + "/" + batch.getVcpu(),
        serdes().valueSerializer(TraceBatch.class).serialize(Topics.BATCHES, batch));
  }

  /** Sends what a node says about a run. */
  public void send(Run run) throws Exception {
    producer
        .send(
            new ProducerRecord<>(
                Topics.RUNS,
                run.getRunId().getBytes(StandardCharsets.UTF_8),
                serdes().valueSerializer(Run.class).serialize(Topics.RUNS, run)))
        .get();
  }

  /** Sends what a node says about a block. */
  public void send(BlockDetail block) throws Exception {
    producer
        .send(
            new ProducerRecord<>(
                Topics.BLOCKS,
                serdes()
                    .keySerializer(BlockKey.class)
                    .serialize(
                        Topics.BLOCKS,
                        new BlockKey(block.getRunId(), block.getVaddr(), block.getCodeHash())),
                serdes().valueSerializer(BlockDetail.class).serialize(Topics.BLOCKS, block)))
        .get();
  }

  public void send(String key, byte[] value) throws Exception {
    producer
        .send(new ProducerRecord<>(Topics.BATCHES, key.getBytes(StandardCharsets.UTF_8), value))
        .get();
  }

  /** The latest committed value of each key that is in the topic now. */
  public <K extends SpecificRecord, V extends SpecificRecord> Map<K, V> results(
      String topic, Class<K> key, Class<V> value) {
    Map<String, Object> config = new HashMap<>();
    config.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap());
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions = new ArrayList<>();
      consumer
          .partitionsFor(topic)
          .forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      Map<K, V> latest = new LinkedHashMap<>();
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          latest.put(
              serdes().keyDeserializer(key).deserialize(topic, record.key()),
              serdes().valueDeserializer(value).deserialize(topic, record.value()));
        }
      }
      return latest;
    }
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(5));
    connection.close();
    registry.close();
    broker.close();
  }
}
