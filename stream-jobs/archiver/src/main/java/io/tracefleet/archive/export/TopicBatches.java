// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.export;

import io.tracefleet.archive.store.ArchiveException;
import io.tracefleet.archive.store.ArchiveException.Kind;
import io.tracefleet.schemas.TraceBatch;
import io.tracefleet.schemas.clients.Refusals;
import io.tracefleet.schemas.serde.SerdeFactory;
import io.tracefleet.schemas.topics.Topics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;

/** The batches of a run in Kafka, up to the end that the topic has when they are asked for. */
public final class TopicBatches implements EventExport.BatchSource {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final long QUIET_NANOS = Duration.ofSeconds(30).toNanos();
  private static final int FETCH_BYTES = 4 << 20;

  private final Map<String, Object> config;
  private final Deserializer<TraceBatch> batches;

  /**
   * @param bootstrap Kafka's brokers
   * @param client further settings of Kafka's client
   * @param serdes of the registry that goes with them; stays the caller's
   */
  public TopicBatches(String bootstrap, Map<String, String> client, SerdeFactory serdes) {
    config = new HashMap<>(client);
    config.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    config.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, FETCH_BYTES);
    config.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 2 * FETCH_BYTES);
    batches = serdes.valueDeserializer(TraceBatch.class);
  }

  @Override
  public void forEach(EventExport wanted, EventExport.BatchSink sink)
      throws ArchiveException, IOException, SQLException, InterruptedException {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(Topics.BATCHES).stream()
              .map(info -> new TopicPartition(Topics.BATCHES, info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      Map<Integer, Long> nextSequences = new HashMap<>();
      long quietSince = System.nanoTime();
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        boolean some = false;
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          some = true;
          take(record, wanted, nextSequences, sink);
        }
        if (some) {
          quietSince = System.nanoTime();
        } else if (System.nanoTime() - quietSince > QUIET_NANOS) {
          throw new ArchiveException(
              Kind.CLUSTER,
              "Topic "
                  + Topics.BATCHES
                  + " gave nothing for 30 s before its end: check the broker.");
        }
      }
    } catch (InterruptException e) {
      Thread.interrupted(); // Kafka set it again
      throw (InterruptedException) new InterruptedException("reading batches").initCause(e);
    } catch (KafkaException e) {
      throw new ArchiveException(
          Kind.CLUSTER,
          Refusals.byKafka(String.valueOf(config.get(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG)), e)
              .orElseGet(() -> "Kafka: " + e.getMessage()),
          e);
    }
  }

  private void take(
      ConsumerRecord<byte[], byte[]> record,
      EventExport wanted,
      Map<Integer, Long> nextSequences,
      EventExport.BatchSink sink)
      throws ArchiveException, IOException, SQLException {
    String prefix = wanted.runId() + "/";
    if (record.key() == null
        || !new String(record.key(), StandardCharsets.UTF_8).startsWith(prefix)) {
      return;
    }
    TraceBatch batch = batches.deserialize(record.topic(), record.value());
    // A batch that arrives again is behind those that have been seen.
    if (batch.getSequence() < nextSequences.getOrDefault(batch.getVcpu(), 0L)) {
      return;
    }
    nextSequences.put(batch.getVcpu(), batch.getSequence() + 1);
    boolean outside =
        batch.getFirstInstruction() >= wanted.to()
            || batch.getFirstInstruction() + batch.getInstructions() <= wanted.from()
            || wanted.vcpu() != null && wanted.vcpu() != batch.getVcpu();
    if (!outside) {
      byte[] payload = new byte[batch.getPayload().remaining()];
      batch.getPayload().get(payload);
      sink.batch(
          batch.getVcpu(),
          batch.getGeneration(),
          batch.getSequence(),
          batch.getFirstInstruction(),
          batch.getCodec(),
          payload);
    }
  }
}
