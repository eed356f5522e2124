// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.bench;

import io.tracefleet.archive.store.ArchiveStore;
import io.tracefleet.archive.store.StoreLocation;
import io.tracefleet.archive.write.ArchiveProgress;
import io.tracefleet.archive.write.Archiver;
import io.tracefleet.archive.write.ArchiverSettings;
import io.tracefleet.jobs.testing.Batches;
import io.tracefleet.jobs.testing.Cluster;
import io.tracefleet.jobs.testing.CountPayload;
import io.tracefleet.schemas.Accounting;
import io.tracefleet.schemas.AccountingKey;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.TraceBatch;
import io.tracefleet.schemas.VcpuTotals;
import io.tracefleet.schemas.topics.TopicCreator;
import io.tracefleet.schemas.topics.TopicOptions;
import io.tracefleet.schemas.topics.Topics;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * How fast payloads go from a broker in this JVM to Parquet. Arguments: an empty directory, and how
 * many batches of 512 KiB. Each payload shrinks to about an eighth, as real ones do.
 */
public final class ArchiverBenchmark {
  private static final int PAYLOAD = 512 << 10;
  private static final String RUN = Batches.RUN;

  private ArchiverBenchmark() {}

  /** Prints a line for the chunks, and one for the run's completion. */
  public static void main(String[] arguments) throws Exception {
    Path directory = Path.of(arguments[0]);
    int count = Integer.parseInt(arguments[1]);
    try (Cluster cluster = new Cluster(directory.resolve("kafka"))) {
      try (Admin admin = Admin.create(Map.of("bootstrap.servers", cluster.bootstrap()))) {
        new TopicCreator(admin, Duration.ofSeconds(30))
            .create(Topics.all(TopicOptions.DEFAULTS.withReplication(1)));
      }
      send(cluster, count);
      try (ArchiveStore store =
              StoreLocation.parse(directory.resolve("archive").toString(), null).openToWrite();
          Archiver archiver =
              Archiver.open(
                  ArchiverSettings.of(cluster.bootstrap(), Map.of()), store, cluster.serdes())) {
        long begun = System.nanoTime();
        archiver.runOnce(() -> false);
        print("chunks", archiver.progress(), System.nanoTime() - begun);
        end(cluster, count);
        begun = System.nanoTime();
        while (archiver.progress().runs().isEmpty()) {
          archiver.runOnce(() -> false);
        }
        print("completion", archiver.progress(), System.nanoTime() - begun);
      }
    }
    System.exit(0); // Kafka's threads
  }

  private static void print(String what, ArchiveProgress progress, long nanos) {
    System.out.printf(
        Locale.ROOT,
        "%s: %,d bytes of payload in %.1f s, %.0f MB/s; heap %d of %d MiB%n",
        what,
        progress.payloadBytes(),
        nanos / 1e9,
        progress.payloadBytes() * 1e3 / nanos,
        (Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory()) >> 20,
        Runtime.getRuntime().maxMemory() >> 20);
  }

  private static void send(Cluster cluster, int count) throws Exception {
    Random random = new Random(1);
    byte[] payload = new byte[PAYLOAD];
    for (int i = 0; i < count; i++) {
      for (int at = 0; at < PAYLOAD; at += 64) {
        random.nextInt();
        for (int k = 0; k < 8; k++) {
          payload[at + k] = (byte) random.nextInt();
        }
      }
      TraceBatch batch = Batches.batch(i % 4, i / 4, CountPayload.user());
      batch.setPayload(ByteBuffer.wrap(payload.clone()));
      cluster.send(batch);
    }
  }

  private static void end(Cluster cluster, int count) throws Exception {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", cluster.bootstrap()),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      for (int vcpu = 0; vcpu < 4; vcpu++) {
        producer
            .send(
                new ProducerRecord<>(
                    Topics.ACCOUNTING,
                    cluster
                        .serdes()
                        .keySerializer(AccountingKey.class)
                        .serialize(Topics.ACCOUNTING, new AccountingKey(RUN, vcpu)),
                    cluster
                        .serdes()
                        .valueSerializer(Accounting.class)
                        .serialize(
                            Topics.ACCOUNTING,
                            new Accounting(
                                count / 4L, count / 4L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L))))
            .get();
      }
      producer
          .send(
              new ProducerRecord<>(
                  Topics.RUNS,
                  RUN.getBytes(StandardCharsets.UTF_8),
                  cluster.serdes().valueSerializer(Run.class).serialize(Topics.RUNS, run(count))))
          .get();
    }
  }

  private static Run run(int count) {
    return Run.newBuilder()
        .setRunId(RUN)
        .setRootRunId(RUN)
        .setNode("node")
        .setName("bench")
        .setCommand(List.of())
        .setTarget("x86_64")
        .setSystemEmulation(false)
        .setQemuVersion("7.2")
        .setPluginApiMin(0)
        .setPluginApiCurrent(1)
        .setSmpVcpus(0)
        .setMaxVcpus(0)
        .setMode("full")
        .setWhenFull("block")
        .setStart(Batches.OPENED)
        .setEnd(Batches.OPENED)
        .setTotals(
            List.of(0, 1, 2, 3).stream()
                .map(vcpu -> new VcpuTotals(vcpu, 1, 0L, 0L, 0L, 0L, count / 4L, 0L, 0L))
                .toList())
        .setPluginVersion("1")
        .build();
  }
}
