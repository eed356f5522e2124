// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.topology;

import static io.tracefleet.jobs.testing.Batches.MINUTE;
import static io.tracefleet.jobs.testing.Batches.OPENED;
import static io.tracefleet.jobs.testing.Batches.RUN;
import static io.tracefleet.jobs.testing.Batches.batch;
import static io.tracefleet.jobs.testing.Batches.simple;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.client.MockSchemaRegistryClient;
import io.tracefleet.jobs.decode.DecodeCounts;
import io.tracefleet.jobs.testing.CountPayload;
import io.tracefleet.jobs.testing.JobsDriver;
import io.tracefleet.schemas.Accounting;
import io.tracefleet.schemas.AccountingKey;
import io.tracefleet.schemas.DeadLetter;
import io.tracefleet.schemas.HotBlock;
import io.tracefleet.schemas.HotBlockKey;
import io.tracefleet.schemas.Hwaddr;
import io.tracefleet.schemas.HwaddrKey;
import io.tracefleet.schemas.Syscall;
import io.tracefleet.schemas.SyscallKey;
import io.tracefleet.schemas.TraceBatch;
import io.tracefleet.schemas.VcpuInstructions;
import io.tracefleet.schemas.VcpuKey;
import io.tracefleet.schemas.serde.SerdeFactory;
import io.tracefleet.schemas.topics.Topics;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceTopologyTest {
  private static final AccountingKey VCPU_0 = new AccountingKey(RUN, 0);

  @TempDir Path directory;

  private JobsDriver jobs;

  @BeforeEach
  void start() {
    jobs = new JobsDriver(directory.resolve("a"));
  }

  @AfterEach
  void stop() {
    jobs.close();
  }

  @Test
  void topologyIsAsDescribed() throws Exception {
    TraceTopology topology =
        new TraceTopology(
            new SerdeFactory(new MockSchemaRegistryClient(), true),
            false,
            1000,
            Duration.ofSeconds(2),
            new DecodeCounts());

    String description = topology.get().describe().toString();

    Path golden = Path.of("src/test/resources/io/tracefleet/jobs/topology/describe.txt");
    assertThat(description).isEqualToIgnoringNewLines(Files.readString(golden));
  }

  @Test
  void hotBlocksOfWholeRunAndWindow() {
    Instant later = OPENED.plusSeconds(60);
    jobs.send(batch(0, 0, simple(5)));
    jobs.send(batch(0, 1, simple(7).block(0x2000, 0x22, 4, 11, 1)));
    jobs.send(batch(0, 2, later, simple(100)));

    jobs.settle();

    Map<HotBlockKey, HotBlock> blocks =
        jobs.results(Topics.HOT_BLOCKS, HotBlockKey.class, HotBlock.class);
    assertThat(blocks)
        .containsOnly(
            entry(block(0x1000, 0x11, 3, null), new HotBlock(3, 9, 112L)),
            entry(block(0x2000, 0x22, 4, null), new HotBlock(4, 11, 1L)),
            entry(block(0x1000, 0x11, 3, MINUTE), new HotBlock(3, 9, 12L)),
            entry(block(0x2000, 0x22, 4, MINUTE), new HotBlock(4, 11, 1L)),
            entry(block(0x1000, 0x11, 3, MINUTE.plusSeconds(60)), new HotBlock(3, 9, 100L)));
  }

  @Test
  void blocksDifferByAddressHashAndInstructions() {
    jobs.send(
        batch(
            0,
            0,
            CountPayload.user()
                .block(0xffff_ffff_8000_0000L, 0xffff_ffff, 1, 1, 1)
                .block(0xffff_ffff_8000_0000L, 0xffff_ffff, 2, 2, 2)
                .block(0xffff_ffff_8000_0000L, 0x7fff_ffff, 1, 1, 3)
                .block(0x8000_0000L, 0xffff_ffff, 1, 1, 4)));

    jobs.settle();

    assertThat(jobs.results(Topics.HOT_BLOCKS, HotBlockKey.class, HotBlock.class))
        .hasSize(8)
        .contains(
            entry(block(0xffff_ffff_8000_0000L, 0xffff_ffff, 1, null), new HotBlock(1, 1, 1L)),
            entry(block(0xffff_ffff_8000_0000L, 0xffff_ffff, 2, null), new HotBlock(2, 2, 2L)),
            entry(block(0xffff_ffff_8000_0000L, 0x7fff_ffff, 1, null), new HotBlock(1, 1, 3L)),
            entry(block(0x8000_0000L, 0xffff_ffff, 1, null), new HotBlock(1, 1, 4L)));
  }

  @Test
  void vcpuInstructionsByGeneration() {
    jobs.send(batch(2, 0, simple(5).accesses(false, 3, 4).accesses(true, 0, 2).idle(1, 2)));
    TraceBatch reused = batch(2, 1, simple(1).accesses(false, 2, 1));
    reused.setGeneration(1);
    jobs.send(reused);

    jobs.settle();

    VcpuInstructions first = new VcpuInstructions(15L, 5L, 4L, 2L, 32L, 2L, 1L, 2L);
    VcpuInstructions second = new VcpuInstructions(3L, 1L, 1L, 0L, 4L, 0L, 0L, 0L);
    assertThat(jobs.results(Topics.VCPU_INSTRUCTIONS, VcpuKey.class, VcpuInstructions.class))
        .containsOnly(
            entry(new VcpuKey(RUN, 2, 0, null), first),
            entry(new VcpuKey(RUN, 2, 0, MINUTE), first),
            entry(new VcpuKey(RUN, 2, 1, null), second),
            entry(new VcpuKey(RUN, 2, 1, MINUTE), second));
  }

  @Test
  void hwaddrOfRamPagesAndDevices() {
    CountPayload payload =
        CountPayload.system()
            .block(0x1000, 0x11, 3, 9, 10)
            .accesses(false, 3, 6)
            .accesses(true, 2, 5)
            .ram(0x1000, 4, 1, 32, 4)
            .ram(0x2000, 1, 1, 8, 4)
            .device("serial", 1, 2, 8, 8)
            .device("RAM", 0, 1, 0, 4);
    jobs.send(batch(1, 0, payload));
    jobs.send(batch(1, 1, payload));

    jobs.settle();

    assertThat(jobs.results(Topics.HWADDR, HwaddrKey.class, Hwaddr.class))
        .containsOnly(
            entry(hwaddr(false, "RAM", null, null), new Hwaddr(10L, 4L, 80L, 16L)),
            entry(hwaddr(false, "RAM", 0x1000L, null), new Hwaddr(8L, 2L, 64L, 8L)),
            entry(hwaddr(false, "RAM", 0x2000L, null), new Hwaddr(2L, 2L, 16L, 8L)),
            entry(hwaddr(true, "serial", null, null), new Hwaddr(2L, 4L, 16L, 16L)),
            entry(hwaddr(true, "RAM", null, null), new Hwaddr(0L, 2L, 0L, 8L)),
            entry(hwaddr(false, "RAM", null, MINUTE), new Hwaddr(10L, 4L, 80L, 16L)),
            entry(hwaddr(true, "serial", null, MINUTE), new Hwaddr(2L, 4L, 16L, 16L)),
            entry(hwaddr(true, "RAM", null, MINUTE), new Hwaddr(0L, 2L, 0L, 8L)));
  }

  @Test
  void syscallsWithNamesOfTheTarget() {
    jobs.send(batch(0, 0, simple(1).syscall(1, 3, 2, 1).syscall(9999, 1, 1, 0)));
    TraceBatch arm = batch(1, 0, simple(1).syscall(1, 1, 0, 0));
    arm.setTarget("aarch64");
    jobs.send(arm);

    jobs.settle();

    Syscall write = new Syscall("write", 3L, 2L, 1L);
    Syscall unknown = new Syscall("sys_9999", 1L, 1L, 0L);
    Syscall armCall = new Syscall("io_destroy", 1L, 0L, 0L);
    assertThat(jobs.results(Topics.SYSCALLS, SyscallKey.class, Syscall.class))
        .containsOnly(
            entry(new SyscallKey(RUN, 0, 1L, null), write),
            entry(new SyscallKey(RUN, 0, 1L, MINUTE), write),
            entry(new SyscallKey(RUN, 0, 9999L, null), unknown),
            entry(new SyscallKey(RUN, 0, 9999L, MINUTE), unknown),
            entry(new SyscallKey(RUN, 1, 1L, null), armCall),
            entry(new SyscallKey(RUN, 1, 1L, MINUTE), armCall));
  }

  @Test
  void accountingCountsWhatWasDropped() {
    TraceBatch batch = batch(0, 0, simple(5).accesses(false, 0, 9));
    batch.setDroppedBatches(3);
    batch.setDroppedInstructions(1000);
    jobs.send(batch);
    jobs.send(batch(0, 1, simple(1)));

    jobs.settle();

    assertThat(jobs.accounting())
        .containsOnly(entry(VCPU_0, new Accounting(2L, 2L, 18L, 6L, 9L, 0L, 0L, 3L, 1000L, 0L)));
  }

  /** Batches tell how much had been passed over until then, in whatever order they come. */
  @Test
  void whatWindowsPassedOverIsTheMostThatABatchTold() {
    for (long[] batch : new long[][] {{1, 70}, {2, 90}, {0, 0}, {2, 900}}) {
      TraceBatch one = batch(0, batch[0], simple(5));
      one.setPassedInstructions(batch[1]);
      jobs.send(one);
    }

    jobs.settle();

    assertThat(jobs.accounting())
        .containsOnly(entry(VCPU_0, new Accounting(3L, 3L, 45L, 15L, 0L, 1L, 0L, 0L, 0L, 90L)));
  }

  @Test
  void aBatchCountsOnceHoweverOftenItArrives() {
    for (int times = 0; times < 3; times++) {
      jobs.send(batch(0, 0, simple(5)));
      jobs.send(batch(0, 1, simple(7)));
    }

    jobs.settle();

    assertThat(jobs.accounting())
        .containsOnly(entry(VCPU_0, new Accounting(2L, 2L, 36L, 12L, 0L, 4L, 0L, 0L, 0L, 0L)));
    assertThat(jobs.results(Topics.HOT_BLOCKS, HotBlockKey.class, HotBlock.class))
        .containsEntry(block(0x1000, 0x11, 3, null), new HotBlock(3, 9, 12L));
    assertThat(jobs.deadLetters()).isEmpty();
  }

  @Test
  void batchesOutOfOrderLeaveHolesUntilTheyAreFilled() {
    jobs.send(batch(0, 4, simple(16)));
    jobs.send(batch(0, 1, simple(2)));
    jobs.send(batch(0, 0, simple(1)));
    jobs.send(batch(0, 4, simple(16)));
    jobs.settle();
    Accounting withHoles = jobs.accounting().get(VCPU_0);
    jobs.send(batch(0, 3, simple(8)));
    jobs.send(batch(0, 2, simple(4)));
    jobs.settle();

    assertThat(withHoles).isEqualTo(new Accounting(3L, 5L, 57L, 19L, 0L, 1L, 0L, 0L, 0L, 0L));
    assertThat(jobs.accounting())
        .containsOnly(entry(VCPU_0, new Accounting(5L, 5L, 93L, 31L, 0L, 1L, 0L, 0L, 0L, 0L)));
  }

  @Test
  void aBrokenPayloadIsADeadLetterAndALaterGoodCopyCounts() {
    TraceBatch broken = batch(0, 1, simple(7));
    byte[] payload = broken.getPayload().array().clone();
    payload[320 + 16]++; // one more execution than the header has
    broken.setPayload(ByteBuffer.wrap(payload));
    jobs.send(batch(0, 0, simple(5)));
    jobs.send(broken);
    jobs.settle();
    Accounting before = jobs.accounting().get(VCPU_0);
    List<TestRecord<byte[], DeadLetter>> letters = jobs.deadLetters();
    jobs.send(batch(0, 1, simple(7)));
    jobs.settle();

    assertThat(before).isEqualTo(new Accounting(1L, 2L, 15L, 5L, 0L, 0L, 1L, 0L, 0L, 0L));
    assertThat(jobs.accounting())
        .containsOnly(entry(VCPU_0, new Accounting(2L, 2L, 36L, 12L, 0L, 0L, 1L, 0L, 0L, 0L)));
    assertThat(letters).hasSize(1);
    DeadLetter letter = letters.get(0).value();
    assertThat(letter.getStage()).isEqualTo("payload");
    assertThat(letter.getReason()).contains("blocks are 7");
    assertThat(letter.getTopic()).isEqualTo(Topics.BATCHES);
    assertThat(letter.getPartition()).isZero();
    assertThat(letter.getOffset()).isEqualTo(1);
    assertThat(letter.getRunId()).isEqualTo(RUN);
    assertThat(letter.getVcpu()).isZero();
    assertThat(letter.getSequence()).isEqualTo(1);
    assertThat(letter.getValue()).isEqualTo(ByteBuffer.wrap(jobs.bytes(broken)));
    assertThat(new String(letters.get(0).key(), StandardCharsets.UTF_8)).isEqualTo(RUN + "/0");
  }

  @Test
  void anotherContentOfASequenceThatCountedIsADuplicate() {
    jobs.send(batch(0, 0, simple(5)));
    jobs.send(batch(0, 0, simple(1_000_000)));

    jobs.settle();

    assertThat(jobs.accounting())
        .containsOnly(entry(VCPU_0, new Accounting(1L, 1L, 15L, 5L, 0L, 1L, 0L, 0L, 0L, 0L)));
    assertThat(jobs.results(Topics.HOT_BLOCKS, HotBlockKey.class, HotBlock.class))
        .containsEntry(block(0x1000, 0x11, 3, null), new HotBlock(3, 9, 5L));
  }

  @Test
  void aBrokenCopyOfABatchThatCountedIsADuplicate() {
    TraceBatch broken = batch(0, 0, simple(5));
    broken.setPayload(ByteBuffer.wrap(new byte[] {1}));
    jobs.send(batch(0, 0, simple(5)));
    jobs.send(broken);

    jobs.settle();

    assertThat(jobs.accounting())
        .containsOnly(entry(VCPU_0, new Accounting(1L, 1L, 15L, 5L, 0L, 1L, 0L, 0L, 0L, 0L)));
    assertThat(jobs.deadLetters()).isEmpty();
  }

  @Test
  void garbageBytesAreDeadLetters() {
    byte[] good = jobs.bytes(batch(0, 0, simple(5)));
    byte[] otherSchema =
        jobs.serdes()
            .valueSerializer(Accounting.class)
            .serialize("other", new Accounting(1L, 1L, 1L, 1L, 1L, 1L, 1L, 1L, 1L, 0L));
    byte[] unknownSchema = good.clone();
    unknownSchema[1] = 0x7f;
    byte[] large = new byte[600_000];
    Arrays.fill(large, (byte) 0x55);
    List<byte[]> garbage =
        Arrays.asList(
            null,
            new byte[0],
            new byte[] {0},
            new byte[] {1, 2, 3},
            Arrays.copyOf(good, good.length - 1),
            Arrays.copyOf(good, 7),
            otherSchema,
            unknownSchema,
            large);

    for (byte[] value : garbage) {
      jobs.send(RUN + "/0", value);
    }
    jobs.send(batch(0, 0, simple(5)));
    jobs.settle();

    assertThat(jobs.accounting())
        .containsOnly(
            entry(
                VCPU_0,
                new Accounting(1L, 1L, 15L, 5L, 0L, 0L, (long) garbage.size(), 0L, 0L, 0L)));
    List<TestRecord<byte[], DeadLetter>> letters = jobs.deadLetters();
    assertThat(letters).hasSize(garbage.size());
    for (int i = 0; i < garbage.size(); i++) {
      DeadLetter letter = letters.get(i).value();
      byte[] value = garbage.get(i) == null ? new byte[0] : garbage.get(i);
      assertThat(letter.getStage()).isEqualTo("wire");
      assertThat(letter.getReason()).isNotBlank().doesNotContain("\n");
      assertThat(letter.getRunId()).isEqualTo(RUN);
      assertThat(letter.getVcpu()).isZero();
      assertThat(letter.getSequence()).isNull();
      assertThat(letter.getOffset()).isEqualTo(i);
      assertThat(letter.getValueLength()).isEqualTo(value.length);
      assertThat(letter.getValue())
          .isEqualTo(ByteBuffer.wrap(value, 0, Math.min(value.length, 524_288)));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nonsense",
        "0190a000-0000-7000-8000-000000000001",
        "0190a000-0000-7000-8000-000000000001/",
        "0190a000-0000-7000-8000-000000000001/-1",
        "0190a000-0000-7000-8000-000000000001/00",
        "0190a000-0000-7000-8000-000000000001/9999999999",
        "0190A000-0000-7000-8000-000000000001/0",
        "1-2-3-4-000000000000000000000000000001/0"
      })
  void aBatchWithoutAProperKeyIsAConflict(String key) {
    jobs.send(key, batch(0, 0, simple(5)));

    jobs.settle();

    assertThat(jobs.accounting()).isEmpty();
    assertThat(jobs.deadLetters())
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(letter.value().getStage()).isEqualTo("conflict");
              assertThat(letter.value().getRunId()).isEqualTo(RUN);
            });
  }

  @Test
  void aHeaderThatContradictsIsAConflict() {
    TraceBatch instructions = batch(0, 0, simple(5));
    instructions.setInstructions(16);
    TraceBatch blocks = batch(0, 1, simple(5));
    blocks.setBlocks(6);
    TraceBatch accesses = batch(0, 2, simple(5));
    accesses.setAccesses(1);
    TraceBatch codec = batch(0, 3, simple(5));
    codec.setCodec(1);
    TraceBatch system = batch(0, 4, simple(5));
    system.setSystemEmulation(true);
    TraceBatch sequence = batch(0, -1, simple(5));
    TraceBatch farSequence = batch(0, Long.MAX_VALUE, simple(5));
    TraceBatch dropped = batch(0, 5, simple(5));
    dropped.setDroppedInstructions(-1);

    List<TraceBatch> all =
        List.of(instructions, blocks, accesses, codec, system, sequence, farSequence, dropped);
    all.forEach(jobs::send);
    jobs.send(RUN + "/1", batch(0, 6, simple(5)));
    jobs.settle();

    assertThat(jobs.deadLetters())
        .hasSize(9)
        .allSatisfy(letter -> assertThat(letter.value().getStage()).isEqualTo("conflict"))
        .anySatisfy(
            letter ->
                assertThat(letter.value().getReason())
                    .isEqualTo("instructions is 16, the payload has 15"));
    assertThat(jobs.accounting())
        .containsOnly(
            entry(VCPU_0, new Accounting(0L, 6L, 0L, 0L, 0L, 0L, 8L, 0L, 0L, 0L)),
            entry(
                new AccountingKey(RUN, 1), new Accounting(0L, 0L, 0L, 0L, 0L, 0L, 1L, 0L, 0L, 0L)));
    assertThat(jobs.results(Topics.HOT_BLOCKS, HotBlockKey.class, HotBlock.class)).isEmpty();
  }

  @Test
  void whatIsDecodedIsCountedForThoseWhoWatch() {
    TraceBatch dropping = batch(0, 4, simple(5));
    dropping.setDroppedBatches(2);
    dropping.setDroppedInstructions(77);
    TraceBatch conflict = batch(0, 5, simple(5));
    conflict.setBlocks(6);
    TraceBatch payload = batch(0, 6, simple(5));
    payload.setPayload(ByteBuffer.wrap(new byte[] {1, 2, 3}));

    jobs.send(batch(0, 0, simple(5)));
    jobs.send(dropping); // 1, 2 and 3 are missing
    jobs.send(batch(0, 2, simple(5)));
    jobs.send(batch(0, 2, simple(5)));
    jobs.send(batch(1, 1, simple(5))); // 0 of another vCPU is missing
    jobs.send(conflict);
    jobs.send(payload);
    jobs.send(RUN + "/0", new byte[] {9, 9});
    jobs.settle();

    DecodeCounts counts = jobs.decoded();
    assertThat(counts.batches()).isEqualTo(4);
    assertThat(counts.instructions()).isEqualTo(4 * 15);
    assertThat(counts.blocks()).isEqualTo(4 * 5);
    assertThat(counts.accesses()).isZero();
    assertThat(counts.payloadBytes()).isEqualTo(4L * batch(0, 0, simple(5)).getPayload().limit());
    assertThat(counts.duplicates()).isEqualTo(1);
    assertThat(counts.gapsOpened()).isEqualTo(4);
    assertThat(counts.gapsFilled()).isEqualTo(1);
    assertThat(counts.droppedBatches()).isEqualTo(2);
    assertThat(counts.droppedInstructions()).isEqualTo(77);
    assertThat(DecodeCounts.stages()).containsExactly("wire", "payload", "conflict");
    assertThat(counts.refused("wire")).isEqualTo(1);
    assertThat(counts.refused("payload")).isEqualTo(1);
    assertThat(counts.refused("conflict")).isEqualTo(1);
  }

  @Test
  void whateverIsLargeInADeadLetterIsCut() {
    String large = "\u00e4\n".repeat(200_000);
    TraceBatch run = batch(0, 0, simple(5));
    run.setRunId(large);
    TraceBatch target = batch(0, 1, simple(5));
    target.setTarget(large);

    jobs.send(RUN + "/0", run);
    jobs.send(RUN + "/0", target);
    jobs.send(large, batch(0, 2, simple(5)));
    jobs.send(large, large.getBytes(StandardCharsets.UTF_8));
    jobs.settle();

    List<TestRecord<byte[], DeadLetter>> letters = jobs.deadLetters();
    assertThat(letters).hasSize(4);
    for (TestRecord<byte[], DeadLetter> letter : letters) {
      byte[] value =
          jobs.serdes().valueSerializer(DeadLetter.class).serialize("topic", letter.value());
      assertThat(letter.key().length + value.length).isLessThan(700_000);
      assertThat(letter.value().getReason()).hasSizeLessThan(1001).doesNotContain("\n");
    }
  }

  @Test
  void endlessHolesAreRefusedAndEndlessWindowsGoOut() {
    for (int i = 0; i < 10_100; i++) {
      jobs.send(batch(0, 2L * i + 1, OPENED.plusSeconds(6L * i), simple(1)));
      if (i % 100 == 0) {
        jobs.changelog(); // else the driver keeps it all
      }
    }
    List<Map.Entry<AccountingKey, Accounting>> before =
        jobs.sent(Topics.ACCOUNTING, AccountingKey.class, Accounting.class);
    jobs.settle();

    assertThat(before).isNotEmpty();
    assertThat(jobs.deadLetters()).hasSize(100);
    assertThat(jobs.accounting())
        .containsOnly(
            entry(
                VCPU_0,
                new Accounting(10_000L, 20_200L, 30_000L, 10_000L, 0L, 0L, 100L, 0L, 0L, 0L)));
  }

  @Test
  void batchesOfAnOlderAndOfANewerSchemaCount() throws Exception {
    Schema now = TraceBatch.getClassSchema();
    List<Schema.Field> older = new ArrayList<>();
    List<Schema.Field> newer = new ArrayList<>();
    for (Schema.Field field : now.getFields()) {
      if (!field.hasDefaultValue()) {
        older.add(new Schema.Field(field, field.schema()));
      }
      newer.add(new Schema.Field(field, field.schema()));
    }
    newer.add(
        1, new Schema.Field("later", Schema.create(Schema.Type.STRING), "Added later.", "none"));

    jobs.send(RUN + "/0", written(batch(0, 0, simple(5)), older));
    jobs.send(RUN + "/0", written(batch(0, 1, simple(7)), newer));
    jobs.settle();

    assertThat(older).hasSizeLessThan(now.getFields().size());
    assertThat(jobs.deadLetters()).isEmpty();
    assertThat(jobs.accounting())
        .containsOnly(entry(VCPU_0, new Accounting(2L, 2L, 36L, 12L, 0L, 0L, 0L, 0L, 0L, 0L)));
  }

  /** The batch as a program with other fields would have written it. */
  private byte[] written(TraceBatch batch, List<Schema.Field> fields) throws Exception {
    Schema now = TraceBatch.getClassSchema();
    Schema schema =
        Schema.createRecord(now.getName(), now.getDoc(), now.getNamespace(), false, fields);
    GenericRecord record = new GenericData.Record(schema);
    for (Schema.Field field : fields) {
      Schema.Field known = now.getField(field.name());
      if (known == null) {
        record.put(field.name(), "something");
      } else if (batch.get(known.pos()) instanceof Instant instant) {
        record.put(field.name(), ChronoUnit.MICROS.between(Instant.EPOCH, instant));
      } else {
        record.put(field.name(), batch.get(known.pos()));
      }
    }
    int id = jobs.registry().register(Topics.BATCHES + "-value", new AvroSchema(schema));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(ByteBuffer.allocate(5).put((byte) 0).putInt(id).array());
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
    new GenericDatumWriter<GenericRecord>(schema).write(record, encoder);
    return out.toByteArray();
  }

  @Test
  void resultsWaitForThePauseOrTheInterval() {
    for (int tick = 0; tick < 20; tick++) {
      jobs.send(batch(0, tick, simple(1)));
      jobs.tick();
    }
    List<Map.Entry<AccountingKey, Accounting>> underLoad =
        jobs.sent(Topics.ACCOUNTING, AccountingKey.class, Accounting.class);
    jobs.tick();
    List<Map.Entry<AccountingKey, Accounting>> afterOneTick =
        jobs.sent(Topics.ACCOUNTING, AccountingKey.class, Accounting.class);
    jobs.tick();
    List<Map.Entry<AccountingKey, Accounting>> atThePause =
        jobs.sent(Topics.ACCOUNTING, AccountingKey.class, Accounting.class);
    jobs.settle();

    // 2 s are eight ticks.
    assertThat(underLoad).extracting(e -> e.getValue().getBatches()).containsExactly(8L, 16L);
    assertThat(afterOneTick).isEmpty();
    assertThat(atThePause).extracting(e -> e.getValue().getBatches()).containsExactly(20L);
    assertThat(jobs.accounting()).as("nothing changed since").isEmpty();
  }

  @Test
  void resultsDoNotWaitForThePauseAfterTheLastBatchOfAVcpu() {
    TraceBatch last = batch(0, 1, simple(1));
    last.setRescued(true);
    jobs.send(batch(0, 0, simple(1)));
    jobs.tick();
    Map<AccountingKey, Accounting> before = jobs.accounting();
    jobs.send(last);
    jobs.tick();

    assertThat(before).isEmpty();
    assertThat(jobs.accounting().get(VCPU_0).getBatches()).isEqualTo(2);
  }

  @Test
  void totalsGoOnAfterARestart() {
    jobs.send(batch(0, 0, simple(5).syscall(1, 1, 1, 0)));
    jobs.send(batch(0, 2, simple(7)));
    jobs.settle();
    jobs.accounting();

    try (JobsDriver again = new JobsDriver(directory.resolve("b"))) {
      again.restore(jobs.changelog());
      again.send(batch(0, 0, simple(5)));
      again.send(batch(0, 2, simple(7)));
      again.send(batch(0, 1, simple(100).syscall(1, 1, 0, 0)));
      again.settle();

      assertThat(again.accounting())
          .containsOnly(entry(VCPU_0, new Accounting(3L, 3L, 336L, 112L, 0L, 2L, 0L, 0L, 0L, 0L)));
      assertThat(again.results(Topics.HOT_BLOCKS, HotBlockKey.class, HotBlock.class))
          .containsOnly(
              entry(block(0x1000, 0x11, 3, null), new HotBlock(3, 9, 112L)),
              entry(block(0x1000, 0x11, 3, MINUTE), new HotBlock(3, 9, 112L)));
      assertThat(again.results(Topics.SYSCALLS, SyscallKey.class, Syscall.class))
          .containsEntry(new SyscallKey(RUN, 0, 1L, null), new Syscall("write", 2L, 1L, 0L));
    }
  }

  @Test
  void resultsThatDidNotGoOutBeforeARestartGoOutAfterIt() {
    jobs.send(batch(0, 0, simple(5)));
    jobs.settle();
    jobs.accounting();
    jobs.send(batch(0, 1, simple(7))); // committed, as the driver does, but not announced
    assertThat(jobs.accounting()).isEmpty();

    try (JobsDriver again = new JobsDriver(directory.resolve("b"))) {
      again.restore(jobs.changelog());
      again.settle();

      assertThat(again.accounting())
          .containsOnly(entry(VCPU_0, new Accounting(2L, 2L, 36L, 12L, 0L, 0L, 0L, 0L, 0L, 0L)));
      assertThat(again.results(Topics.HOT_BLOCKS, HotBlockKey.class, HotBlock.class))
          .containsOnly(
              entry(block(0x1000, 0x11, 3, null), new HotBlock(3, 9, 12L)),
              entry(block(0x1000, 0x11, 3, MINUTE), new HotBlock(3, 9, 12L)));
      again.settle();
      assertThat(again.accounting()).as("they go out once").isEmpty();
    }
  }

  @Test
  void idleRunsAreForgottenAndReadBack() {
    try (JobsDriver small =
        new JobsDriver(directory.resolve("small"), false, 4, Duration.ofSeconds(2))) {
      for (int vcpu = 0; vcpu < 20; vcpu++) {
        small.send(batch(vcpu, 0, simple(vcpu + 1)));
        small.settle();
      }
      small.accounting();
      for (int vcpu = 0; vcpu < 20; vcpu++) {
        small.send(batch(vcpu, 0, simple(vcpu + 1)));
        small.send(batch(vcpu, 1, simple(1)));
      }
      small.settle();

      Map<AccountingKey, Accounting> accounting = small.accounting();
      Map<HotBlockKey, HotBlock> blocks =
          small.results(Topics.HOT_BLOCKS, HotBlockKey.class, HotBlock.class);
      for (int vcpu = 0; vcpu < 20; vcpu++) {
        long executions = vcpu + 2L;
        assertThat(accounting.get(new AccountingKey(RUN, vcpu)))
            .isEqualTo(new Accounting(2L, 2L, 3 * executions, executions, 0L, 1L, 0L, 0L, 0L, 0L));
        assertThat(blocks.get(new HotBlockKey(RUN, vcpu, 0x1000L, 0x11, 3, MINUTE)))
            .isEqualTo(new HotBlock(3, 9, executions));
      }
    }
  }

  @Test
  void stateOnDiskCountsTheSame() {
    try (JobsDriver disk =
        new JobsDriver(directory.resolve("disk"), true, 1, Duration.ofSeconds(2))) {
      disk.send(batch(0, 0, simple(5)));
      disk.settle();
      disk.send(batch(1, 0, simple(1)));
      disk.settle();
      disk.send(batch(0, 1, simple(7)));
      disk.settle();

      assertThat(disk.accounting())
          .containsEntry(VCPU_0, new Accounting(2L, 2L, 36L, 12L, 0L, 0L, 0L, 0L, 0L, 0L));
    }
  }

  private static HotBlockKey block(long vaddr, int hash, int instructions, Instant window) {
    return new HotBlockKey(RUN, 0, vaddr, hash, instructions, window);
  }

  private static HwaddrKey hwaddr(boolean io, String device, Long page, Instant window) {
    return new HwaddrKey(RUN, 1, io, device, page, window);
  }
}
