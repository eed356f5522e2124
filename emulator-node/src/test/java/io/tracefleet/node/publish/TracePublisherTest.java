// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tracefleet.node.config.ExitCode;
import io.tracefleet.node.config.NodeException;
import io.tracefleet.node.qemu.ProcessIdentity;
import io.tracefleet.node.ring.BatchSink;
import io.tracefleet.node.ring.FakeRing;
import io.tracefleet.node.ring.RingReader;
import io.tracefleet.schemas.BlockDetail;
import io.tracefleet.schemas.Instruction;
import io.tracefleet.schemas.TraceBatch;
import io.tracefleet.schemas.topics.Topics;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.metrics.Gauge;
import org.apache.kafka.common.metrics.KafkaMetric;
import org.apache.kafka.common.metrics.MetricConfig;
import org.apache.kafka.common.utils.Time;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TracePublisherTest {
  private static final String RUN = "01890a5d-ac96-774b-bcce-b302099a8057";

  @TempDir private Path directory;
  private final TestKafka kafka = new TestKafka(false);
  private final AtomicInteger rings = new AtomicInteger();
  private TracePublisher publisher;
  private FakeRing fake;
  private RingReader reader;
  private BatchSink sink;

  @BeforeEach
  void open() throws Exception {
    fake = FakeRing.create(directory, RUN, null, new ProcessIdentity(77, 88), 8);
    reader = RingReader.open(fake.path());
    limitInFlight(1 << 20);
  }

  private void limitInFlight(long bytes) throws Exception {
    publisher = kafka.publisher(bytes, rings::incrementAndGet);
    sink = publisher.sink(new RunSource(reader.info(), OptionalLong.empty()));
  }

  @AfterEach
  void close() {
    publisher.close();
    reader.close();
  }

  @Test
  void aBatchTravelsAsAvro() throws Exception {
    fake.generation(2, 3).open(2);
    fake.add(2, 100, 10, 20, 1, "control").seal(2);

    reader.poll(sink);

    TraceBatch batch = kafka.batches().get(0);
    assertThat(kafka.keys(Topics.BATCHES)).containsExactly(RUN + "/2");
    assertThat(batch.getRunId()).isEqualTo(RUN);
    assertThat(batch.getVcpu()).isEqualTo(2);
    assertThat(batch.getGeneration()).isEqualTo(3);
    assertThat(batch.getSequence()).isZero();
    assertThat(batch.getTarget()).isEqualTo("x86_64");
    assertThat(batch.getOpenedAt()).isEqualTo(Instant.ofEpochSecond(1_700_000_000));
    assertThat(batch.getInstructions()).isEqualTo(100);
    assertThat(batch.getBlocks()).isEqualTo(10);
    assertThat(batch.getAccesses()).isEqualTo(20);
    assertThat(batch.getCodec()).isEqualTo(1);
    assertThat(batch.getRescued()).isFalse();
    byte[] payload = batch.getPayload().array();
    assertThat(payload).hasSize(320 + 7);
    assertThat(new String(payload, 320, 7, StandardCharsets.UTF_8)).isEqualTo("control");
  }

  @Test
  void theRecordIsByteForByteWhatConfluentsSerializerWrites() throws Exception {
    fake.open(0);
    fake.add(0, 100, 10, 20, 1, "x".repeat(800)).seal(0);

    reader.poll(sink);

    byte[] written = kafka.sent(Topics.BATCHES).get(0).value();
    byte[] expected =
        kafka
            .serdes
            .valueSerializer(TraceBatch.class)
            .serialize(Topics.BATCHES, kafka.batches().get(0));
    assertThat(written).isEqualTo(expected);
  }

  @Test
  void avrosLongsAreWrittenAsAvroDoes() {
    assertThat(RecordEncoder.zigzag(0)).containsExactly(0);
    assertThat(RecordEncoder.zigzag(63)).containsExactly(126);
    assertThat(RecordEncoder.zigzag(64)).containsExactly(0x80, 1);
    assertThat(RecordEncoder.zigzag(1 << 20)).containsExactly(0x80, 0x80, 0x80, 1);
  }

  @Test
  void aBufferGoesBackWhenTheBrokerHasAcknowledged() throws Exception {
    fake.batch(0, 10);
    reader.poll(sink);
    publisher.poll();
    assertThat(fake.freed()).isZero();

    kafka.acknowledgeAll();
    publisher.poll();

    assertThat(fake.freed()).isEqualTo(1);
    assertThat(rings).hasValue(1);
    assertThat(publisher.counters())
        .isEqualTo(new PublishCounters(10, 1, 2, 1, 320 + "batch of 10".length(), 0));
  }

  @Test
  void whatIsInFlightIsBounded() throws Exception {
    limitInFlight(1500);
    fake.batch(0, 1).batch(0, 2).batch(0, 3);

    reader.poll(sink);
    assertThat(kafka.batches()).hasSize(2);
    reader.poll(sink);
    assertThat(kafka.batches()).hasSize(2);

    kafka.acknowledgeAll();
    publisher.poll();
    reader.poll(sink);
    assertThat(kafka.batches()).extracting(TraceBatch::getSequence).containsExactly(0L, 1L, 2L);
  }

  @Test
  void aBatchLargerThanTheBoundTravelsAlone() throws Exception {
    limitInFlight(10);
    fake.batch(0, 1).batch(0, 2);

    reader.poll(sink);

    assertThat(kafka.batches()).hasSize(1);
  }

  @Test
  void aFailureThatMayPassIsTriedAgainAfterAPause() throws Exception {
    fake.batch(0, 10);
    reader.poll(sink);
    kafka.producer.errorNext(new TimeoutException("no leader"));
    publisher.poll();

    reader.poll(sink);
    assertThat(kafka.batches()).hasSize(1);

    kafka.nanos.addAndGet(250_000_000);
    reader.poll(sink);
    kafka.acknowledgeAll();
    publisher.poll();
    assertThat(kafka.batches()).extracting(TraceBatch::getSequence).containsExactly(0L, 0L);
    assertThat(fake.freed()).isEqualTo(1);
    assertThat(publisher.counters().inFlightBytes()).isZero();
  }

  @Test
  void aFailureThatIsFinalIsOneLine() throws Exception {
    fake.batch(0, 10).batch(0, 20);
    reader.poll(sink);
    kafka.producer.errorNext(new AuthorizationException("not allowed to write"));

    assertThatThrownBy(publisher::poll)
        .isInstanceOfSatisfying(
            NodeException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.REFUSED))
        .hasMessage(
            "Kafka at broker:9092 does not permit this user to do this: not allowed to write."
                + " `tracefleet acls` says what each part needs.");
    assertThatThrownBy(() -> reader.poll(sink)).isInstanceOf(NodeException.class);
    assertThat(fake.freed()).isZero();
  }

  @Test
  void whatTheProducerRefusesAtOnceIsFinal() throws Exception {
    fake.batch(0, 10);
    kafka.producer.sendException = new RecordTooLargeException("2 MiB");

    reader.poll(sink);

    assertThatThrownBy(publisher::poll)
        .isInstanceOf(NodeException.class)
        .hasMessageContaining("RecordTooLargeException");
  }

  @Test
  void blockDetailsBecomeOneRecordEach() throws Exception {
    fake.putText(512, "/bin/guest").putLong(232, 0x401000).putLong(240, 0x402000);
    sink = publisher.sink(new RunSource(reader.info(), OptionalLong.of(0x1000)));
    fake.open(FakeRing.DETAIL_SLOT);
    fake.add(FakeRing.DETAIL_SLOT, 0, 0, 0, 0, detail(0x401010, 7, "main", "nop"))
        .add(FakeRing.DETAIL_SLOT, 0, 0, 0, 0, detail(0x500000, 8, "", "ret"))
        .seal(FakeRing.DETAIL_SLOT);

    reader.poll(sink);

    assertThat(kafka.blocks())
        .containsExactly(
            new BlockDetail(
                RUN,
                0x401010L,
                7,
                List.of(new Instruction(ByteBuffer.wrap(new byte[] {(byte) 0x90}), "nop")),
                "main",
                0x1234L,
                "/bin/guest",
                0x1010L,
                null,
                null,
                null,
                null,
                null),
            new BlockDetail(
                RUN,
                0x500000L,
                8,
                List.of(new Instruction(ByteBuffer.wrap(new byte[] {(byte) 0x90}), "ret")),
                null,
                0x1234L,
                null,
                null,
                null,
                null,
                null,
                null,
                null));
    kafka.producer.completeNext();
    publisher.poll();
    assertThat(fake.freed()).isZero();
    kafka.producer.completeNext();
    publisher.poll();
    assertThat(fake.freed()).isEqualTo(1);
    assertThat(publisher.counters().batches()).isZero();
  }

  private static byte[] detail(long vaddr, int hash, String symbol, String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int length = 4 + 8 + 4 + 2 + 2 + 8 + 2 + symbol.length() + 1 + 1 + 1 + text.length();
    bytes.writeBytes(
        ByteBuffer.allocate(30)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(length)
            .putLong(vaddr)
            .putInt(hash)
            .putShort((short) 1)
            .putShort((short) 1)
            .putLong(0x1234)
            .putShort((short) symbol.length())
            .array());
    bytes.writeBytes(symbol.getBytes(StandardCharsets.UTF_8));
    bytes.writeBytes(new byte[] {1, (byte) 0x90, (byte) text.length()});
    bytes.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    return bytes.toByteArray();
  }

  @Test
  void aProducerThatRefusesOneBlockDetailIsNotAskedForTheOthers() throws Exception {
    fake.open(FakeRing.DETAIL_SLOT);
    for (int i = 0; i < 10; i++) {
      fake.add(FakeRing.DETAIL_SLOT, 0, 0, 0, 0, detail(0x401010 + i, 7, "main", "nop"));
    }
    fake.seal(FakeRing.DETAIL_SLOT).batch(0, 1);
    kafka.producer.sendException = new TimeoutException("no metadata after 2000 ms");
    reader.poll(sink);
    publisher.poll();
    kafka.producer.sendException = null;
    reader.poll(sink);
    assertThat(kafka.producer.history()).isEmpty();

    kafka.nanos.addAndGet(250_000_000);
    reader.poll(sink);
    kafka.acknowledgeAll();
    publisher.poll();

    assertThat(kafka.blocks()).hasSize(10);
    assertThat(kafka.batches()).hasSize(1);
    assertThat(publisher.acknowledged()).isEqualTo(2);
    assertThat(publisher.counters().inFlightBytes()).isZero();
    assertThat(fake.freed()).isEqualTo(2);
  }

  @Test
  void batchesDoNotWaitForWhatCodeIsCalled() throws Exception {
    CountDownLatch named = new CountDownLatch(1);
    ExecutorService detailThread = Executors.newSingleThreadExecutor();
    detailThread.execute(() -> await(named));
    publisher = kafka.publisher(1 << 20, rings::incrementAndGet, detailThread);
    sink = publisher.sink(new RunSource(reader.info(), OptionalLong.empty()));
    fake.open(FakeRing.DETAIL_SLOT);
    fake.add(FakeRing.DETAIL_SLOT, 0, 0, 0, 0, detail(0x401010, 7, "main", "nop"));
    fake.seal(FakeRing.DETAIL_SLOT).batch(0, 1);

    reader.poll(sink);
    publisher.poll();

    assertThat(kafka.batches()).hasSize(1);
    assertThat(kafka.blocks()).isEmpty();
    assertThat(publisher.counters().inFlightBytes()).isPositive();
    named.countDown();
    for (int tries = 0; kafka.blocks().isEmpty() && tries < 1000; tries++) {
      Thread.sleep(10);
      publisher.poll();
    }
    kafka.acknowledgeAll();
    publisher.poll();
    assertThat(kafka.blocks()).hasSize(1);
    assertThat(fake.freed()).isEqualTo(2);
    assertThat(publisher.counters().inFlightBytes()).isZero();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void brokenBlockDetailsAreOneLine() {
    fake.open(FakeRing.DETAIL_SLOT);
    fake.add(FakeRing.DETAIL_SLOT, 0, 0, 0, 0, "nonsense").seal(FakeRing.DETAIL_SLOT);

    assertThatThrownBy(() -> reader.poll(sink))
        .isInstanceOf(NodeException.class)
        .hasMessageStartingWith("run " + RUN + ", block details 0: ");
  }

  @Test
  void wireBytesAreTheProducersForTheBatchesTopic() {
    kafka.producer.setMockMetrics(name(Topics.BATCHES), metric(name(Topics.BATCHES), 1234.0));
    kafka.producer.setMockMetrics(name(Topics.RUNS), metric(name(Topics.RUNS), 99.0));

    assertThat(publisher.wireBytes()).isEqualTo(1234);
  }

  private static MetricName name(String topic) {
    return new MetricName(
        "byte-total", "producer-topic-metrics", "", Map.of("client-id", "x", "topic", topic));
  }

  private static KafkaMetric metric(MetricName name, double value) {
    return new KafkaMetric(
        new Object(),
        name,
        (Gauge<Double>) (config, now) -> value,
        new MetricConfig(),
        Time.SYSTEM);
  }
}
