// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.tracefleet.codec.Aggregator;
import io.tracefleet.codec.BatchCounts;
import io.tracefleet.node.qemu.ProcessIdentity;
import io.tracefleet.node.ring.RingLayout.Header;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Batches that are made of counters: sent while they grow, once each, whoever sends them. */
class TallyStreamTest {
  private static final String RUN = "01a203a7-45f6-7000-8000-000000000001";
  private static final long NOW = 1_700_000_001_000_000L;

  @TempDir Path directory;
  private FakeRing ring;
  private FakeTally tally;
  private RingReader reader;
  private final List<RingBatch> taken = new ArrayList<>();

  @BeforeEach
  void openRing() throws Exception {
    ring = FakeRing.create(directory, RUN, null, new ProcessIdentity(77, 88), 4);
    tally = FakeTally.open(ring, 1);
    reader = RingReader.open(ring.path());
  }

  @AfterEach
  void closeRing() {
    reader.close();
  }

  private void poll() throws Exception {
    reader.poll(taken::add);
  }

  private void arrive() {
    taken.forEach(RingBatch::acknowledged);
    taken.clear();
  }

  private BatchCounts counts(List<RingBatch> batches) throws Exception {
    BatchCounts counts = new BatchCounts();
    for (RingBatch batch : batches) {
      byte[] payload = new byte[batch.payloadSize()];
      batch.copyPayload(payload, 0);
      new Aggregator().fold(payload, 0, payload.length, counts);
    }
    return counts;
  }

  @Test
  void whatWasCountedSinceTheLastBatchIsTheNextOne() throws Exception {
    int block = tally.block(0x1000, 5, 2); // two markers: 1 instruction, then 2 more, then 2 more
    tally.execute(block, 10);
    reader.flush();
    poll();

    assertThat(taken).hasSize(1);
    assertThat(taken.get(0).instructions()).isEqualTo(50);
    assertThat(taken.get(0).blocks()).isEqualTo(10);
    assertThat(taken.get(0).accesses()).isEqualTo(20);
    assertThat(taken.get(0).vcpu()).isEqualTo(1);

    reader.flush(); // the one before has not arrived
    poll();
    assertThat(taken).hasSize(1);
    arrive();
    tally.execute(block, 3);
    reader.flush();
    poll();

    assertThat(taken).extracting(RingBatch::sequence).containsExactly(1L);
    assertThat(taken.get(0).firstInstruction()).isEqualTo(50);
    assertThat(taken.get(0).instructions()).isEqualTo(15);
    assertThat(counts(taken).instructions()).isEqualTo(15);
  }

  @Test
  void nothingNewIsNoBatch() throws Exception {
    reader.flush();
    poll();

    assertThat(taken).isEmpty();
    assertThat(ring.get(Header.TALLY_STATE)).isEqualTo(RingLayout.TALLY_OPEN);
  }

  @Test
  void anExecutionThatMayGoOnIsLeftForLaterAndCountedInTheEnd() throws Exception {
    int block = tally.block(0x1000, 5, 2);
    tally.execute(block, 10);
    tally.start(block, 1); // one instruction, and the first marker's two
    reader.flush();
    poll();
    assertThat(taken.get(0).blocks()).isLessThanOrEqualTo(10);
    arrive();

    reader.complete(NOW);
    poll();
    arrive();

    assertThat(reader.tallies()).containsExactly(new VcpuTally(1, 1, 53, 53, 0, 53, 2, 0, 0));
  }

  @Test
  void systemCallsComeOnce() throws Exception {
    tally.syscall(0, 60, 5, 4, 1);
    reader.flush();
    poll();
    assertThat(counts(taken).syscalls()).isEqualTo(5);
    arrive();
    tally.syscall(0, 60, 7, 7, 2);

    reader.complete(NOW);
    poll();

    assertThat(counts(taken).syscalls()).isEqualTo(2);
  }

