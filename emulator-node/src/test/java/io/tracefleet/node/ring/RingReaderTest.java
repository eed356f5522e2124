// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tracefleet.node.config.TraceMode;
import io.tracefleet.node.config.TraceWish;
import io.tracefleet.node.qemu.ProcessIdentity;
import io.tracefleet.node.ring.RingLayout.Slot;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RingReaderTest {
  private static final String RUN = "01890a5d-ac96-774b-bcce-b302099a8057";
  private static final long NOW = 1_800_000_000_000_000L;

  @TempDir private Path directory;
  private FakeRing fake;
  private RingReader reader;
  private final List<RingBatch> taken = new ArrayList<>();

  @BeforeEach
  void openRing() throws Exception {
    fake = FakeRing.create(directory, RUN, null, new ProcessIdentity(77, 88), 4);
    reader = RingReader.open(fake.path());
  }

  @AfterEach
  void closeRing() {
    reader.close();
  }

  private int poll() throws Exception {
    return reader.poll(taken::add);
  }

  private static String columns(RingBatch batch) {
    byte[] payload = new byte[batch.payloadSize() + 3];
    batch.copyPayload(payload, 3);
    return new String(Arrays.copyOfRange(payload, 3 + 320, payload.length), StandardCharsets.UTF_8);
  }

  private static ByteBuffer payload(RingBatch batch) {
    byte[] payload = new byte[batch.payloadSize()];
    batch.copyPayload(payload, 0);
    return ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Test
  void aSealedBatchIsItsSlotsPayloadAndItsColumns() throws Exception {
    fake.open(1);
    fake.add(1, 100, 10, 20, 0, "definitions")
        .add(1, 1, 0, 0, 2, "memory")
        .running(1, 3, 5)
        .seal(1);

    assertThat(poll()).isEqualTo(1);

    RingBatch batch = taken.get(0);
    assertThat(batch.vcpu()).isEqualTo(1);
    assertThat(batch.sequence()).isZero();
    assertThat(batch.instructions()).isEqualTo(104);
    assertThat(batch.blocks()).isEqualTo(10);
    assertThat(batch.accesses()).isEqualTo(20);
    assertThat(batch.codec()).isEqualTo(1);
    assertThat(batch.rescued()).isFalse();
    assertThat(batch.sealedMicros()).isEqualTo(batch.openedMicros() + 7);
    assertThat(columns(batch)).isEqualTo("definitionsmemory");
    ByteBuffer payload = payload(batch);
    assertThat(payload.getInt(0)).isEqualTo(1);
    assertThat(payload.getLong(8)).isEqualTo(104);
    assertThat(payload.getInt(80)).isEqualTo("definitions".length());
    assertThat(payload.getInt(88)).isEqualTo("memory".length());
  }

  @Test
  void anOpenBatchIsLeftAlone() throws Exception {
    fake.open(0);
    fake.add(0, 100, 10, 20, 0, "definitions");

    assertThat(poll()).isZero();
  }

  @Test
  void aBufferGoesBackOnlyWhenItsBatchHasArrived() throws Exception {
    fake.batch(0, 10);
    poll();
    assertThat(fake.bufferState(0)).isEqualTo(RingLayout.BUFFER_SEALED);
    assertThat(fake.freed()).isZero();

    taken.get(0).acknowledged();

    assertThat(fake.bufferState(0)).isEqualTo(RingLayout.BUFFER_FREE);
    assertThat(fake.freed()).isEqualTo(1);
  }

  @Test
  void aBatchIsOfferedOnceWhileItIsOnItsWay() throws Exception {
    fake.batch(0, 10);
    poll();

    assertThat(poll()).isZero();
  }

  @Test
  void whatWasPassedOverCountsAsExecuted() throws Exception {
    fake.putLong(FakeRing.slot(0) + Slot.PASSED_INSTRUCTIONS, 70).batch(0, 10);
    fake.putLong(FakeRing.slot(1) + Slot.PASSED_INSTRUCTIONS, 5);
    fake.put(FakeRing.slot(1) + Slot.STATE, RingLayout.SLOT_LIVE);
    poll();
    taken.get(0).acknowledged();
    reader.complete(1);

    assertThat(taken.get(0).passedInstructions()).isEqualTo(70);
    assertThat(reader.tallies())
        .containsExactly(
            new VcpuTally(0, 1, 80, 10, 0, 10, 1, 0, 70), new VcpuTally(1, 1, 5, 0, 0, 0, 0, 0, 5));
  }

  @Test
  void whatIsWantedIsReadBackAsItWasWritten() throws Exception {
    TraceWish wish =
        new TraceWish(
            TraceMode.COUNT,
            List.of(new TraceWish.AddressRange(16, -16)),
            List.of(0, 63),
            List.of(new TraceWish.Window(5, 10, 0), new TraceWish.Window(0, 1, 100)),
            0,
            "");
    reader.want(wish);

    assertThat(reader.traced()).isEqualTo(wish);
  }

  @Test
  void aFailedBatchIsOfferedAgainAndCountedOnce() throws Exception {
    fake.batch(0, 10);
    poll();
    taken.get(0).failed();

    assertThat(poll()).isEqualTo(1);

    assertThat(taken.get(1)).isSameAs(taken.get(0));
    taken.get(1).acknowledged();
    assertThat(reader.tallies()).containsExactly(new VcpuTally(0, 1, 10, 10, 0, 10, 1, 0, 0));
  }

  @Test
  void failedBatchesComeBeforeLaterOnesAndInTheirOrder() throws Exception {
    fake.batch(0, 10).batch(0, 20).batch(0, 30);
    reader.poll(batch -> taken.size() < 2 && taken.add(batch));
    taken.get(0).failed();
    taken.get(1).failed();

    poll();

    assertThat(taken).extracting(RingBatch::sequence).containsExactly(0L, 1L, 0L, 1L, 2L);
  }

  @Test
  void whatASinkHasNoRoomForStays() throws Exception {
    fake.batch(0, 10).batch(0, 20);

    assertThat(reader.poll(batch -> taken.size() < 1 && taken.add(batch))).isEqualTo(1);
    assertThat(poll()).isEqualTo(1);

    assertThat(taken).extracting(RingBatch::sequence).containsExactly(0L, 1L);
  }

  @Test
  void batchesOfASlotComeInTheOrderOfTheirSequencesWhateverTheirBuffers() throws Exception {
    // given: sequences 0..3 in buffers 0..3; 0 and 1 go back, so that 4 is in buffer 1 and 5 in
    // buffer 0
    fake.batch(0, 1).batch(0, 2).batch(0, 3).batch(0, 4);
    poll();
    taken.get(1).acknowledged();
    fake.batch(0, 5);
    taken.get(0).acknowledged();
    fake.batch(0, 6);

    poll();

    assertThat(taken).extracting(RingBatch::sequence).containsExactly(0L, 1L, 2L, 3L, 4L, 5L);
    assertThat(taken)
        .extracting(RingBatch::firstInstruction)
        .containsExactly(0L, 1L, 3L, 6L, 10L, 15L);
  }

  @Test
  void aBatchWaitsForTheOneBeforeItThatWasSealedWhileLooking() throws Exception {
    // given: buffer 0 holds sequence 0, which a look that had passed it did not see yet
    fake.batch(0, 1).batch(0, 2);
    fake.bufferState(0, RingLayout.BUFFER_OPEN);
    assertThat(poll()).isZero();
    fake.bufferState(0, RingLayout.BUFFER_SEALED);

    poll();

    assertThat(taken).extracting(RingBatch::sequence).containsExactly(0L, 1L);
  }

  @Test
  void whatADeadProcessLeftOpenIsRescued() throws Exception {
    fake.batch(0, 10);
    fake.open(0);
    fake.add(0, 30, 3, 4, 1, "torn").running(0, 2, 9);

    assertThat(reader.complete(NOW)).isZero();
    poll();

    RingBatch rescued = taken.get(1);
    assertThat(rescued.rescued()).isTrue();
    assertThat(rescued.sequence()).isEqualTo(1);
    assertThat(rescued.instructions()).isEqualTo(32);
    assertThat(rescued.firstInstruction()).isEqualTo(10);
    assertThat(rescued.sealedMicros()).isEqualTo(NOW);
    assertThat(columns(rescued)).isEqualTo("torn");
    assertThat(payload(rescued).getInt(4)).isEqualTo(RingLayout.SLOT_FLAG_UNSEALED);
    taken.forEach(RingBatch::acknowledged);
    assertThat(reader.isDone()).isTrue();
    assertThat(reader.tallies()).containsExactly(new VcpuTally(0, 1, 42, 42, 0, 42, 2, 0, 0));
  }

  @Test
  void anOpenBatchInWhichNothingHappenedIsNotSent() throws Exception {
    fake.batch(0, 10);
    fake.open(0);

    reader.complete(NOW);

    assertThat(poll()).isEqualTo(1);
  }

  @Test
  void aProcessKilledBetweenSealingAndStartingOverLosesAndDoublesNothing() throws Exception {
    fake.open(0);
    fake.add(0, 30, 3, 4, 1, "whole").snapshot(0);

    reader.complete(NOW);
    poll();

    assertThat(taken).hasSize(1);
    assertThat(taken.get(0).rescued()).isFalse();
    taken.get(0).acknowledged();
    assertThat(reader.tallies()).containsExactly(new VcpuTally(0, 1, 30, 30, 0, 30, 1, 0, 0));
  }

  @Test
  void theSameWhenTheSealedBatchHadAlreadyArrived() throws Exception {
    fake.open(0);
    fake.add(0, 30, 3, 4, 1, "whole").snapshot(0);
    poll();
    taken.get(0).acknowledged();

    reader.complete(NOW);

    assertThat(poll()).isZero();
    assertThat(reader.isDone()).isTrue();
    assertThat(reader.tallies()).containsExactly(new VcpuTally(0, 1, 30, 30, 0, 30, 1, 0, 0));
  }

  @Test
  void whatWasDroppedTravelsInTheNextBatch() throws Exception {
    fake.batch(0, 1).batch(0, 2).batch(0, 3).batch(0, 4); // the ring is full
    fake.batch(0, 100).batch(0, 200); // dropped
    poll();
    taken.get(0).acknowledged();
    fake.batch(0, 5);

    poll();

    RingBatch batch = taken.get(4);
    assertThat(batch.sequence()).isEqualTo(4);
    assertThat(batch.firstInstruction()).isEqualTo(310);
    assertThat(batch.droppedBatches()).isEqualTo(2);
    assertThat(batch.droppedInstructions()).isEqualTo(300);
    assertThat(batch.droppedBlocks()).isEqualTo(2);
    assertThat(batch.droppedAccesses()).isEqualTo(4);
    taken.subList(1, 5).forEach(RingBatch::acknowledged);
    assertThat(reader.tallies()).containsExactly(new VcpuTally(0, 1, 315, 15, 300, 15, 5, 2, 0));
  }

  @Test
  void whatADeadProcessDroppedTravelsInAnEmptyBatch() throws Exception {
    fake.batch(0, 1).batch(0, 2).batch(0, 3).batch(0, 4);
    fake.batch(0, 100); // dropped
    fake.open(0); // will be dropped, too: it has no buffer
    fake.add(0, 50, 5, 6, 1, "lost");

    reader.complete(NOW);
    poll();

    RingBatch last = taken.get(4);
    assertThat(last.sequence()).isEqualTo(4);
    assertThat(last.instructions()).isZero();
    assertThat(last.firstInstruction()).isEqualTo(160);
    assertThat(last.droppedBatches()).isEqualTo(2);
    assertThat(last.droppedInstructions()).isEqualTo(150);
    assertThat(last.droppedBlocks()).isEqualTo(6);
    assertThat(last.droppedAccesses()).isEqualTo(8);
    assertThat(last.payloadSize()).isEqualTo(320);
    assertThat(payload(last).getLong(8)).isZero();
    assertThat(payload(last).getInt(84)).isZero();
    taken.forEach(RingBatch::acknowledged);
    assertThat(reader.tallies()).containsExactly(new VcpuTally(0, 1, 160, 10, 150, 10, 5, 2, 0));
  }

  @Test
  void slotsAndGenerationsAreCountedApart() throws Exception {
    fake.batch(0, 10).generation(0, 1).batch(0, 20).batch(3, 7);

    poll();
    taken.forEach(RingBatch::acknowledged);

    assertThat(taken).extracting(RingBatch::generation).containsExactlyInAnyOrder(0, 1, 0);
    assertThat(reader.tallies())
        .containsExactly(
            new VcpuTally(0, 2, 30, 30, 0, 30, 2, 0, 0), new VcpuTally(3, 1, 7, 7, 0, 7, 1, 0, 0));
    assertThat(reader.payloadBytes())
        .isEqualTo(3 * 320 + "batch of 10batch of 20batch of 7".length());
  }

  @Test
  void blockDetailsAreNoVcpus() throws Exception {
    fake.open(FakeRing.DETAIL_SLOT);
    fake.add(FakeRing.DETAIL_SLOT, 0, 0, 0, 0, "records").seal(FakeRing.DETAIL_SLOT);

    poll();
    taken.get(0).acknowledged();

    assertThat(taken.get(0).isDetail()).isTrue();
    assertThat(reader.tallies()).isEmpty();
    assertThat(reader.payloadBytes()).isZero();
  }

  @Test
  void blockDetailsOfADeadProcessAreRescued() throws Exception {
    fake.open(FakeRing.DETAIL_SLOT);
    fake.add(FakeRing.DETAIL_SLOT, 0, 0, 0, 0, "records");

    reader.complete(NOW);
    poll();

    assertThat(columns(taken.get(0))).isEqualTo("records");
  }

  @Test
  void anotherNodeGoesOnWhereADeadOneEnded() throws Exception {
    // given: a node took 0 to 2, of which 0 and 1 arrived; it saw 3 never
    fake.batch(0, 10).batch(0, 20).batch(0, 30);
    poll();
    taken.get(0).acknowledged();
    taken.get(1).acknowledged();
    reader.close();
    taken.clear();
    fake.batch(0, 40);
    fake.open(0);
    fake.add(0, 5, 1, 0, 1, "open");

    reader = RingReader.adopt(fake.path());
    reader.complete(NOW);
    poll();
    taken.forEach(RingBatch::acknowledged);

    assertThat(taken).extracting(RingBatch::sequence).containsExactly(2L, 3L, 4L);
    assertThat(reader.tallies()).containsExactly(new VcpuTally(0, 1, 105, 105, 0, 105, 5, 0, 0));
  }

  @Test
  void anotherNodeAlsoTakesOverARunThatGoesOn() throws Exception {
    fake.batch(0, 10).batch(1, 3);
    poll();
    taken.forEach(RingBatch::acknowledged);
    reader.close();
    taken.clear();

    reader = RingReader.adopt(fake.path());
    fake.batch(0, 20).batch(2, 4);
    poll();
    taken.forEach(RingBatch::acknowledged);

    assertThat(taken).extracting(RingBatch::sequence).containsExactly(1L, 0L);
    assertThat(reader.tallies())
        .containsExactly(
            new VcpuTally(0, 1, 30, 30, 0, 30, 2, 0, 0),
            new VcpuTally(1, 1, 3, 3, 0, 3, 1, 0, 0),
            new VcpuTally(2, 1, 4, 4, 0, 4, 1, 0, 0));
  }

  @Test
  void missingBatchesOfADeadProcessAreCountedAndTheOthersPublished() throws Exception {
    fake.batch(0, 1).batch(0, 2).batch(0, 3);
    fake.bufferState(1, RingLayout.BUFFER_FREE);

    assertThat(reader.complete(NOW)).isEqualTo(1);
    poll();

    assertThat(taken).extracting(RingBatch::sequence).containsExactly(0L, 2L);
  }

  @Test
  void aColumnLongerThanItsRoomIsOneClearError() {
    fake.open(0);
    fake.put(FakeRing.slot(0) + Slot.COLUMN_LENGTH + 4, FakeRing.COLUMN_SIZE + 1).seal(0);

    assertThatThrownBy(this::poll)
        .isInstanceOf(RingException.class)
        .hasMessageContaining("column 1 is 901 bytes of 900");
  }

  @Test
  void aBufferOfASlotThatDoesNotExistIsOneClearError() {
    fake.batch(0, 1).put(FakeRing.descriptor(0) + RingLayout.Descriptor.SLOT, 99);

    assertThatThrownBy(this::poll)
        .isInstanceOf(RingException.class)
        .hasMessageContaining("buffer 0 belongs to slot 99 of 4");
  }

  @Test
  void theSameSequenceTwiceIsOneClearError() {
    fake.batch(0, 1).putLong(FakeRing.slot(0) + Slot.SEQUENCE, 0).batch(0, 2);

    assertThatThrownBy(this::poll)
        .isInstanceOf(RingException.class)
        .hasMessageContaining("slot 0 has two batches with sequence 0");
  }

  @Test
  void aVcpusBatchInTheRunsOwnSlotIsOneClearError() {
    fake.put(FakeRing.slot(0) + Slot.CODEC, RingLayout.CODEC_DETAIL_1).batch(0, 1);

    assertThatThrownBy(this::poll)
        .isInstanceOf(RingException.class)
        .hasMessageContaining("slot 0 has a batch of codec 3");
  }

  @Test
  void flushingChangesTheEpoch() throws Exception {
    reader.flush();
    reader.flush();

    assertThat(fake.flushEpoch()).isEqualTo(2);
  }
}
