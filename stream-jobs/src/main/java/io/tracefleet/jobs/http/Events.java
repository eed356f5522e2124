// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.http;

import io.javalin.http.sse.SseClient;
import io.tracefleet.jobs.answers.RunJson;
import io.tracefleet.jobs.progress.Progress;
import io.tracefleet.jobs.progress.ProgressTracker;
import io.tracefleet.jobs.query.Missing;
import io.tracefleet.schemas.EpochMicros;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.RunOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Streams of live progress, one thread each, so that a slow reader holds up nobody else. What they
 * ask for is remembered by the tracker for half a second, so many streams cost little more than
 * one.
 */
final class Events implements AutoCloseable {
  /** Most runs in an event. */
  private static final int MAX_RUNS = 1_000;

  private static final Logger log = LoggerFactory.getLogger(Events.class);
  private static final Duration EVERY = Duration.ofSeconds(1);
  private static final int HEARTBEAT_TICKS = 10;

  /** Runs that ended so long ago are not in the first event. */
  private static final Duration RECENT = Duration.ofMinutes(1);

  private final Services services;
  private final Semaphore places;
  private final int most;
  private final Set<SseClient> clients = ConcurrentHashMap.newKeySet();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "tracefleet-events");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * @param most streams at once
   */
  Events(Services services, int most) {
    this.services = services;
    this.most = most;
    this.places = new Semaphore(most);
  }

  /**
   * Takes a place for a stream, before it begins, while its status can still be an error; {@link
   * #serve} must follow.
   */
  void takePlace() {
    if (!places.tryAcquire()) {
      throw ApiException.unavailable(
          "There are %d event streams already, which is the limit (http.event.clients)."
              .formatted(most));
    }
  }

  /**
   * Begins a stream in the place that was taken for it.
   *
   * @param runId of the run that it is about, or null for all
   */
  void serve(SseClient client, String runId) {
    client.keepAlive();
    clients.add(client);
    client.onClose(() -> clients.remove(client));
    try {
      threads.execute(
          () -> {
            try {
              new Stream(client, runId).run();
            } catch (RuntimeException e) {
              log.debug("an event stream ended", e);
            } finally {
              places.release();
              clients.remove(client);
              client.close();
            }
          });
    } catch (RejectedExecutionException e) {
      places.release();
      client.close();
    }
  }

  @Override
  public void close() {
    closing.countDown();
    threads.shutdownNow();
    clients.forEach(SseClient::close);
    try {
      if (!threads.awaitTermination(2, TimeUnit.SECONDS)) {
        log.debug("an event stream is still being written");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Stream {
    private final SseClient client;
    private final String runId;
    private final Map<String, Map<String, Object>> told = new HashMap<>();
    private List<Missing> missingTold = List.of();
    private Map<String, Object> fleetTold = Map.of();
    private long number;

    Stream(SseClient client, String runId) {
      this.client = client;
      this.runId = runId;
    }

    void run() {
      int quiet = 0;
      client.sendComment("progress each second while it changes");
      while (!client.terminated()) {
        if (tick()) {
          quiet = 0;
        } else if (++quiet % HEARTBEAT_TICKS == 0) {
          client.sendComment("heartbeat");
        }
        try {
          if (closing.await(EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
            return;
          }
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }

    /** True if there was something to tell. */
    private boolean tick() {
      List<Run> runs = watched();
      ProgressTracker.Snapshot snapshot = services.tracker().of(runs);
      List<Map<String, Object>> changed = new ArrayList<>();
      for (Run run : runs) {
        Progress progress = snapshot.byRun().get(run.getRunId());
        Map<String, Object> values = RunJson.event(run, progress, runId != null);
        if (!values.equals(told.put(run.getRunId(), values))) {
          changed.add(values);
        }
      }
      told.keySet().retainAll(runs.stream().map(Run::getRunId).toList());
      Map<String, Object> fleet = runId == null ? fleet(snapshot) : null;
      boolean something =
          number == 0
              || !changed.isEmpty()
              || !snapshot.missing().equals(missingTold)
              || fleet != null && !fleet.equals(fleetTold);
      if (something) {
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("at", EpochMicros.of(services.clock().instant()));
        event.put("fleet", fleet);
        event.put("runs", changed);
        event.put("missing", snapshot.missing());
        client.sendEvent(
            "progress",
            new String(Rendering.json(event), StandardCharsets.UTF_8),
            Long.toString(++number));
        missingTold = snapshot.missing();
        fleetTold = fleet == null ? Map.of() : fleet;
      }
      return something;
    }

    private Map<String, Object> fleet(ProgressTracker.Snapshot some) {
      ProgressTracker.Snapshot all = services.tracker().of(services.catalog().runs());
      return services
          .fleet()
          .fleet(
              new ProgressTracker.Snapshot(
                  all.byRun(), some.batchesBehind(), all.missing(), all.partitionsAnswered()));
    }

    private List<Run> watched() {
      if (runId != null) {
        return services.catalog().run(runId).map(List::of).orElse(List.of());
      }
      Instant recent = services.clock().instant().minus(RECENT);
      return services.catalog().runs().stream()
          .filter(
              run ->
                  run.getEnd() == null
                      || run.getEnd().isAfter(recent)
                      || told.containsKey(run.getRunId()) && stillRunning(run))
          .sorted(RunOrder.BY_START.reversed())
          .limit(MAX_RUNS)
          .toList();
    }

    /** As far as this stream was told: it must still be told the end. */
    private boolean stillRunning(Run run) {
      return told.get(run.getRunId()).get("end") == null;
    }
  }
}
