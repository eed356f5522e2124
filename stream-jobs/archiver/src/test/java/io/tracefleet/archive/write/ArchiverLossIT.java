// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.write;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.tracefleet.archive.store.ArchiveStore;
import io.tracefleet.archive.store.StoreLocation;
import io.tracefleet.jobs.testing.ApiClient;
import io.tracefleet.jobs.testing.Cluster;
import io.tracefleet.metrics.MetricsSettings;
import io.tracefleet.metrics.testing.Exposition;
import io.tracefleet.schemas.topics.TopicCreator;
import io.tracefleet.schemas.topics.TopicOptions;
import io.tracefleet.schemas.topics.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Kafka deletes batches that the archiver has not read, while it runs and while it does not. */
@Timeout(300)
class ArchiverLossIT {
  /** Longer than a fetch waits at the broker, so that none is on its way. */
  private static final Duration NO_FETCH = Duration.ofSeconds(2);

  @TempDir static Path directory;

  private static Cluster cluster;
  private static Admin admin;
  private static Guest guest;

  @BeforeAll
  static void startCluster() throws Exception {
    cluster = new Cluster(directory.resolve("kafka"));
    admin = Admin.create(Map.of("bootstrap.servers", cluster.bootstrap()));
    new TopicCreator(admin, Duration.ofSeconds(30))
        .create(Topics.all(TopicOptions.DEFAULTS.withReplication(1)));
    guest = new Guest(Guest.runId(1), cluster, new Random(1));
    guest.begin();
  }

  @AfterAll
  static void stopCluster() {
    admin.close();
    cluster.close();
  }

  private static ArchiveStore store() throws Exception {
    return StoreLocation.parse(directory.resolve("archive").toString(), null).openToWrite();
  }

  private static Archiver open(ArchiveStore store) throws Exception {
    return Archiver.open(
        ArchiverProcess.settings(cluster.bootstrap()).withMetrics(MetricsSettings.ANY_PORT),
        store,
        cluster.serdes());
  }

  private static double lostMetric(Archiver archiver) throws Exception {
    return new Exposition(new ApiClient(archiver.metricsUrl().orElseThrow()).get("/metrics").body())
        .sum("tracefleet_archiver_batches_lost_total");
  }

  @Test
  void batchesDeletedUnderARunningAndAStoppedArchiverAreCountedExactly() throws Exception {
    ListAppender<ILoggingEvent> told = new ListAppender<>();
    told.start();
    Logger logger = (Logger) LoggerFactory.getLogger(TopicSource.class);
    logger.addAppender(told);
    try {
      guest.send(10);
      deleteHalfSince(new HashMap<>());
      try (ArchiveStore store = store();
          Archiver archiver = open(store)) {
        archiver.runOnce(() -> false);
        assertThat(archiver.progress().lost()).as("before the archive began").isZero();
        assertThat(told.list).isEmpty();

        for (int jump = 0; jump < 2; jump++) {
          Thread.sleep(NO_FETCH.toMillis());
          Map<TopicPartition, Long> read = ends();
          long lost = archiver.progress().lost();
          long archived = archiver.progress().batches();
          guest.send(40);
          long deleted = deleteHalfSince(read);
          archiver.runOnce(() -> false);
          assertThat(archiver.progress().lost() - lost).as("while it runs").isEqualTo(deleted);
          assertThat(archiver.progress().batches() - archived).isEqualTo(sent(read) - deleted);
          assertThat(lostMetric(archiver)).isEqualTo(archiver.progress().lost());
        }
        assertThat(told.list)
            .isNotEmpty()
            .allSatisfy(
                line ->
                    assertThat(line.getFormattedMessage())
                        .contains("batches were deleted from Kafka before they were archived"));
      }

      Map<TopicPartition, Long> read = ends();
      guest.send(40);
      long deleted = deleteHalfSince(read);
      try (ArchiveStore store = store();
          Archiver archiver = open(store)) {
        assertThat(lostMetric(archiver)).as("before the first scrape").isEqualTo(deleted);
        archiver.runOnce(() -> false);
        assertThat(archiver.progress().lost()).as("while it was away").isEqualTo(deleted);
        assertThat(archiver.progress().batches()).isEqualTo(sent(read) - deleted);
      }
      try (ArchiveStore store = store();
          Archiver archiver = open(store)) {
        archiver.runOnce(() -> false);
        assertThat(archiver.progress().lost()).as("told once").isZero();
      }
    } finally {
      logger.detachAppender(told);
    }
  }

  /** Deletes the first half of what came since, as retention does; returns how many batches. */
  private static long deleteHalfSince(Map<TopicPartition, Long> since) throws Exception {
    Map<TopicPartition, RecordsToDelete> below = new HashMap<>();
    long deleted = 0;
    for (Map.Entry<TopicPartition, Long> end : ends().entrySet()) {
      long from = since.getOrDefault(end.getKey(), 0L);
      long to = from + (end.getValue() - from + 1) / 2;
      deleted += to - from;
      below.put(end.getKey(), RecordsToDelete.beforeOffset(to));
    }
    admin.deleteRecords(below).all().get();
    assertThat(deleted).isPositive();
    return deleted;
  }

  private static long sent(Map<TopicPartition, Long> since) throws Exception {
    return ends().entrySet().stream()
        .mapToLong(end -> end.getValue() - since.get(end.getKey()))
        .sum();
  }

  private static Map<TopicPartition, Long> ends() throws Exception {
    int partitions =
        admin
            .describeTopics(List.of(Topics.BATCHES))
            .allTopicNames()
            .get()
            .get(Topics.BATCHES)
            .partitions()
            .size();
    return admin
        .listOffsets(
            IntStream.range(0, partitions)
                .boxed()
                .collect(
                    Collectors.toMap(
                        one -> new TopicPartition(Topics.BATCHES, one),
                        one -> OffsetSpec.latest())))
        .all()
        .get()
        .entrySet()
        .stream()
        .collect(Collectors.toMap(Map.Entry::getKey, end -> end.getValue().offset()));
  }
}
