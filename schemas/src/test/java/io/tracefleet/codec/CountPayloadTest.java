// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Codec 2. */
class CountPayloadTest {
  private static final long SEED = Long.getLong("tracefleet.seed", System.nanoTime());

  private final Aggregator aggregator = new Aggregator();

  @BeforeAll
  static void printSeed() {
    System.out.println("CountPayloadTest: -Dtracefleet.seed=" + SEED);
  }

  private BatchCounts fold(byte[] payload) throws TraceFormatException {
    BatchCounts counts = new BatchCounts();
    aggregator.fold(payload, 0, payload.length, counts);
    return counts;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void countsWhatFullModeCounts(boolean system) throws TraceFormatException {
    for (long seed = SEED; seed < SEED + 100; seed++) {
      List<Event> events = RandomGuest.run(seed, system, 300);
      BatchCounts counts = fold(CountPayload.of(events, system));
      BatchCounts full = fold(Batch.whole(events, system, null).payload());
      assertThat(CountsText.of(counts))
          .as("-Dtracefleet.seed=" + seed)
          .isEqualTo(CountsText.of(events))
          .isEqualTo(CountsText.of(full));
      assertThat(counts.instructions()).isEqualTo(full.instructions());
      assertThat(counts.accesses()).isEqualTo(full.accesses());
    }
  }

  @ParameterizedTest(name = "{2}")
  @CsvSource({
    "8, 1, instructions are",
    "16, 1, blocks are",
    "24, 1, accesses are",
    "64, 1, system calls",
    "72, 1, returns",
    "216, 1, accesses are",
    "80, 32, the columns have",
  })
  void aHeaderThatContradictsTheColumnsIsRejected(int at, int difference, String reason) {
    byte[] payload = CountPayload.of(RandomGuest.run(1, true, 300), true);
    ByteBuffer header = ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN);
    header.putInt(at, header.getInt(at) + difference);
    assertThatThrownBy(() -> fold(payload))
        .isInstanceOfSatisfying(
            TraceFormatException.class, e -> assertThat(e.column()).isEqualTo(Column.HEADER))
        .hasMessageContaining(reason);
  }

  @Test
  void aDeadProcessMayHaveCountedItsLastEventHalf() throws TraceFormatException {
    byte[] payload = CountPayload.of(RandomGuest.run(1, true, 300), true);
    ByteBuffer header = ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN);
    header.putLong(24, header.getLong(24) - 1);
    assertThatThrownBy(() -> fold(payload)).isInstanceOf(TraceFormatException.class);
    payload[4] |= 2;
    assertThat(fold(payload).accesses()).isEqualTo(header.getLong(24));
  }

  @Test
  void flippedBitsAreRejectedOrChangeNoTotal() {
    for (long seed = SEED; seed < SEED + 5000; seed++) {
      Random random = new Random(seed);
      List<Event> events = RandomGuest.run(seed, true, 1 + random.nextInt(20));
      byte[] payload = CountPayload.of(events, true);
      payload[random.nextInt(payload.length)] ^= (byte) (1 << random.nextInt(8));
      BatchCounts counts = new BatchCounts();
      try {
        aggregator.fold(payload, 0, payload.length, counts);
        assertThat(counts.payloads()).isEqualTo(1);
      } catch (TraceFormatException e) {
        assertThat(CountsText.of(counts)).as("-Dtracefleet.seed=" + seed).isEmpty();
      }
    }
  }
}