  @Test
  void idlesAndResumesComeOnce() throws Exception {
    tally.idle(5, 4);
    reader.flush();
    poll();
    assertThat(counts(taken).idles()).isEqualTo(5);
    assertThat(counts(taken).resumes()).isEqualTo(4);
    arrive();
    tally.idle(7, 7);

    reader.complete(NOW);
    poll();

    assertThat(counts(taken).idles()).isEqualTo(2);
    assertThat(counts(taken).resumes()).isEqualTo(3);
  }

  @Test
  void eachVcpuHasBatchesOfItsOwn() throws Exception {
    int block = tally.block(0x1000, 5, 2);
    tally.execute(block, 10);
    reader.flush();
    poll();
    arrive();
    FakeTally other = tally.second(3); // begins while the first one is being read
    other.execute(block, 4);
    tally.execute(block, 1);
    reader.flush();
    poll();

    assertThat(taken)
        .extracting(RingBatch::vcpu, RingBatch::sequence, RingBatch::instructions)
        .containsExactly(tuple(1, 1L, 5L), tuple(3, 0L, 20L));
    arrive();
    other.execute(block, 1);
    reader.complete(NOW);
    poll();
    arrive();

    assertThat(reader.tallies())
        .containsExactly(
            new VcpuTally(1, 1, 55, 55, 0, 55, 2, 0, 0),
            new VcpuTally(3, 1, 25, 25, 0, 25, 2, 0, 0));
  }

  @Test
  void systemCallsThatAreBeingCountedComeLater() throws Exception {
    tally.syscall(0, 60, 5, 4, 1);
    tally.version(1);
    reader.flush();
    poll();

    assertThat(taken).isEmpty();
  }

  @Test
  void anotherNodeMakesTheSameBatchAgain() throws Exception {
    int block = tally.block(0x1000, 5, 2);
    tally.execute(block, 10);
    tally.syscall(0, 60, 5, 4, 1);
    reader.flush();
    poll();
    byte[] sent = payload(taken.get(0));
    reader.close(); // before it arrived
    taken.clear();
    tally.execute(block, 4);

    reader = RingReader.adopt(ring.path());
    poll();

    assertThat(taken).extracting(RingBatch::sequence).containsExactly(0L);
    assertThat(payload(taken.get(0))).isEqualTo(sent);
    arrive();
    reader.complete(NOW);
    poll();
    assertThat(taken).extracting(RingBatch::sequence).containsExactly(1L);
    assertThat(taken.get(0).instructions()).isEqualTo(20);
    arrive();
    assertThat(reader.tallies()).containsExactly(new VcpuTally(1, 1, 70, 70, 0, 70, 2, 0, 0));
  }

  @Test
  void aBatchThatWasNotNotedToItsEndNeverWas() throws Exception {
    int block = tally.block(0x1000, 5, 2);
    tally.execute(block, 10);
    tally.noteSent(block, 1, 7); // killed before the sequence was counted up
    ring.put(Header.TALLY_STATE, RingLayout.TALLY_BUSY);
    reader.close();

    reader = RingReader.adopt(ring.path());
    reader.flush();
    poll();

    assertThat(taken).extracting(RingBatch::sequence).containsExactly(0L);
    assertThat(taken.get(0).instructions()).isEqualTo(50);
  }

  @Test
  void theVcpusOwnBatchesFollowTheRestOnceItIsClosed() throws Exception {
    int block = tally.block(0x1000, 5, 2);
    tally.execute(block, 10);
    tally.close(50);
    ring.batch(1, 40);

    poll();

    assertThat(taken).extracting(RingBatch::sequence).containsExactly(0L, 1L);
    assertThat(taken).extracting(RingBatch::instructions).containsExactly(50L, 40L);
    assertThat(taken.get(1).firstInstruction()).isEqualTo(50);
    arrive();
    reader.close();
    reader = RingReader.adopt(ring.path()); // has nothing to send again
    poll();
    assertThat(taken).isEmpty();
    assertThat(reader.tallies()).containsExactly(new VcpuTally(1, 1, 90, 90, 0, 90, 2, 0, 0));
  }

