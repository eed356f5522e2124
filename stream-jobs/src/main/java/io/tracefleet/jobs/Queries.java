// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs;

import io.tracefleet.jobs.JobsException.Kind;
import io.tracefleet.jobs.catalog.Catalog;
import io.tracefleet.jobs.catalog.NoRoom;
import io.tracefleet.jobs.http.HttpApi;
import io.tracefleet.jobs.http.JobsState;
import io.tracefleet.jobs.http.Services;
import io.tracefleet.jobs.progress.Backlog;
import io.tracefleet.jobs.progress.ProgressTracker;
import io.tracefleet.jobs.progress.Sampler;
import io.tracefleet.jobs.query.Gatherer;
import io.tracefleet.jobs.query.LocalStores;
import io.tracefleet.jobs.topology.TraceTopology;
import io.tracefleet.schemas.clients.Refusals;
import io.tracefleet.schemas.serde.SerdeFactory;
import io.tracefleet.schemas.topics.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsMetadata;
import org.apache.kafka.streams.errors.StreamsNotStartedException;
import org.apache.kafka.streams.state.HostInfo;

/** What the HTTP interface needs beside the jobs themselves. */
final class Queries implements AutoCloseable {
  private final KafkaStreams streams;
  private final Catalog catalog;
  private final Backlog backlog;
  private final LocalStores local;
  private final Gatherer gatherer;
  private Sampler sampler; // after services()

  private Queries(KafkaStreams streams, Catalog catalog, Backlog backlog, HttpApi http) {
    this.streams = streams;
    this.catalog = catalog;
    this.backlog = backlog;
    this.local = new LocalStores(streams, TraceTopology.STORE);
    this.gatherer =
        new Gatherer(local, http.advertised(), this::owners, backlog::partitions, http.secret());
  }

  /**
   * @throws JobsException if Kafka or the directory cannot be used; nothing is left open then
   */
  static Queries open(JobsConfig config, SerdeFactory serdes, KafkaStreams streams, HttpApi http)
      throws JobsException {
    Admin admin = Admin.create(StreamsSettings.admin(config));
    boolean opened = false;
    try {
      Backlog backlog =
          new Backlog(
              admin,
              config.applicationId(),
              Topics.BATCHES,
              partitions(admin, config),
              System::nanoTime);
      boolean temporary = config.state() == StateKind.MEMORY;
      Files.createDirectories(config.stateDir());
      Path directory =
          temporary
              ? Files.createTempDirectory(config.stateDir(), "catalog")
              : config.stateDir().resolve("catalog");
      Catalog catalog =
          Catalog.open(StreamsSettings.consumer(config), serdes, directory, temporary);
      opened = true;
      return new Queries(streams, catalog, backlog, http);
    } catch (IOException e) {
      throw new JobsException(
          Kind.CONFIG,
          NoRoom.is(e)
              ? Reasons.noRoom(config.stateDir())
              : "State directory %s cannot be used: %s. Each process needs its own by state.dir."
                  .formatted(config.stateDir(), e.getMessage()),
          e);
    } finally {
      if (!opened) {
        admin.close();
      }
    }
  }

  private static int partitions(Admin admin, JobsConfig config) throws JobsException {
    try {
      return admin
          .describeTopics(Set.of(Topics.BATCHES))
          .allTopicNames()
          .get(config.startTimeout().toMillis(), TimeUnit.MILLISECONDS)
          .get(Topics.BATCHES)
          .partitions()
          .size();
    } catch (ExecutionException | TimeoutException e) {
      throw new JobsException(
          Kind.CLUSTER,
          Refusals.byKafka(config.bootstrap(), e)
              .orElseGet(
                  () ->
                      "Kafka at %s does not describe %s: %s."
                          .formatted(config.bootstrap(), Topics.BATCHES, Reasons.of(e))),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JobsException(Kind.JOBS, "Interrupted while the jobs started.", e);
    }
  }

  /** Makes what answers; called once. */
  Services services(Supplier<JobsState> state) {
    ProgressTracker tracker =
        new ProgressTracker(gatherer, backlog::batches, System::nanoTime, Clock.systemUTC());
    sampler = new Sampler(tracker, catalog::runs, Clock.systemUTC());
    sampler.start();
    return Services.of(
        local, gatherer, catalog, tracker, state, System::nanoTime, Clock.systemUTC());
  }

  /** True while runs and blocks are not read because the disk is full. */
  boolean noRoom() {
    return catalog.noRoom();
  }

  /** What waits in Kafka; closed with this. */
  Backlog backlog() {
    return backlog;
  }

  /**
   * Who has which partitions of the batches, by the last assignment that this instance heard of.
   */
  private Map<HostInfo, Set<Integer>> owners() {
    Map<HostInfo, Set<Integer>> owners = new HashMap<>();
    try {
      for (StreamsMetadata instance : streams.metadataForAllStreamsClients()) {
        Set<Integer> partitions = new TreeSet<>();
        for (TopicPartition partition : instance.topicPartitions()) {
          if (partition.topic().equals(Topics.BATCHES)) {
            partitions.add(partition.partition());
          }
        }
        if (!partitions.isEmpty()) {
          owners.put(instance.hostInfo(), partitions);
        }
      }
    } catch (StreamsNotStartedException | IllegalStateException e) {
      return Map.of(); // starting or stopped
    }
    return owners;
  }

  @Override
  public void close() {
    try {
      if (sampler != null) {
        sampler.close();
      }
      catalog.close();
    } finally {
      backlog.close();
    }
  }
}
