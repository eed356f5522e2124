// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.write;

import io.tracefleet.jobs.testing.Batches;
import io.tracefleet.jobs.testing.Cluster;
import io.tracefleet.jobs.testing.CountPayload;
import io.tracefleet.schemas.Accounting;
import io.tracefleet.schemas.AccountingKey;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.TraceBatch;
import io.tracefleet.schemas.VcpuTotals;
import io.tracefleet.schemas.topics.Topics;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A run of one vCPU with payloads of any size, which nobody decodes: what the jobs would say of it
 * is sent with it.
 */
final class RecordedGuest {
  private final String runId;
  private final Cluster cluster;
  private final Random random = new Random(1);
  private long batches;
  private TraceBatch previous;

  RecordedGuest(int number, Cluster cluster) {
    this.runId = Guest.runId(number);
    this.cluster = cluster;
  }

  String runId() {
    return runId;
  }

  long batches() {
    return batches;
  }

  void send(int count, int payloadBytes) throws Exception {
    for (int i = 0; i < count; i++) {
      byte[] payload = new byte[payloadBytes];
      random.nextBytes(payload);
      previous = Batches.batch(0, batches++, CountPayload.user());
      previous.setRunId(runId);
      previous.setPayload(ByteBuffer.wrap(payload));
      cluster.send(previous);
    }
  }

  /** The last batch once more. */
  void sendAgain() throws Exception {
    cluster.send(previous);
  }

  /** The run has ended, and all that was sent has been counted. */
  void end() throws Exception {
    counted(0, batches);
    Run run =
        Run.newBuilder()
            .setRunId(runId)
            .setRootRunId(runId)
            .setNode("node-1")
            .setName("guest")
            .setCommand(List.of("qemu-x86_64", "a"))
            .setTarget("x86_64")
            .setSystemEmulation(false)
            .setQemuVersion("7.2.22")
            .setPluginApiMin(0)
            .setPluginApiCurrent(1)
            .setSmpVcpus(1)
            .setMaxVcpus(1)
            .setMode("full")
            .setWhenFull("block")
            .setStart(Batches.OPENED)
            .setPluginVersion("1")
            .setEnd(Batches.OPENED.plusSeconds(60))
            .setExitCode(0)
            .setEndReason("exit")
            .setTotals(
                List.of(
                    VcpuTotals.newBuilder()
                        .setVcpu(0)
                        .setGenerations(1)
                        .setExecuted(0)
                        .setEncoded(0)
                        .setDropped(0)
                        .setPublished(0)
                        .setBatches(batches)
                        .setDroppedBatches(0)
                        .build()))
            .setBatches(batches)
            .build();
    send(
        Topics.RUNS,
        runId.getBytes(StandardCharsets.UTF_8),
        cluster.serdes().valueSerializer(Run.class).serialize(Topics.RUNS, run));
  }

  /** The jobs counted so many batches of a vCPU. */
  void counted(int vcpu, long count) throws Exception {
    send(
        Topics.ACCOUNTING,
        cluster
            .serdes()
            .keySerializer(AccountingKey.class)
            .serialize(Topics.ACCOUNTING, new AccountingKey(runId, vcpu)),
        cluster
            .serdes()
            .valueSerializer(Accounting.class)
            .serialize(
                Topics.ACCOUNTING, new Accounting(count, count, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L)));
  }

  private void send(String topic, byte[] key, byte[] value) throws Exception {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", cluster.bootstrap()),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      producer.send(new ProducerRecord<>(topic, key, value)).get();
    }
  }
}
