// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.findify.s3mock.S3Mock;
import io.tracefleet.archive.read.ArchiveDatabase;
import io.tracefleet.archive.store.ArchiveException;
import io.tracefleet.archive.store.ArchiveStore;
import io.tracefleet.archive.store.StoreLocation;
import io.tracefleet.jobs.JobsConfig;
import io.tracefleet.jobs.StreamJobs;
import io.tracefleet.jobs.testing.Cluster;
import io.tracefleet.schemas.Accounting;
import io.tracefleet.schemas.AccountingKey;
import io.tracefleet.schemas.topics.Topics;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/** An archive in a bucket of an S3 server. */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class S3ArchiveIT {
  private static final long LIMIT = Duration.ofSeconds(60).toNanos();
  private static final List<String> PROPERTIES =
      List.of("user.home", "aws.accessKeyId", "aws.secretAccessKey");

  @TempDir static Path directory;

  private static final List<String> saved = new ArrayList<>();
  private static Cluster cluster;
  private static StreamJobs jobs;
  private static S3Mock server;
  private static String endpoint;

  @BeforeAll
  static void start() throws Exception {
    PROPERTIES.forEach(name -> saved.add(System.getProperty(name)));
    System.setProperty("user.home", directory.toString()); // of the cache
    System.setProperty("aws.accessKeyId", "test");
    System.setProperty("aws.secretAccessKey", "test");
    server = new S3Mock.Builder().withPort(0).withInMemoryBackend().build();
    endpoint = "http://127.0.0.1:" + server.start().localAddress().getPort();
    try (S3Client client =
        S3Client.builder()
            .endpointOverride(URI.create(endpoint))
            .region(Region.US_EAST_1)
            .forcePathStyle(true)
            .httpClientBuilder(UrlConnectionHttpClient.builder())
            .build()) {
      client.createBucket(request -> request.bucket("traces"));
    }
    cluster = new Cluster(directory.resolve("kafka"));
    jobs =
        StreamJobs.start(
            JobsConfig.parse(
                Map.of(
                    "bootstrap",
                    cluster.bootstrap(),
                    "registry",
                    cluster.registry(),
                    "result.interval.ms",
                    "250",
                    "commit.interval.ms",
                    "100")));
  }

  @AfterAll
  static void stop() {
    jobs.close();
    cluster.close();
    server.shutdown();
    for (int i = 0; i < saved.size(); i++) {
      if (saved.get(i) == null) {
        System.clearProperty(PROPERTIES.get(i));
      } else {
        System.setProperty(PROPERTIES.get(i), saved.get(i));
      }
    }
  }

  @Test
  void stoppedAtEachChangeNoRowIsThereTwiceOrMissing() throws Exception {
    StoreLocation place = StoreLocation.parse("s3://traces/some/where", endpoint);
    List<Guest> guests = new ArrayList<>();
    int stops = 0;
    for (int change = 1; change <= 18; change++) {
      Guest guest = new Guest(Guest.runId(1000 + change), cluster, new Random(change));
      guests.add(guest);
      guest.begin();
      guest.send(8);
      guest.end();
      awaitAggregated(guest);
      try (ArchiveStore store = place.openToWrite();
          StoppingStore stopping = new StoppingStore(store, change, change % 2 == 0);
          Archiver archiver =
              Archiver.open(
                  ArchiverProcess.settings(cluster.bootstrap()), stopping, cluster.serdes())) {
        archiver.runOnce(() -> false);
      } catch (StoppingStore.Stopped e) {
        stops++;
      }
    }
    try (ArchiveStore store = place.openToWrite();
        Archiver archiver =
            Archiver.open(ArchiverProcess.settings(cluster.bootstrap()), store, cluster.serdes())) {
      archiver.runOnce(() -> false);
    }
    deleteCache();

    assertThat(stops).isGreaterThan(15);
    try (ArchiveStore store = place.openToRead();
        ArchiveDatabase database = ArchiveDatabase.open(store, 256, null, null)) {
      for (Guest guest : guests) {
        String where = " WHERE run_id = '" + guest.runId() + "'";
        assertThat(database.duck().run("SELECT count(*) FROM batches" + where))
            .isEqualTo(guest.batches());
        assertThat(
                database.duck().run("SELECT count(DISTINCT (vcpu, sequence)) FROM batches" + where))
            .isEqualTo(guest.batches());
        for (int vcpu = 0; vcpu < Guest.VCPUS; vcpu++) {
          assertThat(
                  database
                      .duck()
                      .run(
                          "SELECT coalesce(sum(executions * instructions), 0) FROM hot_blocks"
                              + where
                              + " AND vcpu = "
                              + vcpu))
              .isEqualTo(guest.instructions(vcpu));
        }
      }
      assertThat(database.duck().run("SELECT count(*) FROM runs")).isEqualTo(guests.size());
    }
  }

  @Test
  void saysWhatIsWrongWithTheBucket() throws Exception {
    try (ArchiveStore store = StoreLocation.parse("s3://nowhere/prefix", endpoint).openToRead()) {
      assertThatThrownBy(() -> store.list(""))
          .isInstanceOf(ArchiveException.class)
          .hasMessageContaining("s3://nowhere/prefix/")
          .hasMessageContaining("check bucket");
    }
    assertThatThrownBy(() -> StoreLocation.parse("s3:/traces", null))
        .hasMessageContaining("s3://BUCKET/PREFIX");
    assertThatThrownBy(() -> StoreLocation.parse("s3://traces", "nonsense"))
        .hasMessageContaining("http://HOST:PORT");
  }

  /** So that everything is fetched. */
  private static void deleteCache() throws Exception {
    try (Stream<Path> files = Files.walk(directory.resolve(".cache"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.delete(file);
      }
    }
  }

  private static void awaitAggregated(Guest guest) {
    long deadline = System.nanoTime() + LIMIT;
    while (System.nanoTime() < deadline) {
      long batches =
          cluster
              .results(Topics.ACCOUNTING, AccountingKey.class, Accounting.class)
              .entrySet()
              .stream()
              .filter(entry -> entry.getKey().getRunId().equals(guest.runId()))
              .mapToLong(entry -> entry.getValue().getBatches())
              .sum();
      if (batches == guest.batches()) {
        return;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
    }
    throw new AssertionError("run " + guest.runId() + " was not aggregated");
  }
}
