// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs;

import io.tracefleet.jobs.JobsException.Kind;
import io.tracefleet.jobs.catalog.NoRoom;
import io.tracefleet.jobs.decode.DecodeCounts;
import io.tracefleet.jobs.http.HttpApi;
import io.tracefleet.jobs.http.HttpException;
import io.tracefleet.jobs.http.JobsState;
import io.tracefleet.jobs.metrics.JobsMetrics;
import io.tracefleet.jobs.topology.TraceTopology;
import io.tracefleet.schemas.clients.Refusals;
import io.tracefleet.schemas.serde.RegistrySettings;
import io.tracefleet.schemas.serde.SchemaRegistry;
import io.tracefleet.schemas.serde.SchemaRegistryException;
import io.tracefleet.schemas.topics.TopicCreator;
import io.tracefleet.schemas.topics.TopicException;
import io.tracefleet.schemas.topics.TopicOptions;
import io.tracefleet.schemas.topics.TopicSettings;
import io.tracefleet.schemas.topics.Topics;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The jobs, running. Safe for use by several threads.
 *
 * <p>{@code STARTING} becomes {@code RUNNING} when all partitions of this process are assigned and
 * restored; while they are assigned anew it stays {@code RUNNING}. {@code FAILED} and {@code
 * STOPPED} are final.
 */
public final class StreamJobs implements AutoCloseable {
  /** Where the jobs are. */
  public enum State {
    STARTING,
    RUNNING,
    FAILED,
    STOPPED
  }

  private static final Logger log = LoggerFactory.getLogger(StreamJobs.class);

  private static final Set<String> USED_TOPICS =
      Topics.all(TopicOptions.DEFAULTS).stream()
          .map(TopicSettings::name)
          .filter(name -> !name.equals(Topics.CONTROL))
          .collect(Collectors.toUnmodifiableSet());

  private final JobsConfig config;
  private final SchemaRegistry registry;
  private final Optional<HttpApi> http;
  private final KafkaStreams streams;
  private final DecodeCounts decoded = new DecodeCounts();
  private volatile Queries queries; // after the start; null without HTTP
  private volatile JobsMetrics metrics; // the same
  private volatile Throwable refused; // before failed
  private final AtomicBoolean closing = new AtomicBoolean();
  private final CompletableFuture<Void> running = new CompletableFuture<>();
  private final CompletableFuture<String> failed = new CompletableFuture<>();
  private final CompletableFuture<State> ended = new CompletableFuture<>();

  private StreamJobs(JobsConfig config, SchemaRegistry registry, Optional<HttpApi> http) {
    this.config = config;
    this.registry = registry;
    this.http = http;
    Properties settings = StreamsSettings.of(config);
    http.ifPresent(api -> settings.put(StreamsConfig.APPLICATION_SERVER_CONFIG, api.endpoint()));
    this.streams =
        new KafkaStreams(
            new TraceTopology(
                    registry.serdes(),
                    config.state() == StateKind.DISK,
                    config.rowsInMemory(),
                    config.resultInterval(),
                    decoded)
                .get(),
            settings);
    streams.setStateListener(this::stateChanged);
    streams.setUncaughtExceptionHandler(this::threadFailed);
  }

  /**
   * Starts the jobs and waits until they run.
   *
   * @throws JobsException if they do not within the start timeout; nothing is left running then
   */
  public static StreamJobs start(JobsConfig config) throws JobsException {
    long begin = System.nanoTime();
    StreamJobs jobs = launch(config);
    boolean started = false;
    try {
      jobs.awaitRunning(config.startTimeout().minusNanos(System.nanoTime() - begin));
      started = true;
      return jobs;
    } finally {
      if (!started) {
        jobs.close();
      }
    }
  }

