// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.publish;

import io.confluent.kafka.schemaregistry.client.MockSchemaRegistryClient;
import io.tracefleet.node.symbols.Symbolizer;
import io.tracefleet.schemas.BlockDetail;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.TraceBatch;
import io.tracefleet.schemas.serde.SerdeFactory;
import io.tracefleet.schemas.topics.Topics;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Kafka and a registry in memory, and a publisher that uses them; a test answers for the broker.
 */
public final class TestKafka {
  public final MockProducer<byte[], byte[]> producer;
  public final SerdeFactory serdes = new SerdeFactory(new MockSchemaRegistryClient(), true);
  public final AtomicLong nanos = new AtomicLong();

  /** What the publishers' symbols warned of. */
  public final List<String> warnings = new CopyOnWriteArrayList<>();

  /** Does what it is given at once. */
  private static final class SameThread extends AbstractExecutorService {
    private boolean ended;

    @Override
    public void execute(Runnable work) {
      work.run();
    }

    @Override
    public void shutdown() {
      ended = true;
    }

    @Override
    public List<Runnable> shutdownNow() {
      ended = true;
      return List.of();
    }

    @Override
    public boolean isShutdown() {
      return ended;
    }

    @Override
    public boolean isTerminated() {
      return ended;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
      return ended;
    }
  }

  /**
   * @param acknowledging true: the broker acknowledges at once; false: when a test says so
   */
  public TestKafka(boolean acknowledging) {
    producer =
        new MockProducer<>(
            acknowledging, null, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** A publisher with {@code inFlightMost} bytes in flight at most. */
  public TracePublisher publisher(long inFlightMost, Runnable ring) {
    return publisher(
        inFlightMost, ring, new Symbolizer(Map.of(), List.of(), warnings::add), new SameThread());
  }

  /** A publisher that finds out what code is called as a node's does. */
  public TracePublisher publisherWithSymbols(
      long inFlightMost, Runnable ring, List<String> command, Map<String, String> labels) {
    return publisher(
        inFlightMost,
        ring,
        new Symbolizer(labels, command, warnings::add),
        Executors.newSingleThreadExecutor());
  }

  /** A publisher that finds out nothing of what code is called before {@code detailThread} runs. */
  public TracePublisher publisher(long inFlightMost, Runnable ring, ExecutorService detailThread) {
    return publisher(
        inFlightMost, ring, new Symbolizer(Map.of(), List.of(), warnings::add), detailThread);
  }

  private TracePublisher publisher(
      long inFlightMost, Runnable ring, Symbolizer symbols, ExecutorService detailThread) {
    return new TracePublisher(
        producer, serdes, symbols, detailThread, inFlightMost, "broker:9092", nanos::get, ring);
  }

  /** The broker acknowledges what was sent, oldest first. Returns how much that was. */
  public int acknowledgeAll() {
    int count = 0;
    while (producer.completeNext()) {
      count++;
    }
    return count;
  }

  public List<ProducerRecord<byte[], byte[]>> sent(String topic) {
    return producer.history().stream().filter(sent -> sent.topic().equals(topic)).toList();
  }

  public List<Run> runs() {
    return values(Topics.RUNS, Run.class);
  }

  public List<TraceBatch> batches() {
    return values(Topics.BATCHES, TraceBatch.class);
  }

  public List<BlockDetail> blocks() {
    return values(Topics.BLOCKS, BlockDetail.class);
  }

  public List<String> keys(String topic) {
    return sent(topic).stream()
        .map(sent -> new String(sent.key(), StandardCharsets.UTF_8))
        .toList();
  }

  private <T extends SpecificRecord> List<T> values(String topic, Class<T> type) {
    return sent(topic).stream()
        .map(sent -> serdes.valueDeserializer(type).deserialize(topic, sent.value()))
        .toList();
  }
}
