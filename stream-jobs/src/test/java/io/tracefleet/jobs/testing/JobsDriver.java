// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.testing;

import io.confluent.kafka.schemaregistry.client.MockSchemaRegistryClient;
import io.tracefleet.jobs.decode.DecodeCounts;
import io.tracefleet.jobs.decode.DecodeProcessor;
import io.tracefleet.jobs.table.TotalsStore;
import io.tracefleet.jobs.topology.TraceTopology;
import io.tracefleet.schemas.Accounting;
import io.tracefleet.schemas.AccountingKey;
import io.tracefleet.schemas.DeadLetter;
import io.tracefleet.schemas.TraceBatch;
import io.tracefleet.schemas.serde.SerdeFactory;
import io.tracefleet.schemas.topics.Topics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;

/** The topology in Kafka's test driver, which commits after each record. */
public final class JobsDriver implements AutoCloseable {
  private static final String APPLICATION = "tracefleet-jobs";
  private static final String CHANGELOG = APPLICATION + "-" + TraceTopology.STORE + "-changelog";

  private final MockSchemaRegistryClient registry = new MockSchemaRegistryClient();
  private final SerdeFactory serdes = new SerdeFactory(registry, true);
  private final TopologyTestDriver driver;
  private final TestInputTopic<byte[], byte[]> batches;
  private final DecodeCounts decoded = new DecodeCounts();

  public JobsDriver(Path stateDirectory) {
    this(stateDirectory, false, 1_000_000, Duration.ofSeconds(2));
  }

  public JobsDriver(
      Path stateDirectory, boolean stateOnDisk, int maxRows, Duration resultInterval) {
    Properties properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, APPLICATION);
    properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    properties.put(StreamsConfig.STATE_DIR_CONFIG, stateDirectory.toString());
    driver =
        new TopologyTestDriver(
            new TraceTopology(serdes, stateOnDisk, maxRows, resultInterval, decoded).get(),
            properties,
            Instant.parse("2025-06-01T12:35:00Z"));
    batches =
        driver.createInputTopic(
            Topics.BATCHES, new ByteArraySerializer(), new ByteArraySerializer());
  }

  public SerdeFactory serdes() {
    return serdes;
  }

  public MockSchemaRegistryClient registry() {
    return registry;
  }

  /** What was decoded. */
  public DecodeCounts decoded() {
    return decoded;
  }

  /** Sends a batch as the node does. */
  public void send(TraceBatch batch) {
    send(batch.getRunId() + "/" + batch.getVcpu(), batch);
  }

  public void send(String key, TraceBatch batch) {
    send(key, bytes(batch));
  }

  public void send(String key, byte[] value) {
    batches.pipeInput(key == null ? null : key.getBytes(StandardCharsets.UTF_8), value);
  }

  public byte[] bytes(TraceBatch batch) {
    return serdes.valueSerializer(TraceBatch.class).serialize(Topics.BATCHES, batch);
  }

  /** Lets so much time pass that results go out. */
  public void settle() {
    for (int ticks = 0; ticks <= DecodeProcessor.PAUSE_TICKS; ticks++) {
      tick();
    }
  }

  public void tick() {
    driver.advanceWallClockTime(DecodeProcessor.TICK);
  }

  /** Everything that was sent to a result topic since the last call, in order. */
  public <K extends SpecificRecord, V extends SpecificRecord> List<Map.Entry<K, V>> sent(
      String topic, Class<K> key, Class<V> value) {
    List<Map.Entry<K, V>> all = new ArrayList<>();
    for (TestRecord<K, V> record :
        driver
            .createOutputTopic(topic, serdes.keyDeserializer(key), serdes.valueDeserializer(value))
            .readRecordsToList()) {
      all.add(Map.entry(record.key(), record.value()));
    }
    return all;
  }

  /** The latest value of each key among those sent since the last call. */
  public <K extends SpecificRecord, V extends SpecificRecord> Map<K, V> results(
      String topic, Class<K> key, Class<V> value) {
    Map<K, V> latest = new LinkedHashMap<>();
    sent(topic, key, value).forEach(entry -> latest.put(entry.getKey(), entry.getValue()));
    return latest;
  }

  public Map<AccountingKey, Accounting> accounting() {
    return results(Topics.ACCOUNTING, AccountingKey.class, Accounting.class);
  }

  public List<TestRecord<byte[], DeadLetter>> deadLetters() {
    Deserializer<DeadLetter> value = serdes.valueDeserializer(DeadLetter.class);
    return driver
        .createOutputTopic(Topics.DEAD_LETTERS, new ByteArrayDeserializer(), value)
        .readRecordsToList();
  }

  public TotalsStore store() {
    return (TotalsStore) driver.getStateStore(TraceTopology.STORE);
  }

  /** What was written to the changelog since the last call, in order. */
  public List<TestRecord<byte[], byte[]>> changelog() {
    return driver
        .createOutputTopic(CHANGELOG, new ByteArrayDeserializer(), new ByteArrayDeserializer())
        .readRecordsToList();
  }

  /** Fills the store with what another driver wrote to its changelog, as restoring does. */
  public void restore(List<TestRecord<byte[], byte[]>> records) {
    records.forEach(record -> store().write(record.key(), record.value()));
  }

  @Override
  public void close() {
    driver.close();
  }
}