  /**
   * Checks Kafka and the registry, creates what is missing there, and starts the jobs without
   * waiting until they run.
   *
   * @throws JobsException if Kafka or the registry cannot be used; nothing is left running then
   */
  public static StreamJobs launch(JobsConfig config) throws JobsException {
    // Side by side: both mostly wait for answers.
    FutureTask<Void> topics =
        new FutureTask<>(
            () -> {
              createTopics(config);
              return null;
            });
    Thread creator = new Thread(topics, "create-topics");
    creator.setDaemon(true);
    creator.start();
    SchemaRegistry registry = null;
    Optional<HttpApi> http = Optional.empty();
    StreamJobs jobs = null;
    boolean launched = false;
    try {
      http = listen(config);
      registry = connect(config);
      await(topics);
      jobs = new StreamJobs(config, registry, http);
      if (http.isPresent()) {
        jobs.queries = Queries.open(config, registry.serdes(), jobs.streams, http.get());
        http.get().serve(jobs.queries.services(jobs::httpState));
        jobs.metrics = jobs.openMetrics();
        http.get().serveMetrics(jobs.metrics::page);
      }
      jobs.streams.start();
      launched = true;
      return jobs;
    } catch (KafkaException e) {
      throw new JobsException(
          Kind.CONFIG,
          NoRoom.is(e)
              ? Reasons.noRoom(config.stateDir())
              : "Jobs cannot start: " + Reasons.of(e) + ".",
          e);
    } finally {
      if (!launched) {
        if (jobs != null) {
          jobs.close();
        } else {
          http.ifPresent(HttpApi::close);
          if (registry != null) {
            registry.close();
          }
        }
      }
    }
  }

  private JobsMetrics openMetrics() {
    return new JobsMetrics(
        config.applicationId(),
        decoded,
        queries.backlog(),
        () -> httpState() == JobsState.READY,
        streams);
  }

  private static Optional<HttpApi> listen(JobsConfig config) throws JobsException {
    if (config.http().port().isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(HttpApi.open(config.http()));
    } catch (HttpException e) {
      throw new JobsException(Kind.CONFIG, e.getMessage(), e);
    }
  }

