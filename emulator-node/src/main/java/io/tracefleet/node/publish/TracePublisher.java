// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.publish;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import io.tracefleet.codec.TraceFormatException;
import io.tracefleet.node.config.ClusterAccess;
import io.tracefleet.node.config.ExitCode;
import io.tracefleet.node.config.NodeException;
import io.tracefleet.node.config.PublishSettings;
import io.tracefleet.node.ring.BatchSink;
import io.tracefleet.node.ring.RingBatch;
import io.tracefleet.node.symbols.Symbolizer;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.clients.Refusals;
import io.tracefleet.schemas.serde.SerdeFactory;
import io.tracefleet.schemas.serde.SerdeFailures;
import io.tracefleet.schemas.topics.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.UnknownProducerIdException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes the batches and runs of one guest.
 *
 * <p>What is sent and not acknowledged is bounded in bytes; beyond that {@link #sink} and {@link
 * #offer} take nothing. A failure that may pass is tried again after a pause; any other is final
 * and comes out of the next call as one line.
 *
 * <p>Block details are made into records on a thread of their own, because finding out what code is
 * called reads the guest's files: batches of events never wait for it.
 */
public final class TracePublisher implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(TracePublisher.class);
  private static final long RETRY_PAUSE_NANOS = Duration.ofMillis(250).toNanos();

  /** Bytes that a record has at most beside its payload. */
  private static final int RECORD_OVERHEAD = 512;

  /** Records of block details repeat names that their payload does not have. */
  private static final int DETAIL_GROWTH = 3;

  private static final Duration DETAILS_END = Duration.ofSeconds(5);

  private final Producer<byte[], byte[]> producer;
  private final RecordEncoder encoder;
  private final DetailEncoder details;
  private final ExecutorService detailThread;
  private final long inFlightMost;
  private final String broker;
  private final LongSupplier nanoTime;
  private final Runnable ring;
  private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
  private final Queue<Details> encoded = new ConcurrentLinkedQueue<>();
  private long inFlight;
  private boolean paused;
  private long pausedUntil;
  private NodeException fatal;
  private long acknowledged;
  private KafkaClientMetrics clientMetrics; // null if nobody looks
  private volatile PublishCounters counters = PublishCounters.NONE;

  /** One thing that was sent: a batch, a batch's block details, or a run. */
  private static final class Sent {
    final Runnable acknowledged;
    final Runnable failed;
    final long bytes;
    int answersDue;
    boolean hasFailed;
    volatile boolean refused;

    Sent(int records, long bytes, Runnable acknowledged, Runnable failed) {
      this.answersDue = records;
      this.bytes = bytes;
      this.acknowledged = acknowledged;
      this.failed = failed;
    }
  }

  private record Answer(Sent sent, Exception failure) {}

  /**
   * A batch of block details, as records.
   *
   * @param bytes that it was taken to be before it was encoded
   * @param records null if there is a failure
   */
  private record Details(
      RingBatch batch,
      long bytes,
      List<ProducerRecord<byte[], byte[]>> records,
      Exception failure) {}

  /**
   * @param inFlightMost serialised bytes that may wait for their acknowledgement
   * @param broker for messages
   * @param symbols closed with this
   * @param detailThread where block details are encoded; shut down with this
   * @param ring called by other threads when there is something for {@link #poll}
   */
  TracePublisher(
      Producer<byte[], byte[]> producer,
      SerdeFactory serdes,
      Symbolizer symbols,
      ExecutorService detailThread,
      long inFlightMost,
      String broker,
      LongSupplier nanoTime,
      Runnable ring) {
    this.producer = producer;
    this.encoder = new RecordEncoder(serdes);
    this.details = new DetailEncoder(serdes, symbols);
    this.detailThread = detailThread;
    this.inFlightMost = inFlightMost;
    this.broker = broker;
    this.nanoTime = nanoTime;
    this.ring = ring;
  }

  /**
   * A publisher with a producer of its own. Does not wait for the broker.
   *
   * @param symbols closed with it
   */
  public static TracePublisher create(
      ClusterAccess cluster,
      PublishSettings settings,
      long inFlightMost,
      SerdeFactory serdes,
      Symbolizer symbols,
      String clientId,
      Runnable ring)
      throws NodeException {
    try {
      Producer<byte[], byte[]> producer =
          new KafkaProducer<>(
              ProducerConfigs.of(cluster, settings.compression(), inFlightMost, clientId));
      learnTopics(producer);
      return new TracePublisher(
          producer,
          serdes,
          symbols,
          Executors.newSingleThreadExecutor(
              work -> {
                Thread thread = new Thread(work, "tracefleet-symbols");
                thread.setDaemon(true);
                return thread;
              }),
          inFlightMost,
          cluster.bootstrap(),
          System::nanoTime,
          ring);
    } catch (KafkaException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new NodeException(
          ExitCode.CONFIG,
          "producer for " + cluster.bootstrap() + " cannot be made: " + cause.getMessage(),
          e);
    }
  }

  /**
   * Now, before a guest waits for it; without a broker this is as good as never, and the first
   * records wait.
   */
  private static void learnTopics(Producer<byte[], byte[]> producer) {
    for (String topic : List.of(Topics.RUNS, Topics.BATCHES, Topics.BLOCKS)) {
      try {
        producer.partitionsFor(topic);
      } catch (KafkaException e) {
        log.debug("topic={} failure={}", topic, e.toString());
        return;
      }
    }
  }

  /** Takes the batches of one run. */
  public BatchSink sink(RunSource source) {
    return batch -> offer(source, batch);
  }

  private boolean offer(RunSource source, RingBatch batch) throws NodeException {
    long bytes =
        (long) batch.payloadSize() * (batch.isDetail() ? DETAIL_GROWTH : 1) + RECORD_OVERHEAD;
    if (!hasRoom(bytes)) {
      return false;
    }
    try {
      if (batch.isDetail()) {
        encodeLater(source, batch, bytes);
        sendEncoded();
      } else {
        int payloadBytes = batch.payloadSize();
        send(
            List.of(encoder.batch(source, batch)),
            () -> {
              add(batch, payloadBytes);
              batch.acknowledged();
            },
            batch::failed);
      }
      return true;
    } catch (SerializationException e) {
      return laterUnlessFinal(e);
    }
  }

  private void encodeLater(RunSource source, RingBatch batch, long bytes) {
    byte[] payload = new byte[batch.payloadSize()];
    batch.copyPayload(payload, 0);
    String runId = batch.runId();
    inFlight += bytes;
    try {
      detailThread.execute(
          () -> {
            try {
              encoded.add(new Details(batch, bytes, details.encode(source, runId, payload), null));
            } catch (TraceFormatException | RuntimeException e) {
              encoded.add(new Details(batch, bytes, null, e));
            }
            ring.run();
          });
    } catch (RejectedExecutionException e) {
      encoded.add(new Details(batch, bytes, null, e));
    }
  }

  /** Returns batches of block details that were passed on. */
  private int sendEncoded() throws NodeException {
    int count = 0;
    while (!encoded.isEmpty() && !isPaused()) {
      Details next = encoded.remove();
      count++;
      inFlight -= next.bytes();
      if (next.failure() == null) {
        send(next.records(), next.batch()::acknowledged, next.batch()::failed);
      } else {
        next.batch().failed();
        failEncoding(next);
      }
    }
    return count;
  }

  private void failEncoding(Details details) throws NodeException {
    if (details.failure() instanceof SerializationException e) {
      laterUnlessFinal(e);
      return;
    }
    fatal =
        new NodeException(
            ExitCode.INTERNAL,
            "run "
                + details.batch().runId()
                + ", block details "
                + details.batch().sequence()
                + ": "
                + details.failure().getMessage()
                + (details.failure() instanceof TraceFormatException
                    ? "; plugin and node are of different releases"
                    : ""),
            details.failure());
    throw fatal;
  }

  /**
   * Sends a run's record.
   *
   * @param acknowledged called from {@link #poll}
   * @param failed called from {@link #poll}: it has to be offered again
   * @return false if there is no room now
   */
  public boolean offer(Run run, Runnable acknowledged, Runnable failed) throws NodeException {
    if (!hasRoom(RECORD_OVERHEAD)) {
      return false;
    }
    try {
      send(List.of(encoder.run(run)), acknowledged, failed);
      return true;
    } catch (SerializationException e) {
      return laterUnlessFinal(e);
    }
  }

  private boolean hasRoom(long bytes) throws NodeException {
    if (fatal != null) {
      throw fatal;
    }
    if (isPaused()) {
      return false;
    }
    return inFlight == 0 || inFlight + bytes <= inFlightMost;
  }

  private boolean isPaused() {
    paused = paused && nanoTime.getAsLong() - pausedUntil < 0;
    return paused;
  }

  private void send(
      List<ProducerRecord<byte[], byte[]>> records, Runnable acknowledged, Runnable failed) {
    long bytes = 0;
    for (ProducerRecord<byte[], byte[]> record : records) {
      bytes += record.key().length + record.value().length;
    }
    Sent sent = new Sent(records.size(), bytes, acknowledged, failed);
    if (records.isEmpty()) {
      sent.answersDue = 1;
      answers.add(new Answer(sent, null));
    }
    inFlight += bytes;
    int passedOn = 0;
    for (ProducerRecord<byte[], byte[]> record : records) {
      if (sent.refused) {
        // The producer may have waited for a broker before it refused. It would wait as long for
        // each of the others.
        sent.answersDue -= records.size() - passedOn;
        break;
      }
      passedOn++;
      try {
        producer.send(record, (metadata, failure) -> answer(sent, failure));
      } catch (KafkaException | IllegalStateException e) {
        answer(sent, e);
      }
    }
    if (sent.refused) {
      pause();
    }
    publishCounters(0, 0, 0, 0, 0);
  }

  /** On the producer's thread. */
  private void answer(Sent sent, Exception failure) {
    if (failure != null) {
      sent.refused = true;
    }
    answers.add(new Answer(sent, failure));
    ring.run();
  }

  /**
   * Passes on what the broker has said.
   *
   * @return answers that arrived, and block details that were sent
   */
  public int poll() throws NodeException {
    int count = sendEncoded();
    for (Answer answer; (answer = answers.poll()) != null; count++) {
      Sent sent = answer.sent();
      if (answer.failure() != null) {
        sent.hasFailed = true;
        fail(answer.failure());
      }
      if (--sent.answersDue == 0) {
        inFlight -= sent.bytes;
        if (sent.hasFailed) {
          sent.failed.run();
        } else {
          acknowledged++;
          sent.acknowledged.run();
        }
        publishCounters(0, 0, 0, 0, 0);
      }
    }
    if (fatal != null) {
      throw fatal;
    }
    return count;
  }

  private void fail(Exception failure) {
    if (failure instanceof RetriableException
        || failure instanceof OutOfOrderSequenceException
        || failure instanceof UnknownProducerIdException) {
      if (!paused) {
        log.warn(
            "broker={} failure={} retryMillis={}",
            broker,
            failure.toString(),
            RETRY_PAUSE_NANOS / 1_000_000);
      }
      pause();
    } else if (fatal == null) {
      fatal =
          new NodeException(
              ExitCode.ofCluster(failure),
              Refusals.byKafka(broker, failure)
                  .orElseGet(
                      () ->
                          "broker "
                              + broker
                              + " takes no more records: "
                              + failure.getMessage()
                              + " ("
                              + failure.getClass().getSimpleName()
                              + ")"),
              failure);
    }
  }

  private boolean laterUnlessFinal(SerializationException failure) throws NodeException {
    if (SerdeFailures.isTemporary(failure)) {
      log.warn(
          "registry failure={} retryMillis={}", failure.toString(), RETRY_PAUSE_NANOS / 1_000_000);
      pause();
      return false;
    }
    throw new NodeException(
        ExitCode.CLUSTER_UNAVAILABLE, "record cannot be written: " + failure.getMessage(), failure);
  }

  private void pause() {
    paused = true;
    pausedUntil = nanoTime.getAsLong() + RETRY_PAUSE_NANOS;
  }

  private void add(RingBatch batch, int payloadBytes) {
    publishCounters(batch.instructions(), batch.blocks(), batch.accesses(), 1, payloadBytes);
  }

  private void publishCounters(
      long instructions, long blocks, long accesses, long batches, long payloadBytes) {
    PublishCounters old = counters;
    counters =
        new PublishCounters(
            old.instructions() + instructions,
            old.blocks() + blocks,
            old.accesses() + accesses,
            old.batches() + batches,
            old.payloadBytes() + payloadBytes,
            inFlight);
  }

  /** Batches, block details and runs that the broker has acknowledged. */
  public long acknowledged() {
    return acknowledged;
  }

  /** What was done so far. Any thread. */
  public PublishCounters counters() {
    return counters;
  }

  /**
   * Bytes that the producer has sent to the batches' topic: compressed, with the overhead of
   * Kafka's record batches.
   */
  public long wireBytes() {
    return producer.metrics().entrySet().stream()
        .filter(
            metric ->
                metric.getKey().group().equals("producer-topic-metrics")
                    && metric.getKey().name().equals("byte-total")
                    && Topics.BATCHES.equals(metric.getKey().tags().get("topic")))
        .mapToLong(metric -> ((Number) metric.getValue().metricValue()).longValue())
        .sum();
  }

  /** Shows the producer's own meters there until this is closed. */
  public void show(MeterRegistry registry) {
    clientMetrics = new KafkaClientMetrics(producer);
    clientMetrics.bindTo(registry);
  }

  /** Gives up what is in flight; it has not been acknowledged and stays in the ring. */
  @Override
  public void close() {
    detailThread.shutdownNow();
    try {
      if (detailThread.awaitTermination(DETAILS_END.toNanos(), TimeUnit.NANOSECONDS)) {
        details.close();
      } else {
        log.warn("thread=tracefleet-symbols ended=false seconds={}", DETAILS_END.toSeconds());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (clientMetrics != null) {
        clientMetrics.close();
      }
      producer.close(Duration.ZERO);
    }
  }
}
