// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.see;

import io.tracefleet.schemas.BlockDetail;
import io.tracefleet.schemas.BlockKey;
import io.tracefleet.schemas.Instruction;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.TraceBatch;
import io.tracefleet.schemas.serde.SerdeFactory;
import io.tracefleet.schemas.topics.Topics;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A run that goes on, and grows by batches when told to. Used by one thread. */
final class SyntheticRun implements AutoCloseable {
  /** A time-ordered UUID of the first of June 2025. */
  static final String ID = "01972d2f-0000-7000-8000-000000000001";

  static final int BLOCKS = 100_000;

  private static final int BLOCKS_IN_BATCH = 10_000;
  private static final int DESCRIBED_EACH = 10;
  private static final Instant START = Instant.parse("2025-06-01T12:34:56Z");
  private static final long LIMIT_SECONDS = 30;

  private final SerdeFactory serdes;
  private final KafkaProducer<byte[], byte[]> producer;
  private long sequence;
  private long instructions;

  SyntheticRun(Stage stage) {
    this.serdes = stage.serdes();
    this.producer =
        new KafkaProducer<>(
            Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                stage.bootstrap(),
                ProducerConfig.ACKS_CONFIG,
                "all"),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  /** Sends the run's record, all of its blocks, and descriptions of some of them. */
  void begin() throws Exception {
    await(send(Topics.RUNS, ID.getBytes(StandardCharsets.UTF_8), Run.class, record()));
    for (int first = 0; first < BLOCKS; first += BLOCKS_IN_BATCH) {
      grow(first, BLOCKS_IN_BATCH);
    }
    List<Future<?>> sent = new ArrayList<>();
    for (int block = 0; block < BLOCKS; block += DESCRIBED_EACH) {
      sent.add(describe(block));
    }
    for (Future<?> one : sent) {
      await(one);
    }
  }

  /** Sends one batch, and returns when it has been acknowledged. */
  void grow(int firstBlock, int blocks) throws Exception {
    CountedBlocks counted = CountedBlocks.of(firstBlock, blocks);
    TraceBatch batch =
        TraceBatch.newBuilder()
            .setRunId(ID)
            .setVcpu(0)
            .setGeneration(0)
            .setSequence(sequence++)
            .setTarget("x86_64")
            .setSystemEmulation(false)
            .setOpenedAt(START)
            .setSealedAt(START.plusMillis(1))
            .setFirstInstruction(instructions)
            .setInstructions(counted.instructions())
            .setBlocks(counted.executions())
            .setAccesses(0)
            .setCodec(CountedBlocks.CODEC)
            .setPayload(counted.payload())
            .build();
    instructions += counted.instructions();
    byte[] key = (ID + "/0").getBytes(StandardCharsets.UTF_8);
    await(send(Topics.BATCHES, key, TraceBatch.class, batch));
  }

  /** All that was sent. */
  long instructions() {
    return instructions;
  }

  private Future<?> describe(int block) {
    BlockKey key = new BlockKey(ID, CountedBlocks.vaddr(block), CountedBlocks.codeHash(block));
    BlockDetail detail =
        BlockDetail.newBuilder()
            .setRunId(ID)
            .setVaddr(key.getVaddr())
            .setCodeHash(key.getCodeHash())
            .setInstructions(
                List.of(
                    new Instruction(ByteBuffer.wrap(new byte[] {0x0f, 0x05}), "syscall"),
                    new Instruction(ByteBuffer.wrap(new byte[] {(byte) 0x90}), "nop")))
            .setSymbol("function_" + block)
            .setPage(1)
            .setImage("/usr/bin/program")
            .setImageOffset(16L * block)
            .build();
    return send(
        Topics.BLOCKS,
        serdes.keySerializer(BlockKey.class).serialize(Topics.BLOCKS, key),
        BlockDetail.class,
        detail);
  }

  private static Run record() {
    return Run.newBuilder()
        .setRunId(ID)
        .setRootRunId(ID)
        .setNode("node")
        .setName("100,000 blocks")
        .setCommand(List.of("qemu-x86_64", "program"))
        .setTarget("x86_64")
        .setSystemEmulation(false)
        .setQemuVersion("7.2.22")
        .setPluginApiMin(0)
        .setPluginApiCurrent(1)
        .setSmpVcpus(1)
        .setMaxVcpus(1)
        .setMode("count")
        .setWhenFull("block")
        .setStart(START)
        .setPluginVersion("1")
        .build();
  }

  private <T extends SpecificRecord> Future<?> send(
      String topic, byte[] key, Class<T> type, T value) {
    return producer.send(
        new ProducerRecord<>(topic, key, serdes.valueSerializer(type).serialize(topic, value)));
  }

  private static void await(Future<?> sent) throws Exception {
    sent.get(LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    producer.close();
  }
}
