// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.write;

import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import io.tracefleet.archive.store.ArchiveException;
import io.tracefleet.archive.store.ArchiveException.Kind;
import io.tracefleet.metrics.ComponentMeters;
import io.tracefleet.metrics.MetricsException;
import io.tracefleet.metrics.MetricsServer;
import io.tracefleet.metrics.MetricsSettings;
import io.tracefleet.schemas.topics.Topics;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;

/**
 * What an archiver shows of itself; docs/metrics.md explains it. The archiver says where it is
 * after each round. Safe for several threads.
 */
final class ArchiverMetrics implements AutoCloseable {
  /** What is shown of the consumer: nothing that is there for each topic or partition. */
  private static final Set<String> CONSUMER =
      Set.of(
          "kafka.consumer.connection.creation.total",
          "kafka.consumer.fetch.manager.fetch.latency.avg",
          "kafka.consumer.incoming.byte.total",
          "kafka.consumer.poll.idle.ratio.avg");

  private final ComponentMeters<ArchiverStatus> meters;
  private final MetricsServer server;
  private volatile ArchiverStatus status = ArchiverStatus.NONE;
  private volatile boolean open;
  private KafkaClientMetrics consumer; // null until there is one

  private ArchiverMetrics(MetricsSettings settings) throws ArchiveException {
    meters = new ComponentMeters<>(ArchiverStatus.NONE, () -> status, CONSUMER);
    archived();
    waiting();
    boolean opened = false;
    try {
      server = MetricsServer.open(settings, meters::page, this::obstacle);
      opened = true;
    } catch (MetricsException e) {
      throw new ArchiveException(Kind.CLUSTER, e.getMessage(), e);
    } finally {
      if (!opened) {
        meters.close();
      }
    }
  }

  /** Starts to listen, if the settings say so. */
  static Optional<ArchiverMetrics> open(MetricsSettings settings) throws ArchiveException {
    return settings.port().isEmpty()
        ? Optional.empty()
        : Optional.of(new ArchiverMetrics(settings));
  }

  private void archived() {
    meters
        .counter(
            "tracefleet.archiver.batches", "", "Batches taken from Kafka.", ArchiverStatus::batches)
        .counter(
            "tracefleet.archiver.payload",
            "bytes",
            "Payloads of these batches.",
            ArchiverStatus::payloadBytes)
        .counter(
            "tracefleet.archiver.runs.completed",
            "",
            "Runs whose files are whole; one that something came late for counts again.",
            ArchiverStatus::runsCompleted)
        .counter(
            "tracefleet.archiver.records.refused",
            "",
            "Records that could not be read.",
            ArchiverStatus::refused)
        .counter(
            "tracefleet.archiver.batches.lost",
            "",
            "Batches that Kafka had deleted before they were archived.",
            ArchiverStatus::lost);
  }

  private void waiting() {
    meters
        .gauge(
            "tracefleet.archiver.runs.open",
            "",
            "Runs of which something is not in the archive.",
            ArchiverStatus::runsOpen)
        .gauge(
            "tracefleet.archiver.buffered",
            "bytes",
            "Payloads that wait to be written.",
            ArchiverStatus::bufferedBytes)
        .gauge(
            "tracefleet.archiver.buffered.age",
            "seconds",
            "For how long the oldest of them has waited.",
            s ->
                s.bufferedSince().isEmpty()
                    ? 0
                    : (System.nanoTime() - s.bufferedSince().getAsLong()) / 1e9);
    List<String> topics = new ArrayList<>(TopicSource.RESULTS);
    topics.add(Topics.BATCHES);
    for (String topic : topics) {
      meters.gauge(
          "tracefleet.archiver.lag.records",
          "",
          "Records in Kafka that were not read yet; NaN while Kafka has not said.",
          s -> {
            OptionalLong lag = s.lag().getOrDefault(topic, OptionalLong.empty());
            return lag.isPresent() ? lag.getAsLong() : Double.NaN;
          },
          "topic",
          topic);
    }
  }

  private Optional<String> obstacle() {
    return open
        ? Optional.empty()
        : Optional.of("starting: Kafka and the archive are being looked at");
  }

  /** Shows a consumer as long as this is open. */
  void show(Consumer<?, ?> shown) {
    consumer = new KafkaClientMetrics(shown);
    consumer.bindTo(meters.registry());
  }

  /** It is ready, and this is where it is. */
  void show(ArchiverStatus now) {
    status = now;
    open = true;
  }

  /** Where it can be watched, without a path. */
  String url() {
    return server.url();
  }

  @Override
  public void close() {
    server.close();
    if (consumer != null) {
      consumer.close();
    }
    meters.close();
  }
}