  private static void await(FutureTask<Void> topics) throws JobsException {
    try {
      topics.get(); // bounded by the creator's own timeout
    } catch (ExecutionException e) {
      if (e.getCause() instanceof JobsException known) {
        throw known;
      }
      throw new IllegalStateException("topics not created", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JobsException(Kind.JOBS, "Interrupted while the jobs started.", e);
    }
  }

  private static void createTopics(JobsConfig config) throws JobsException {
    try (Admin admin = Admin.create(StreamsSettings.admin(config))) {
      new TopicCreator(admin, config.startTimeout())
          .create(
              Topics.all(
                  TopicOptions.DEFAULTS
                      .withPartitions(config.partitions())
                      .withReplication(config.replication())),
              USED_TOPICS);
    } catch (TopicException e) {
      throw new JobsException(
          Kind.CLUSTER, Refusals.byKafka(config.bootstrap(), e).orElseGet(e::getMessage), e);
    } catch (KafkaException e) {
      throw new JobsException(
          Kind.CONFIG,
          "Kafka at %s cannot be used: %s.".formatted(config.bootstrap(), Reasons.of(e)),
          e);
    }
  }

  private static SchemaRegistry connect(JobsConfig config) throws JobsException {
    SchemaRegistry registry = null;
    boolean prepared = false;
    try {
      registry =
          SchemaRegistry.connect(
              RegistrySettings.of(config.registry()).withClient(config.registryClient()),
              config.startTimeout());
      // Now, not at the first result: a registry that goes away later does no harm then.
      registry.prepare(Topics.subjects());
      prepared = true;
      return registry;
    } catch (SchemaRegistryException e) {
      throw new JobsException(Kind.CLUSTER, e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new JobsException(Kind.CONFIG, e.getMessage(), e);
    } finally {
      if (!prepared && registry != null) {
        registry.close();
      }
    }
  }

  /**
   * Waits until the jobs run.
   *
   * @throws JobsException if they fail, are stopped, or do not run in time
   */
  public void awaitRunning(Duration timeout) throws JobsException {
    try {
      CompletableFuture.anyOf(running, ended)
          .get(Math.max(0, timeout.toMillis()), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new JobsException(
          Kind.CLUSTER,
          "Jobs did not run within %d s: see the log, and whether another process with application.id=%s was killed just now."
              .formatted(config.startTimeout().toSeconds(), config.applicationId()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JobsException(Kind.JOBS, "Interrupted while the jobs started.", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e); // none of them completes exceptionally
    }
    if (failed.isDone()) {
      throw new JobsException(Kind.JOBS, failed.join(), refused);
    }
    if (ended.isDone()) {
      throw new JobsException(Kind.JOBS, "The jobs were stopped while they started.", null);
    }
  }

  /** Where the HTTP interface is; empty if there is none. */
  public Optional<String> url() {
    return http.map(HttpApi::url);
  }

  /** The state for those who ask by HTTP. */
  private JobsState httpState() {
    return switch (state()) {
      case STARTING -> JobsState.STARTING;
      case RUNNING ->
          streams.state() == KafkaStreams.State.RUNNING
              ? queries.noRoom() ? JobsState.FULL : JobsState.READY
              : closing.get() ? JobsState.STOPPED : JobsState.REBALANCING;
      case FAILED -> JobsState.FAILED;
      case STOPPED -> JobsState.STOPPED;
    };
  }

  /** Where the jobs are. */
  public State state() {
    if (failed.isDone()) {
      return State.FAILED;
    }
    if (ended.isDone()) {
      return State.STOPPED;
    }
    return running.isDone() ? State.RUNNING : State.STARTING;
  }

  /** Why the jobs failed, one line for the user; empty if they did not. */
  public Optional<String> failure() {
    return Optional.ofNullable(failed.getNow(null));
  }

  /** Whether they failed because Kafka or the registry refuses them. */
  boolean refused() {
    return refused != null;
  }

  /**
   * Registers who is told, on a thread of the jobs, why they failed; at once if they already have.
   * Must not block.
   */
  public void onFailure(Consumer<String> listener) {
    failed.thenAccept(listener);
  }

  /**
   * Waits without a bound until the jobs have failed or were stopped.
   *
   * @return {@code FAILED} or {@code STOPPED}
   */
  public State awaitEnd() throws InterruptedException {
    try {
      return ended.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e); // never completed exceptionally
    }
  }

  /**
   * Stops the jobs within the stop timeout: commits what was counted, and leaves the group. Doing
   * so again does nothing.
   */
  @Override
  public void close() {
    if (!closing.compareAndSet(false, true)) {
      return;
    }
    http.ifPresent(HttpApi::close);
    boolean closed =
        streams.close(
            CloseOptions.timeout(config.stopTimeout())
                // Else the next start would wait until this member's session times out.
                .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
    if (!closed) {
      log.warn(
          "application={} not stopped within ms={}; what was not committed will be counted again",
          config.applicationId(),
          config.stopTimeout().toMillis());
    }
    if (metrics != null) {
      metrics.close();
    }
    if (queries != null) {
      queries.close();
    }
    registry.close();
    ended.complete(failed.isDone() ? State.FAILED : State.STOPPED);
  }

  private void stateChanged(KafkaStreams.State now, KafkaStreams.State before) {
    log.info("application={} state={} before={}", config.applicationId(), now, before);
    switch (now) {
      case RUNNING -> running.complete(null);
      case ERROR -> {
        failed.complete("Jobs failed: see the log.");
        ended.complete(State.FAILED);
      }
      case NOT_RUNNING -> ended.complete(failed.isDone() ? State.FAILED : State.STOPPED);
      default -> {}
    }
  }

  private StreamThreadExceptionResponse threadFailed(Throwable failure) {
    // Nothing is lost: the transaction is aborted, and the batches will be read again.
    boolean noRoom = NoRoom.is(failure);
    String line =
        noRoom
            ? "Jobs failed: " + Reasons.noRoom(config.stateDir())
            : "Jobs failed: "
                + Refusals.byKafka(config.bootstrap(), failure)
                    .orElseGet(() -> Reasons.of(failure) + ".");
    refused = Refusals.is(failure) ? failure : null;
    if (noRoom) {
      log.error("application={} {}", config.applicationId(), line);
    } else {
      log.error("application={} {}", config.applicationId(), line, unwrapped(failure));
    }
    failed.complete(line);
    return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
  }

  private static Throwable unwrapped(Throwable failure) {
    return failure instanceof StreamsException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }
}