  @Test
  void anExitedThreadIsSettledAtOnceAndTheNextOneCountsItsOwn() throws Exception {
    int block = tally.block(0x1000, 5, 2);
    tally.execute(block, 10);
    tally.syscall(0, 60, 1, 0, 0);
    tally.exit();
    poll(); // without waiting for a flush
    assertThat(taken).extracting(RingBatch::instructions).containsExactly(50L);
    assertThat(tally.isSettled()).isTrue();
    arrive();

    tally.execute(block, 3); // the next thread may be that fast
    reader.flush();
    poll();
    assertThat(taken).isEmpty();
    tally.nextThread();
    reader.flush();
    poll();
    assertThat(taken).extracting(RingBatch::instructions).containsExactly(15L);
    assertThat(taken).extracting(RingBatch::generation).containsExactly(1);
    assertThat(taken).extracting(RingBatch::sequence).containsExactly(1L);
    arrive();
    assertThat(reader.tallies()).containsExactly(new VcpuTally(1, 2, 65, 65, 0, 65, 2, 0, 0));
  }

  @Test
  void aThreadThatLeftABlockMidwayIsSettledOnlyInTheEnd() throws Exception {
    int block = tally.block(0x1000, 5, 2);
    tally.execute(block, 10);
    tally.start(block, 1);
    tally.exit();
    poll();
    arrive();
    poll();
    poll();
    assertThat(tally.isSettled()).isFalse();

    tally.close(53);
    poll();
    assertThat(taken).extracting(RingBatch::instructions).containsExactly(8L);
    assertThat(taken).extracting(RingBatch::generation).containsExactly(0);
  }

  @Test
  void anotherNodeSettlesAnExitedThread() throws Exception {
    int block = tally.block(0x1000, 5, 2);
    tally.execute(block, 10);
    tally.exit();
    reader.close();
    taken.clear();
    reader = RingReader.adopt(ring.path());
    poll();
    assertThat(taken).extracting(RingBatch::instructions).containsExactly(50L);
    assertThat(tally.isSettled()).isTrue();
  }

  @Test
  void anotherNodeSendsAgainWhatAnExitedThreadCounted() throws Exception {
    int block = tally.block(0x1000, 5, 2);
    tally.execute(block, 10);
    tally.exit();
    poll();
    tally.nextThread();
    tally.execute(block, 3);
    tally.exit();
    poll(); // the one before has not arrived
    assertThat(taken).hasSize(1);
    assertThat(tally.isSettled()).isFalse();
    reader.close();
    taken.clear();
    reader = RingReader.adopt(ring.path());
    poll();
    assertThat(taken).extracting(RingBatch::instructions).containsExactly(50L);
    assertThat(taken).extracting(RingBatch::generation).containsExactly(0);
    arrive();
    poll();
    assertThat(taken).extracting(RingBatch::instructions).containsExactly(15L);
    assertThat(taken).extracting(RingBatch::generation).containsExactly(1);
    assertThat(tally.isSettled()).isTrue();
  }

  @Test
  void aClosedTallyWithNothingToSendStillTakesItsSequence() throws Exception {
    tally.close(0);
    ring.batch(1, 40);

    poll();

    assertThat(taken).extracting(RingBatch::sequence).containsExactly(0L, 1L);
  }

  @Test
  void aTallyThatLeadsOutsideIsOneClearError() {
    ring.put(Header.TALLY_BLOCKS, 1 << 20);

    assertThatThrownBy(() -> reader.flush())
        .isInstanceOf(RingException.class)
        .hasMessageContaining("tally_blocks is 1048576");
  }

  private static byte[] payload(RingBatch batch) {
    byte[] payload = new byte[batch.payloadSize()];
    batch.copyPayload(payload, 0);
    return payload;
  }
}
