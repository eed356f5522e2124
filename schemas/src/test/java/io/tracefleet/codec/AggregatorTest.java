// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AggregatorTest {
  private static final Event.Code LOOP = new Event.Code(0x1000, 4, 10, 7);
  private static final Event.Code EXIT = new Event.Code(0x100a, 2, 5, 8);
  private static final int LOAD8 = 3;
  private static final int STORE4 = 64 | 2;

  private final Aggregator aggregator = new Aggregator();
  private final BatchCounts counts = new BatchCounts();

  /** A loop that copies, with a number of rounds, and a system call after it. */
  private static List<Event> copyLoop(int rounds) {
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < rounds; i++) {
      events.add(new Event.Block(LOOP));
      events.add(new Event.Access(LOOP, 0, LOAD8, 0x7000 + 8L * i, null, 0));
      events.add(new Event.Access(LOOP, 1, STORE4, 0x9000 + 4L * i, null, 0));
    }
    events.add(new Event.Block(EXIT));
    events.add(new Event.Syscall(1));
    events.add(new Event.SyscallReturn(1, -9));
    return events;
  }

  @Test
  void countsAreThoseOfTheProgram() throws TraceFormatException {
    byte[] payload = Batch.whole(copyLoop(1000), false, null).payload();

    aggregator.fold(payload, 0, payload.length, counts);

    assertThat(payload).hasSizeLessThan(PayloadHeader.SIZE + 80);
    assertThat(counts.instructions()).isEqualTo(4002);
    assertThat(counts.blocks()).isEqualTo(1001);
    assertThat(counts.accesses()).isEqualTo(2000);
    assertThat(counts.loads()).isEqualTo(1000);
    assertThat(counts.loadBytes()).isEqualTo(8000);
    assertThat(counts.stores()).isEqualTo(1000);
    assertThat(counts.storeBytes()).isEqualTo(4000);
    assertThat(counts.idles()).isEqualTo(3);
    assertThat(counts.resumes()).isEqualTo(2);
    assertThat(counts.syscalls()).isEqualTo(1);
    assertThat(counts.syscallReturns()).isEqualTo(1);
    assertThat(counts.blockCount()).isEqualTo(2);
    assertThat(counts.blockVaddr(0)).isEqualTo(0x1000);
    assertThat(counts.blockCodeHash(0)).isEqualTo(7);
    assertThat(counts.blockInstructions(0)).isEqualTo(4);
    assertThat(counts.blockBytes(0)).isEqualTo(10);
    assertThat(counts.blockExecutions(0)).isEqualTo(1000);
    assertThat(counts.blockExecutions(1)).isEqualTo(1);
    assertThat(counts.blockUndispatched(0)).isZero();
    assertThat(counts.deviceCount()).isZero();
    assertThat(counts.pageCount()).isZero();
    assertThat(counts.ramReads()).isZero();
    assertThat(counts.syscallCount()).isEqualTo(1);
    assertThat(counts.syscallErrors(0)).isEqualTo(1);
  }

  @Test
  void payloadsAddUpUntilCleared() throws TraceFormatException {
    byte[] payload = Batch.whole(copyLoop(10), false, null).payload();
    aggregator.fold(payload, 0, payload.length, counts);
    aggregator.fold(payload, 0, payload.length, counts);
    assertThat(counts.payloads()).isEqualTo(2);
    assertThat(counts.blockExecutions(0)).isEqualTo(20);

    counts.clear();
    assertThat(CountsText.of(counts)).isEmpty();
    assertThat(counts.payloads()).isZero();
    assertThat(counts.idles()).isZero();
  }

  @Test
  void anyKindOfByteBufferWillDo() throws TraceFormatException {
    byte[] payload = Batch.whole(copyLoop(10), false, null).payload();
    ByteBuffer direct = ByteBuffer.allocateDirect(payload.length + 7);
    direct.position(7);
    direct.put(payload).position(7);
    ByteBuffer part = ByteBuffer.wrap(new byte[payload.length + 9], 4, payload.length).slice();
    part.put(payload).flip();
    for (ByteBuffer buffer :
        List.of(
            ByteBuffer.wrap(payload), ByteBuffer.wrap(payload).asReadOnlyBuffer(), direct, part)) {
      int position = buffer.position();
      counts.clear();
      aggregator.fold(buffer, counts);
      assertThat(counts.blocks()).isEqualTo(11);
      assertThat(buffer.position()).isEqualTo(position);
    }
  }

  @Test
  void blocksCutByTheEndOfABatchAreCountedOnce() throws TraceFormatException {
    TestEncoder first = new TestEncoder(false, 0, null);
    first.add(new Event.Block(LOOP));
    first.add(new Event.Access(LOOP, 0, LOAD8, 0x7000, null, 0));
    byte[] begun = first.payload(first.running(1), false);
    TestEncoder second = new TestEncoder(false, 3, null);
    second.add(new Event.Access(LOOP, 1, STORE4, 0x9000, null, 0));
    second.add(new Event.Block(EXIT));
    byte[] ended = second.payload(second.ended(), false);

    aggregator.fold(begun, 0, begun.length, counts);
    assertThat(counts.instructions()).isEqualTo(1);
    aggregator.fold(ended, 0, ended.length, counts);

    assertThat(counts.instructions()).isEqualTo(6);
    assertThat(counts.blocks()).isEqualTo(2);
    assertThat(counts.blockExecutions(0)).isEqualTo(1);
    assertThat(counts.blockUndispatched(0)).isZero();
    assertThat(counts.stores()).isEqualTo(1);
  }

  @ParameterizedTest(name = "{0} + {1}")
  @CsvSource({
    "8, 1", "8, -1", "16, 1", "16, -1", "24, 1", "24, -1", "32, 1", "40, 1", "64, 1", "72, 1"
  })
  void aHeaderThatContradictsTheColumnsIsRejected(int field, int difference) {
    byte[] payload = Batch.whole(copyLoop(10), false, null).payload();
    payload[field] += (byte) difference;
    assertThatThrownBy(() -> aggregator.fold(payload, 0, payload.length, counts))
        .isInstanceOf(TraceFormatException.class);
    assertThatThrownBy(() -> EventRecorder.decode(payload))
        .isInstanceOf(TraceFormatException.class);
    assertThat(counts.payloads()).isZero();
    assertThat(CountsText.of(counts)).isEmpty();
  }

  /** An instruction that goes round its accesses and stops anywhere, also within a round. */
  @Test
  void accessesThatGoRoundWithinABlockAreCounted() throws TraceFormatException {
    for (int period = 1; period < 8; period++) {
      for (int made = 1; made < 300; made++) {
        List<Event> events = new ArrayList<>();
        for (int execution = 0; execution < 4; execution++) {
          events.add(new Event.Block(LOOP));
          for (int i = 0; i < made + 3 * execution % 4; i++) {
            // Each of its own kind, so that an access that is counted for another one is noticed.
            events.add(new Event.Access(LOOP, 0, i % period, 0x7000, null, 0));
          }
        }
        byte[] payload = Batch.whole(events, false, null).payload();
        counts.clear();
        aggregator.fold(payload, 0, payload.length, counts);
        assertThat(CountsText.of(counts))
            .as("%d accesses, round after %d", made, period)
            .isEqualTo(CountsText.of(events));
      }
    }
  }

  /** Around 63 and 191 a token gets longer. */
  @Test
  void runsOfEveryLengthAreCounted() throws TraceFormatException {
    List<Event> events = new ArrayList<>();
    for (int length = 0; length < 260; length++) {
      // So many predicted events between two addresses, then so many predicted blocks.
      for (int i = 0; i < length; i++) {
        events.add(new Event.Block(LOOP));
        events.add(new Event.Access(LOOP, 0, 3, 8L * i, null, 0));
      }
      events.add(new Event.Block(LOOP));
      for (int i = 0; i < length; i++) {
        events.add(new Event.Access(LOOP, 0, 3, 0x7000 + (i == 0 ? 0 : length), null, 0));
      }
      // And in a block that is followed access by access, because one slot leads to itself.
      events.add(new Event.Block(EXIT));
      for (int i = 0; i < length; i++) {
        events.add(new Event.Access(EXIT, 0, 3, 0x9000, null, 0));
      }
      events.add(new Event.Access(EXIT, 0, 3, 0xa000 + length, null, 0));
    }
    byte[] payload = Batch.whole(events, false, null).payload();
    aggregator.fold(payload, 0, payload.length, counts);
    assertThat(CountsText.of(counts)).isEqualTo(CountsText.of(events));
    assertThat(CountsText.of(EventRecorder.decode(payload))).isEqualTo(CountsText.of(events));
  }

  /** Accesses that go to and fro in one page, of which another part of RAM is there by and by. */
  @ParameterizedTest(name = "mappings {0} bytes after a page's begin")
  @ValueSource(ints = {0, 0x800})
  void accessesCountForThePageThatIsMappedThen(int shift) throws TraceFormatException {
    Random random = new Random(1);
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < 4000; i++) {
      long mapping = 0x100_0000L + 0x5000L * (i / 500) + shift;
      int from = random.nextInt(512) * 8;
      int to = i % 500 < 400 ? random.nextInt(1024) * 4 : 0x7fc;
      events.add(new Event.Block(LOOP));
      events.add(new Event.Access(LOOP, 0, LOAD8, 0x7000 + from, Event.Access.RAM, mapping + from));
      events.add(new Event.Access(LOOP, 1, STORE4, 0x7000 + to, Event.Access.RAM, mapping + to));
    }
    byte[] payload = Batch.whole(events, true, null).payload();

    aggregator.fold(payload, 0, payload.length, counts);

    assertThat(CountsText.of(counts)).isEqualTo(CountsText.of(events));
    assertThat(counts.pageCount()).isEqualTo(shift == 0 ? 8 : 16);
  }

  /** Long predicted runs, and misses of every kind in slots that several blocks have. */
  @ParameterizedTest(name = "seed {0}")
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void missesBetweenDistantPhysicalTokensAreCounted(int seed) throws TraceFormatException {
    byte[] payload = Batch.whole(MissingGuest.run(seed, 6000), true, null).payload();

    aggregator.fold(payload, 0, payload.length, counts);

    assertThat(CountsText.of(counts)).isEqualTo(CountsText.of(EventRecorder.decode(payload)));
  }

  @Test
  void blockDetailsCountNothing() {
    byte[] payload = DetailReaderTest.sample();
    assertThatThrownBy(() -> aggregator.fold(payload, 0, payload.length, counts))
        .hasMessageContaining("codec 3 counts nothing");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void steadyStateAllocatesNothing(boolean system) throws TraceFormatException {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    byte[] payload = Batch.whole(RandomGuest.run(1, system, 2000), system, null).payload();
    TraceVisitor visitor = new TraceVisitor() {};
    FullDecoder decoder = new FullDecoder();
    long before = 0;
    for (int round = 0; round < 3000; round++) {
      if (round == 2000) {
        before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
      }
      counts.clear();
      aggregator.fold(payload, 0, payload.length, counts);
      decoder.decode(payload, 0, payload.length, visitor);
    }
    long allocated = threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
    assertThat(allocated / 1000).as("bytes per round").isLessThan(16);
  }
}
