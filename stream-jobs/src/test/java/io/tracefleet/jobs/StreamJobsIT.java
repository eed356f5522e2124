// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs;

import static io.tracefleet.jobs.testing.Batches.OTHER_RUN;
import static io.tracefleet.jobs.testing.Batches.RUN;
import static io.tracefleet.jobs.testing.Batches.batch;
import static io.tracefleet.jobs.testing.Batches.simple;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tracefleet.jobs.testing.Cluster;
import io.tracefleet.jobs.testing.CountPayload;
import io.tracefleet.schemas.Accounting;
import io.tracefleet.schemas.AccountingKey;
import io.tracefleet.schemas.HotBlock;
import io.tracefleet.schemas.HotBlockKey;
import io.tracefleet.schemas.TraceBatch;
import io.tracefleet.schemas.topics.Topics;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The jobs with a real broker. */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class StreamJobsIT {
  private static final Duration LIMIT = Duration.ofSeconds(90);

  @TempDir static Path directory;

  private static Cluster cluster;

  @BeforeAll
  static void startCluster() throws Exception {
    cluster = new Cluster(directory.resolve("kafka"));
  }

  @AfterAll
  static void stopCluster() {
    cluster.close();
  }

  @Test
  void countsAndGoesOnAfterAStop() throws Exception {
    JobsConfig config =
        JobsConfig.of(cluster.bootstrap(), cluster.registry())
            .withState(StateKind.DISK, directory.resolve("state"));
    AccountingKey vcpu = new AccountingKey(RUN, 900);
    try (StreamJobs jobs = StreamJobs.start(config)) {
      assertThat(jobs.state()).isEqualTo(StreamJobs.State.RUNNING);
      cluster.send(batch(900, 0, simple(5)));
      awaitBatches(Map.of(vcpu, 1L));
    }
    cluster.send(batch(900, 1, simple(7)));
    try (StreamJobs jobs = StreamJobs.start(config)) {
      cluster.send(batch(900, 0, simple(5)));
      cluster.send(batch(900, 2, simple(1)));
      awaitBatches(Map.of(vcpu, 3L));
      jobs.close();
      assertThat(jobs.state()).isEqualTo(StreamJobs.State.STOPPED);
      assertThat(jobs.awaitEnd()).isEqualTo(StreamJobs.State.STOPPED);
      assertThat(jobs.failure()).isEmpty();
    }

    assertThat(accounting().get(vcpu))
        .isEqualTo(new Accounting(3L, 3L, 39L, 13L, 0L, 1L, 0L, 0L, 0L, 0L));
  }

  /**
   * Kills the process again and again while batches come; each batch must count once in every
   * result.
   */
  @Test
  void killedJobsCountEachBatchOnce() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Map<AccountingKey, Long> sent = new HashMap<>();
    Map<HotBlockKey, Long> executions = new HashMap<>();
    Process jobs = startProcess(0);
    try {
      for (int kill = 1; kill <= 4; kill++) {
        // At some moment while it counts, so not before it does.
        long counted = countedInAll();
        long limit = System.nanoTime() + LIMIT.toNanos();
        while (countedInAll() == counted && System.nanoTime() < limit) {
          sendSome(20, RUN, random, sent, executions);
        }
        sendSome(random.nextInt(200), RUN, random, sent, executions);
        jobs.destroyForcibly().waitFor();
        sendSome(random.nextInt(20), RUN, random, sent, executions);
        jobs = startProcess(kill);
      }
      awaitBatches(sent);
    } catch (AssertionError e) {
      throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
    } finally {
      jobs.destroy();
      if (!jobs.waitFor(20, TimeUnit.SECONDS)) {
        jobs.destroyForcibly();
      }
    }

    assertThat(jobs.exitValue()).isZero();
    assertThat(counted(RUN)).as("seed %d", seed).isEqualTo(executions);
  }

  /** Partitions move from one instance to the other while batches come. */
  @Test
  void instancesShareTheWork() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Map<AccountingKey, Long> sent = new HashMap<>();
    Map<HotBlockKey, Long> executions = new HashMap<>();
    Map<String, String> settings = new HashMap<>();
    settings.put("bootstrap", cluster.bootstrap());
    settings.put("registry", cluster.registry());
    settings.put("application.id", "shared-jobs");
    settings.put("state.dir", directory.resolve("first").toString());
    JobsConfig first = JobsConfig.parse(settings);
    settings.put("state.dir", directory.resolve("second").toString());
    settings.put("threads", "2");
    JobsConfig second = JobsConfig.parse(settings);

    try (StreamJobs one = StreamJobs.start(first)) {
      sendSome(100, OTHER_RUN, random, sent, executions);
      try (StreamJobs two = StreamJobs.start(second)) {
        sendSome(300, OTHER_RUN, random, sent, executions);
        one.close();
        sendSome(100, OTHER_RUN, random, sent, executions);
        awaitBatches(sent);
        assertThat(two.state()).isEqualTo(StreamJobs.State.RUNNING);
      }
    }

    assertThat(counted(OTHER_RUN)).as("seed %d", seed).isEqualTo(executions);
  }

  @Test
  void saysWhatIsWrongWithTheCluster() {
    JobsConfig noRegistry =
        JobsConfig.of(cluster.bootstrap(), "http://127.0.0.1:1")
            .withTimeouts(Duration.ofSeconds(2), Duration.ofSeconds(2));
    JobsConfig noBroker =
        JobsConfig.of("127.0.0.1:1", cluster.registry())
            .withTimeouts(Duration.ofSeconds(2), Duration.ofSeconds(2));
    JobsConfig badAddress = JobsConfig.of("nonsense", cluster.registry());

    assertThatThrownBy(() -> StreamJobs.start(noRegistry))
        .isInstanceOfSatisfying(
            JobsException.class, e -> assertThat(e.kind()).isEqualTo(JobsException.Kind.CLUSTER))
        .hasMessageContaining("http://127.0.0.1:1");
    assertThatThrownBy(() -> StreamJobs.start(noBroker))
        .isInstanceOfSatisfying(
            JobsException.class, e -> assertThat(e.kind()).isEqualTo(JobsException.Kind.CLUSTER))
        .hasMessageContaining("Start the broker");
    assertThatThrownBy(() -> StreamJobs.start(badAddress))
        .isInstanceOfSatisfying(
            JobsException.class, e -> assertThat(e.kind()).isEqualTo(JobsException.Kind.CONFIG))
        .hasMessageContaining("nonsense");
  }

  private static Map<HotBlockKey, Long> counted(String runId) {
    Map<HotBlockKey, Long> counted = new HashMap<>();
    cluster
        .results(Topics.HOT_BLOCKS, HotBlockKey.class, HotBlock.class)
        .forEach(
            (key, block) -> {
              if (key.getRunId().equals(runId)
                  && key.getVcpu() < 4
                  && key.getWindowStart() == null) {
                counted.put(key, block.getExecutions());
              }
            });
    return counted;
  }

  private static void sendSome(
      int count,
      String runId,
      Random random,
      Map<AccountingKey, Long> sent,
      Map<HotBlockKey, Long> executions)
      throws Exception {
    for (int i = 0; i < count; i++) {
      int vcpu = random.nextInt(4);
      AccountingKey key = new AccountingKey(runId, vcpu);
      long sequence = sent.getOrDefault(key, 0L);
      TraceBatch batch = randomBatch(random, runId, vcpu, sequence, executions);
      cluster.send(batch);
      if (random.nextInt(10) == 0) {
        cluster.send(batch);
      }
      sent.put(key, sequence + 1);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(20)));
    }
  }

  private static long countedInAll() {
    long batches = 0;
    for (Accounting one : accounting().values()) {
      batches += one.getBatches();
    }
    return batches;
  }

  private static TraceBatch randomBatch(
      Random random, String runId, int vcpu, long sequence, Map<HotBlockKey, Long> executions) {
    CountPayload payload = CountPayload.user();
    for (int i = 0; i < 200; i++) {
      long vaddr = 0x1000 + 16L * random.nextInt(2000);
      int count = 1 + random.nextInt(9);
      payload.block(vaddr, 0x11, 3, 9, count);
      executions.merge(new HotBlockKey(runId, vcpu, vaddr, 0x11, 3, null), (long) count, Long::sum);
    }
    TraceBatch batch = batch(vcpu, sequence, payload);
    batch.setRunId(runId);
    return batch;
  }

  private static Process startProcess(int number) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(JobsMain.class.getName());
    command.add("bootstrap=" + cluster.bootstrap());
    command.add("registry=" + cluster.registry());
    command.add("application.id=killed-jobs");
    command.add("commit.interval.ms=300");
    command.add("result.interval.ms=1000");
    // The broker shall soon believe that a killed process is dead.
    command.add("kafka.consumer.session.timeout.ms=2000");
    command.add("kafka.consumer.heartbeat.interval.ms=500");
    command.add("kafka.producer.transaction.timeout.ms=2000");
    command.add("kafka.producer.delivery.timeout.ms=1900");
    command.add("kafka.producer.request.timeout.ms=1500");
    File log = directory.resolve("jobs-" + number + ".log").toFile();
    return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log).start();
  }

  private static Map<AccountingKey, Accounting> accounting() {
    return cluster.results(Topics.ACCOUNTING, AccountingKey.class, Accounting.class);
  }

  private static void awaitBatches(Map<AccountingKey, Long> wanted) throws Exception {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    Map<AccountingKey, Long> counted = new HashMap<>();
    while (System.nanoTime() < deadline) {
      counted.clear();
      accounting()
          .forEach(
              (key, value) -> {
                if (wanted.containsKey(key)) {
                  counted.put(key, value.getBatches());
                }
              });
      if (counted.equals(wanted)) {
        return;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
    }
    StringBuilder logs = new StringBuilder();
    try (var files = Files.newDirectoryStream(directory, "jobs-*.log")) {
      for (Path file : files) {
        String text = Files.readString(file);
        logs.append('\n').append(file.getFileName()).append(":\n");
        logs.append(text, Math.max(0, text.length() - 4000), text.length());
      }
    }
    assertThat(counted).as("batches counted; logs: %s", logs).isEqualTo(wanted);
  }
}
