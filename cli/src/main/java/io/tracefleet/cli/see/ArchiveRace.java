// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.see;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tracefleet.cli.console.CommandException;
import io.tracefleet.cli.console.Exit;
import io.tracefleet.jobs.JobsConfig;
import io.tracefleet.jobs.StreamJobs;
import io.tracefleet.schemas.topics.Topics;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Jobs and archiver, one after the other, on the same topic from its beginning to its end. The jobs
 * have one thread in this JVM, which is warm; the archiver has a JVM of its own, which warms up
 * before. Used by one thread.
 */
final class ArchiveRace implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final long PAUSE_MILLIS = 20;
  private static final String HEAP = "-Xmx256m";

  private final Stage stage;
  private final Path scratch;
  private final Admin admin;
  private final long payloadBytes;
  private int number;

  /**
   * @param scratch an empty directory
   * @param payloadBytes in the topic, of runs that have ended and been aggregated
   */
  ArchiveRace(Stage stage, Path scratch, long payloadBytes) {
    this.stage = stage;
    this.scratch = scratch;
    this.payloadBytes = payloadBytes;
    this.admin =
        Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, stage.bootstrap()));
  }

  /** Bytes of payload per second of jobs that begin anew. */
  double jobs() throws Exception {
    number++;
    String id = "bench-" + number;
    JobsConfig config =
        JobsConfig.parse(
            Map.of(
                "bootstrap", stage.bootstrap(),
                "registry", stage.registry(),
                "application.id", id,
                "commit.interval.ms", "200",
                "state.dir", scratch.resolve(id).toString()));
    Map<TopicPartition, Long> ends = ends();
    try (StreamJobs jobs = StreamJobs.start(config)) {
      long begun = System.nanoTime();
      while (!reached(id, ends)) {
        if (jobs.failure().isPresent()) {
          throw new CommandException(Exit.FAILURE, "The jobs failed: " + jobs.failure().get());
        }
        if (System.nanoTime() - begun > LIMIT.toNanos()) {
          throw new CommandException(
              Exit.FAILURE, "The jobs did not read the topic within " + LIMIT.toSeconds() + " s.");
        }
        Thread.sleep(PAUSE_MILLIS);
      }
      return payloadBytes * 1e9 / (System.nanoTime() - begun);
    }
  }

  private Map<TopicPartition, Long> ends() throws Exception {
    Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
    admin
        .describeTopics(List.of(Topics.BATCHES))
        .allTopicNames()
        .get(LIMIT.toSeconds(), TimeUnit.SECONDS)
        .get(Topics.BATCHES)
        .partitions()
        .forEach(
            one ->
                latest.put(
                    new TopicPartition(Topics.BATCHES, one.partition()), OffsetSpec.latest()));
    Map<TopicPartition, Long> ends = new HashMap<>();
    for (Map.Entry<TopicPartition, ListOffsetsResultInfo> end :
        admin.listOffsets(latest).all().get(LIMIT.toSeconds(), TimeUnit.SECONDS).entrySet()) {
      if (end.getValue().offset() > 0) {
        ends.put(end.getKey(), end.getValue().offset());
      }
    }
    return ends;
  }

  private boolean reached(String group, Map<TopicPartition, Long> ends) throws Exception {
    Map<TopicPartition, OffsetAndMetadata> committed =
        admin
            .listConsumerGroupOffsets(group)
            .partitionsToOffsetAndMetadata()
            .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    return ends.entrySet().stream()
        .allMatch(
            end -> {
              OffsetAndMetadata offset = committed.get(end.getKey());
              return offset != null && offset.offset() >= end.getValue();
            });
  }

  /** Bytes of payload per second of archivers that begin anew; the first warms its JVM up. */
  List<Double> archivers(int rounds) throws Exception {
    Path directory = Files.createDirectories(scratch.resolve("archives"));
    Path json = directory.resolve("done.json");
    Path log = directory.resolve("log");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                HEAP,
                "-XX:+UseSerialGC",
                "-Djava.io.tmpdir=" + directory,
                "-cp",
                System.getProperty("java.class.path"),
                ArchiverMain.class.getName(),
                stage.bootstrap(),
                stage.registry(),
                directory.toString(),
                Integer.toString(1 + rounds),
                json.toString())
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      long seconds = LIMIT.toSeconds() * (1 + rounds);
      if (!process.waitFor(seconds, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw failed("did not archive: " + lastLine(log));
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
    List<Double> rates = new ArrayList<>();
    for (ArchiverMain.Done done :
        new ObjectMapper().readValue(json.toFile(), ArchiverMain.Done[].class)) {
      if (done.payloadBytes() != payloadBytes || done.open() != 0) {
        throw failed(
            "archived %d of %d bytes of payload, and left %d runs open"
                .formatted(done.payloadBytes(), payloadBytes, done.open()));
      }
      rates.add(payloadBytes / done.seconds());
    }
    return rates.subList(1, rates.size());
  }

  private static CommandException failed(String what) {
    return new CommandException(Exit.FAILURE, "The archiver with " + HEAP + " " + what + ".");
  }

  private static String lastLine(Path log) throws IOException {
    List<String> lines = Files.readAllLines(log);
    return lines.isEmpty() ? "it said nothing" : lines.get(lines.size() - 1);
  }

  @Override
  public void close() {
    admin.close();
  }
}
