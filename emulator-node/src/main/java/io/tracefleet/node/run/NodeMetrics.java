// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.run;

import io.tracefleet.metrics.ComponentMeters;
import io.tracefleet.metrics.MetricsException;
import io.tracefleet.metrics.MetricsServer;
import io.tracefleet.node.config.ExitCode;
import io.tracefleet.node.config.NodeException;
import io.tracefleet.node.config.NodeSettings;
import io.tracefleet.node.publish.TracePublisher;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * What a node shows of itself. The guests' threads keep their sums anyway; they are added up when
 * somebody asks. Each metric is explained in docs/metrics.md. Safe for several threads.
 */
final class NodeMetrics implements AutoCloseable {
  /** Batches that wait so long for an answer mean that the broker is away. */
  private static final Duration UNANSWERED_LIMIT = Duration.ofSeconds(30);

  /** What is shown of each guest's producer. */
  private static final Set<String> PRODUCER =
      Set.of(
          "kafka.producer.batch.size.avg",
          "kafka.producer.buffer.available.bytes",
          "kafka.producer.compression.rate.avg",
          "kafka.producer.connection.creation.total",
          "kafka.producer.outgoing.byte.total",
          "kafka.producer.produce.throttle.time.avg",
          "kafka.producer.record.error.total",
          "kafka.producer.record.queue.time.avg",
          "kafka.producer.record.retry.total",
          "kafka.producer.record.send.total",
          "kafka.producer.request.latency.avg",
          "kafka.producer.requests.in.flight");

  private final ComponentMeters<Snapshot> meters;
  private final MetricsServer server;
  private final GuestEvents events;
  private volatile EmulatorNode node; // null until it is open

  /** One look at everything. */
  private record Snapshot(NodeProgress progress, NodeLoad load) {
    static final Snapshot NONE = new Snapshot(NodeProgress.NONE, NodeLoad.NONE);
  }

  private NodeMetrics(NodeSettings settings, GuestEvents events) throws NodeException {
    this.events = events;
    meters = new ComponentMeters<>(Snapshot.NONE, this::look, PRODUCER, "node", settings.node());
    published();
    held();
    lost();
    guests();
    boolean opened = false;
    try {
      server = MetricsServer.open(settings.metrics(), meters::page, this::obstacle);
      opened = true;
    } catch (MetricsException e) {
      throw new NodeException(ExitCode.CLUSTER_UNAVAILABLE, e.getMessage(), e);
    } finally {
      if (!opened) {
        meters.close();
      }
    }
  }

  /** Starts to listen, if the settings say so. */
  static Optional<NodeMetrics> open(NodeSettings settings, GuestEvents events)
      throws NodeException {
    return settings.metrics().port().isEmpty()
        ? Optional.empty()
        : Optional.of(new NodeMetrics(settings, events));
  }

  private void published() {
    meters
        .counter(
            "tracefleet.node.batches.published",
            "",
            "Batches that the broker has acknowledged.",
            s -> s.progress().batches())
        .counter(
            "tracefleet.node.instructions.published",
            "",
            "Instructions dispatched by guests, in acknowledged batches.",
            s -> s.progress().instructions())
        .counter(
            "tracefleet.node.blocks.published",
            "",
            "Blocks executed by guests, in acknowledged batches.",
            s -> s.progress().blocks())
        .counter(
            "tracefleet.node.accesses.published",
            "",
            "Memory accesses of guests, in acknowledged batches.",
            s -> s.progress().accesses())
        .counter(
            "tracefleet.node.payload",
            "bytes",
            "Payloads of acknowledged batches, before compression.",
            s -> s.progress().payloadBytes())
        .counter(
            "tracefleet.node.wire",
            "bytes",
            "What was sent to the topic of batches: compressed, with Kafka's overhead.",
            s -> s.progress().wireBytes());
  }

