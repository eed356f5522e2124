// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.metrics;

import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import io.tracefleet.jobs.decode.DecodeCounts;
import io.tracefleet.jobs.progress.Backlog;
import io.tracefleet.metrics.ComponentMeters;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.ToLongFunction;
import org.apache.kafka.streams.KafkaStreams;

/** The meters of one process of jobs, and the page that shows them. */
public final class JobsMetrics implements AutoCloseable {
  /**
   * What is shown of Kafka Streams and its clients: nothing that is there for each task or topic.
   */
  private static final Set<String> STREAMS =
      Set.of(
          "kafka.stream.alive.stream.threads",
          "kafka.stream.failed.stream.threads",
          "kafka.stream.thread.commit.latency.max",
          "kafka.stream.thread.commit.total",
          "kafka.stream.thread.poll.ratio",
          "kafka.stream.thread.process.latency.max",
          "kafka.stream.thread.process.ratio",
          "kafka.stream.thread.process.total",
          "kafka.consumer.coordinator.failed.rebalance.total",
          "kafka.consumer.coordinator.rebalance.total",
          "kafka.consumer.fetch.manager.fetch.latency.avg",
          "kafka.producer.record.error.total",
          "kafka.producer.record.retry.total",
          "kafka.producer.request.latency.avg");

  private final DecodeCounts decoded;
  private final Backlog backlog;
  private final BooleanSupplier ready;
  private final ComponentMeters<Snapshot> meters;
  private final KafkaStreamsMetrics streams;

  /** What is not counted by itself. */
  private record Snapshot(Optional<Map<Integer, Long>> lag, boolean ready) {
    static final Snapshot NONE = new Snapshot(Optional.empty(), false);
  }

  /**
   * @param applicationId of the group of processes, a label of all metrics
   * @param backlog of the group
   * @param ready whether all partitions of this process are restored
   * @param streams of this process
   */
  public JobsMetrics(
      String applicationId,
      DecodeCounts decoded,
      Backlog backlog,
      BooleanSupplier ready,
      KafkaStreams streams) {
    this.decoded = decoded;
    this.backlog = backlog;
    this.ready = ready;
    this.meters =
        new ComponentMeters<>(Snapshot.NONE, this::look, STREAMS, "application", applicationId);
    decoded();
    broken();
    for (int partition = 0; partition < backlog.partitions(); partition++) {
      lag(partition);
    }
    meters.gauge(
        "tracefleet.jobs.ready",
        "",
        "1 if all partitions of this process are restored and it counts, else 0.",
        s -> s.ready() ? 1 : 0);
    this.streams = new KafkaStreamsMetrics(streams);
    this.streams.bindTo(meters.registry());
  }

  private void decoded() {
    counter("batches", "", "Batches counted.", DecodeCounts::batches);
    counter("instructions", "", "Instructions in counted batches.", DecodeCounts::instructions);
    counter("blocks", "", "Executed blocks in counted batches.", DecodeCounts::blocks);
    counter("accesses", "", "Memory accesses in counted batches.", DecodeCounts::accesses);
    counter("payload", "bytes", "Payloads of counted batches.", DecodeCounts::payloadBytes);
    counter(
        "duplicates",
        "",
        "Batches that came again and were not counted.",
        DecodeCounts::duplicates);
  }

  private void broken() {
    counter(
        "gaps.opened",
        "",
        "Batches that were missing when a later one of their vCPU came.",
        DecodeCounts::gapsOpened);
    counter(
        "gaps.filled",
        "",
        "Batches that came after a later one of their vCPU.",
        DecodeCounts::gapsFilled);
    counter(
        "batches.dropped",
        "",
        "Batches that nodes dropped because a ring was full, as counted batches say.",
        DecodeCounts::droppedBatches);
    counter(
        "instructions.dropped",
        "",
        "Instructions in batches that nodes dropped.",
        DecodeCounts::droppedInstructions);
    for (String stage : DecodeCounts.stages()) {
      counter(
          "dead.letters",
          "",
          "Batches that could not be used and went to the dead letters.",
          counts -> counts.refused(stage),
          "stage",
          stage);
    }
  }

  private void counter(
      String name, String unit, String help, ToLongFunction<DecodeCounts> value, String... labels) {
    meters.counter("tracefleet.jobs." + name, unit, help, s -> value.applyAsLong(decoded), labels);
  }

  private void lag(int partition) {
    meters.gauge(
        "tracefleet.jobs.lag.batches",
        "",
        "Batches in Kafka that the group has not committed; NaN if Kafka does not say.",
        s -> s.lag().map(all -> all.getOrDefault(partition, 0L).doubleValue()).orElse(Double.NaN),
        "partition",
        Integer.toString(partition));
  }

  private Snapshot look() {
    return new Snapshot(backlog.batches(), ready.getAsBoolean());
  }

  /** All metrics in Prometheus' text format; may wait some seconds for Kafka. */
  public String page() {
    return meters.page();
  }

  @Override
  public void close() {
    streams.close();
    meters.close();
  }
}
