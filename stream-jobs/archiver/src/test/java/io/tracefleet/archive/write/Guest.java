// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.write;

import io.tracefleet.jobs.testing.Batches;
import io.tracefleet.jobs.testing.Cluster;
import io.tracefleet.jobs.testing.CountPayload;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.TraceBatch;
import io.tracefleet.schemas.VcpuTotals;
import io.tracefleet.schemas.topics.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A run that sends random batches, now and then one of them twice, and its records. */
final class Guest {
  static final int VCPUS = 3;

  private final String runId;
  private final Cluster cluster;
  private final Random random;
  private final long[] sequences = new long[VCPUS];
  private final long[] instructions = new long[VCPUS];
  private long batches;
  private TraceBatch previous;

  Guest(String runId, Cluster cluster, Random random) {
    this.runId = runId;
    this.cluster = cluster;
    this.random = random;
  }

  /** A run id of the second of June 2025 or a later day. */
  static String runId(int number) {
    return String.format("01972d2f-%04x-7000-8000-%012x", number, number);
  }

  String runId() {
    return runId;
  }

  /** Batches sent, each counted once. */
  long batches() {
    return batches;
  }

  long instructions(int vcpu) {
    return instructions[vcpu];
  }

  void send(int count) throws Exception {
    for (int i = 0; i < count; i++) {
      int vcpu = random.nextInt(VCPUS);
      CountPayload payload =
          CountPayload.system()
              .block(0x1000 + 16L * random.nextInt(50), 0x11, 3, 9, 1 + random.nextInt(9))
              .block(-0x7eff_f000L, 0x12, 4, 12, 1 + random.nextInt(5))
              .accesses(false, 3, 5)
              .ram(0x4000, 3, 0, 24, 0)
              .device("serial", 2, 0, 16, 0)
              .syscall(1, 1, 1, 0);
      TraceBatch batch = Batches.batch(vcpu, sequences[vcpu]++, payload);
      batch.setRunId(runId);
      batch.setFirstInstruction(instructions[vcpu]);
      instructions[vcpu] += batch.getInstructions();
      batches++;
      cluster.send(batch);
      previous = batch;
      if (random.nextInt(10) == 0) {
        sendAgain();
      }
    }
  }

  /** The last batch once more. */
  void sendAgain() throws Exception {
    cluster.send(previous);
  }

  void begin() throws Exception {
    send(record().build());
  }

  void end() throws Exception {
    List<VcpuTotals> totals = new ArrayList<>();
    for (int vcpu = 0; vcpu < VCPUS; vcpu++) {
      totals.add(
          VcpuTotals.newBuilder()
              .setVcpu(vcpu)
              .setGenerations(1)
              .setExecuted(instructions[vcpu])
              .setEncoded(instructions[vcpu])
              .setDropped(0)
              .setPublished(instructions[vcpu])
              .setBatches(sequences[vcpu])
              .setDroppedBatches(0)
              .build());
    }
    send(
        record()
            .setEnd(Batches.OPENED.plusSeconds(60))
            .setExitCode(0)
            .setEndReason("exit")
            .setTotals(totals)
            .setBatches(batches)
            .build());
  }

  private Run.Builder record() {
    Instant start = Batches.OPENED;
    return Run.newBuilder()
        .setRunId(runId)
        .setRootRunId(runId)
        .setNode("node-1")
        .setName("it's a \"guest\"")
        .setLabels(Map.of("kind", "test"))
        .setCommand(List.of("qemu-x86_64", "./a,b"))
        .setTarget("x86_64")
        .setSystemEmulation(true)
        .setQemuVersion("7.2.22")
        .setPluginApiMin(0)
        .setPluginApiCurrent(1)
        .setSmpVcpus(VCPUS)
        .setMaxVcpus(VCPUS)
        .setMode("count")
        .setWhenFull("block")
        .setStart(start)
        .setPluginVersion("1");
  }

  private void send(Run run) throws Exception {
    byte[] value = cluster.serdes().valueSerializer(Run.class).serialize(Topics.RUNS, run);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", cluster.bootstrap()),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      producer
          .send(new ProducerRecord<>(Topics.RUNS, runId.getBytes(StandardCharsets.UTF_8), value))
          .get();
    }
  }
}