  private void held() {
    meters
        .counter(
            "tracefleet.node.held",
            "seconds",
            "Time that vCPUs were held back by a full ring, counted when each goes on.",
            s -> s.progress().heldNanos() / 1e9)
        .gauge(
            "tracefleet.node.held.vcpus",
            "",
            "vCPUs that a full ring holds back now.",
            s -> s.load().heldVcpus())
        .gauge(
            "tracefleet.node.ring.buffers",
            "",
            "Buffers of all rings.",
            s -> s.load().ringBuffers())
        .gauge(
            "tracefleet.node.ring.buffers.taken",
            "",
            "Buffers whose batch has not been acknowledged.",
            s -> s.load().ringBuffersTaken())
        .gauge(
            "tracefleet.node.ring.fill.ratio",
            "",
            "Part of its buffers that the fullest ring has taken, 0 to 1.",
            s -> s.load().fullestRing())
        .gauge(
            "tracefleet.node.backlog.batches",
            "",
            "Batches found in rings and not acknowledged.",
            s -> s.load().backlogBatches())
        .gauge(
            "tracefleet.node.in.flight",
            "bytes",
            "Serialised bytes given to the producers and not acknowledged.",
            s -> s.progress().inFlightBytes())
        .gauge(
            "tracefleet.node.unanswered",
            "seconds",
            "For how long batches have waited and none has been acknowledged.",
            s -> s.load().unansweredNanos() / 1e9);
  }

  private void lost() {
    meters
        .counter(
            "tracefleet.node.batches.dropped",
            "",
            "Batches dropped by a full ring; known when the next batch arrives.",
            s -> s.progress().droppedBatches())
        .counter(
            "tracefleet.node.instructions.dropped",
            "",
            "Instructions in dropped batches.",
            s -> s.progress().droppedInstructions())
        .counter(
            "tracefleet.node.batches.missing",
            "",
            "Batches that were not in the ring of a process that has ended.",
            s -> s.progress().missingBatches())
        .counter(
            "tracefleet.node.warnings",
            "",
            "Lines that told the user of something wrong.",
            s -> events.warnings());
  }

  private void guests() {
    meters
        .gauge(
            "tracefleet.node.guests.running",
            "",
            "Guests that are traced now.",
            s -> s.progress().guestsRunning())
        .gauge(
            "tracefleet.node.runs.live",
            "",
            "Processes that are traced now.",
            s -> s.progress().runsLive())
        .counter(
            "tracefleet.node.guests.started",
            "",
            "Guests that were started, restarts included.",
            s -> events.guestsStarted());
    String ended = "Guests that ended, and all of which is published.";
    meters
        .counter(
            "tracefleet.node.guests.ended", "", ended, s -> events.guestsGood(), "outcome", "good")
        .counter(
            "tracefleet.node.guests.ended",
            "",
            ended,
            s -> events.guestsFailed(),
            "outcome",
            "failed")
        .counter(
            "tracefleet.node.runs.started",
            "",
            "Processes whose tracing began.",
            s -> events.runsStarted());
    for (String reason : GuestEvents.END_REASONS) {
      meters.counter(
          "tracefleet.node.runs.ended",
          "",
          "Processes that ended, and all of which is published.",
          s -> events.runsEnded(reason),
          "reason",
          reason);
    }
  }

  private Snapshot look() {
    EmulatorNode opened = node;
    return opened == null ? Snapshot.NONE : new Snapshot(opened.progress(), opened.load());
  }

  private Optional<String> obstacle() {
    EmulatorNode opened = node;
    if (opened == null) {
      return Optional.of("starting: broker, topics and registry are being checked");
    }
    if (opened.isStopping()) {
      return Optional.of("stopping: guests end and no further ones are started");
    }
    return stall(opened.load());
  }

  /** Why a node with this load does no work; empty if it does. */
  static Optional<String> stall(NodeLoad load) {
    long seconds = Duration.ofNanos(load.unansweredNanos()).toSeconds();
    return seconds < UNANSWERED_LIMIT.toSeconds()
        ? Optional.empty()
        : Optional.of(
            "the broker has acknowledged nothing for "
                + seconds
                + " s, "
                + load.backlogBatches()
                + " batches wait");
  }

  /** From now on this is the node that is shown. */
  void show(EmulatorNode opened) {
    node = opened;
  }

  /** Shows a guest's producer as long as it is open. */
  void show(TracePublisher publisher) {
    publisher.show(meters.registry());
  }

  /** Where it is, without a path. */
  String url() {
    return server.url();
  }

  @Override
  public void close() {
    server.close();
    meters.close();
  }
}
