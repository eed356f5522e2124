// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Broken and hostile payloads: nothing but a {@link TraceFormatException}, soon. */
class HostilePayloadTest {
  private static final long SEED = Long.getLong("tracefleet.seed", System.nanoTime());
  private static final int CASES = Integer.getInteger("tracefleet.cases", 200);
  private static final Duration SOON = Duration.ofSeconds(60);

  private final Aggregator aggregator = new Aggregator();

  @BeforeAll
  static void printSeed() {
    System.out.println("HostilePayloadTest: -Dtracefleet.seed=" + SEED);
  }

  /** Aggregates what the decoder would need too long for. */
  private String fold(byte[] payload) throws TraceFormatException {
    BatchCounts counts = new BatchCounts();
    try {
      aggregator.fold(payload, 0, payload.length, counts);
    } catch (TraceFormatException e) {
      assertThat(CountsText.of(counts)).as("counts after an error").isEmpty();
      assertThat(counts.payloads()).isZero();
      assertThat(e.offset()).isBetween(0, payload.length);
      throw e;
    }
    return CountsText.of(counts);
  }

  private interface Fold {
    String fold() throws TraceFormatException;
  }

  /** What it returns or the text of the exception. */
  private static String outcome(Fold fold) {
    try {
      return fold.fold();
    } catch (TraceFormatException e) {
      assertThat(e.getMessage()).startsWith(e.column().toString()).endsWith(e.reason());
      return "rejected";
    }
  }

  private void compare(long seed, byte[] payload, boolean system) {
    long events = events(payload);
    String aggregated = outcome(() -> fold(payload));
    if (events < 0 || events > 3_000_000) {
      return; // legitimate for the aggregator; the decoder would visit them all
    }
    String decoded = outcome(() -> CountsText.of(EventRecorder.decode(payload)));
    if (!system || !decoded.equals("rejected")) {
      assertThat(aggregated).as("-Dtracefleet.seed=" + seed).isEqualTo(decoded);
    }
  }

  private static long events(byte[] payload) {
    if (payload.length < PayloadHeader.SIZE) {
      return 0;
    }
    ByteBuffer header = ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN);
    long blocks = header.getLong(16);
    long accesses = header.getLong(24);
    return blocks < 0 || accesses < 0 || (blocks | accesses) >>> 40 != 0 ? -1 : blocks + accesses;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void truncatedPayloadsAreRejected(boolean system) throws TraceFormatException {
    List<Event> events = RandomGuest.run(SEED, system, 60);
    byte[] payload = Batch.whole(events, system, null).payload();
    fold(payload);
    for (int length = 0; length < payload.length; length++) {
      byte[] cut = java.util.Arrays.copyOf(payload, length);
      assertThatThrownBy(() -> fold(cut)).isInstanceOf(TraceFormatException.class);
      assertThatThrownBy(() -> EventRecorder.decode(cut)).isInstanceOf(TraceFormatException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void columnsCutShortAreRejected(boolean system) throws TraceFormatException {
    for (long seed = SEED; seed < SEED + 20; seed++) {
      byte[] payload = Batch.whole(RandomGuest.run(seed, system, 200), system, null).payload();
      for (int column = 0; column < 5; column++) {
        byte[][] columns = columns(payload);
        if (columns[column].length == 0) {
          continue;
        }
        int cut = new Random(seed).nextInt(columns[column].length);
        columns[column] = java.util.Arrays.copyOf(columns[column], cut);
        byte[] broken = with(payload, columns);
        compare(seed, broken, system);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void flippedPayloadsAreRejectedOrCountedAlike(boolean system) {
    assertTimeoutPreemptively(
        SOON.multipliedBy(5),
        () -> {
          for (int i = 0; i < 20 * CASES; i++) {
            long seed = SEED + i;
            Random random = new Random(seed);
            List<Event> events = RandomGuest.run(seed, system, 1 + random.nextInt(30));
            byte[] payload = Batch.whole(events, system, random).payload();
            for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
              int at =
                  random.nextInt(10) == 0
                      ? random.nextInt(PayloadHeader.SIZE)
                      : PayloadHeader.SIZE + random.nextInt(payload.length - PayloadHeader.SIZE);
              payload[at] ^= (byte) (1 << random.nextInt(random.nextBoolean() ? 3 : 8));
            }
            if (random.nextInt(4) == 0) {
              payload[4] |= 2; // rescued: bytes may trail
            }
            compare(seed, payload, system || (payload[4] & 4) != 0);
          }
        });
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void randomTokensAreRejectedOrCountedAlike(boolean system) {
    int accepted = 0;
    for (int i = 0; i < 100 * CASES; i++) {
      long seed = SEED + i;
      Random random = new Random(seed);
      ByteArrayOutputStream[] columns = new ByteArrayOutputStream[4];
      int blocks = 1 + random.nextInt(12);
      for (int c = 0; c < columns.length; c++) {
        columns[c] = new ByteArrayOutputStream();
      }
      int defined = 1 + random.nextInt(2);
      for (int d = 0; d < defined; d++) {
        columns[0].writeBytes(new byte[] {2, 1, 1, 0, 0, 0, 0});
        columns[1].write(1);
      }
      for (int t = random.nextInt(3); t > 0; t--) {
        int run = random.nextInt(3) << 2;
        if (random.nextInt(3) == 0) {
          columns[1].write(run);
        } else {
          columns[1].write(run | 2);
          columns[1].write(random.nextInt(defined));
        }
      }
      for (int t = 1 + random.nextInt(8); t > 0; t--) {
        int run = random.nextInt(4) << 2;
        int code = random.nextInt(5);
        if (code < 3) {
          columns[2].write(run | code);
        } else {
          columns[2].write(run | 3);
          code = random.nextInt(3) == 0 ? 1 : random.nextInt(7);
          columns[2].write(code);
          if (code == 1) {
            columns[2].writeBytes(new byte[] {0, (byte) (3 | random.nextInt(2) << 6)});
          } else if (code == 2) {
            columns[2].writeBytes(new byte[] {(byte) (1 + random.nextInt(defined)), 0, 0});
          }
          code = code == 0 || code > 3 && code % 2 != 0 || code == 3 ? 2 : 0;
        }
        if (code != 2) {
          columns[2].write(random.nextInt(20));
        }
      }
      if (system) {
        columns[3].writeBytes(new byte[] {0, 0, 0});
        for (int t = random.nextInt(4); t > 0; t--) {
          columns[3].write(random.nextInt(6));
          columns[3].write(0);
          columns[3].write(random.nextInt(2) * 64);
          columns[3].write(random.nextInt(2) * 64);
          if (random.nextInt(8) != 0) {
            break;
          }
        }
      }
      byte[][] bytes = new byte[columns.length][];
      for (int c = 0; c < columns.length; c++) {
        bytes[c] = columns[c].toByteArray();
      }
      // Whether it is valid depends on how many accesses the header says; try some.
      for (int accesses = random.nextInt(4); accesses < 30; accesses += 1 + random.nextInt(8)) {
        byte[] payload =
            TestEncoder.payload(
                new TestEncoder.Counts(blocks, 0, 0, blocks, accesses, 0, 0),
                0,
                (system ? 4 : 0) | (random.nextBoolean() ? 2 : 0),
                bytes);
        compare(seed, payload, system);
        if (!outcome(() -> fold(payload)).equals("rejected")) {
          accepted++;
        }
      }
    }
    assertThat(accepted).as("of random payloads were valid").isGreaterThan(CASES / 4);
  }

  // Big counts.

  /** A block that executes once and is then expected for ever. */
  private static byte[] loop(long blocks, long accesses, byte[] control, byte[] memory) {
    byte[] definition = {2, 3, 4, 1, 2, 3, 4};
    return TestEncoder.payload(
        new TestEncoder.Counts(3 * blocks, 0, 0, blocks, accesses, 0, 0),
        0,
        0,
        definition,
        control,
        memory);
  }

  @Test
  void theLongestPredictedLoopIsCounted() {
    byte[] payload =
        loop(
            PayloadHeader.MAX_EVENTS,
            PayloadHeader.MAX_EVENTS,
            new byte[] {1, 2, 0},
            new byte[] {
              7, 1, 0, 3, 16
            }); // END, then a load of 8 bytes, each time at the same address
    assertTimeoutPreemptively(
        SOON,
        () ->
            assertThat(fold(payload))
                .isEqualTo(
                    "block 0x0000000000000001 04030201 3 4: 4294967295 0\n"
                        + "blocks: 4294967295\n"
                        + "loads: 4294967295 34359738360\n"));
  }

  @Test
  void anAccessThatIsRepeatedWithinItsBlockIsCounted() {
    byte[] payload =
        loop(
            1,
            PayloadHeader.MAX_EVENTS,
            new byte[] {1},
            new byte[] {7, 1, 0, 64, 16, 3, 4, 2}); // a store of 1 byte, and again by the same slot
    assertTimeoutPreemptively(
        SOON, () -> assertThat(fold(payload)).contains("stores: 4294967295 4294967295\n"));
  }

  @Test
  void hugeCountsOverEmptyColumnsAreRejected() {
    for (long blocks : new long[] {1, 1L << 32, 1L << 60, -1}) {
      byte[] payload = loop(blocks, 0, new byte[0], new byte[0]);
      assertThatThrownBy(() -> fold(payload)).isInstanceOf(TraceFormatException.class);
      assertThatThrownBy(() -> EventRecorder.decode(payload))
          .isInstanceOf(TraceFormatException.class);
    }
  }

  @Test
  void runsThatTheHeaderDoesNotCountAreRejected() {
    byte[] nines = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1}; // a token and the rest of its run
    ByteArrayOutputStream run = new ByteArrayOutputStream();
    run.write(1);
    run.writeBytes(nines);
    run.write(0);
    assertThatThrownBy(() -> fold(loop(10, 0, run.toByteArray(), new byte[0])))
        .hasMessageContaining("a run of 18446744073709551615 blocks");
    assertThatThrownBy(() -> fold(loop(10, 0, new byte[] {1, 2, 0}, nines)))
        .hasMessageContaining("a run of 18446744073709551615 events");
  }

  @Test
  void varintsThatAreTooLongAreRejected() {
    // After a token that says that there is more of its run.
    byte[] eleven = {-2, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, 0};
    byte[] large = {-2, -128, -128, -128, -128, -128, -128, -128, -128, -128, 2};
    for (byte[] varint : new byte[][] {eleven, large}) {
      assertThatThrownBy(() -> fold(loop(10, 0, varint, new byte[0])))
          .hasMessageContaining("varint");
      assertThatThrownBy(() -> fold(loop(10, 5, new byte[] {1, 2, 0}, varint)))
          .hasMessageContaining("varint");
      assertThatThrownBy(() -> EventRecorder.decode(loop(10, 0, varint, new byte[0])))
          .hasMessageContaining("varint");
    }
  }

  @Test
  void aPayloadThatIsAllOneColumnEndsSoon() {
    assertTimeoutPreemptively(
        SOON,
        () -> {
          for (int filler : new int[] {0, 1, 2, 3, 5, 127, 128, 255}) {
            for (int column = 0; column < 5; column++) {
              byte[][] columns = {{2, 3, 4, 1, 2, 3, 4}, {1, 2, 0}, {7, 1, 0, 3, 16}, {}, {}};
              columns[column] = new byte[900_000];
              java.util.Arrays.fill(columns[column], (byte) filler);
              for (int flags = 0; flags < 8; flags += 2) {
                byte[] payload =
                    TestEncoder.payload(
                        new TestEncoder.Counts(
                            1L << 31,
                            0,
                            0,
                            PayloadHeader.MAX_EVENTS,
                            PayloadHeader.MAX_EVENTS,
                            9,
                            9),
                        0,
                        flags,
                        columns);
                outcome(() -> fold(payload));
              }
            }
          }
        });
  }

  /** Mutually aliasing pages: a slot whose addresses come round after few accesses. */
  @Test
  void addressesThatComeRoundAreCounted() {
    ByteArrayOutputStream memory = new ByteArrayOutputStream();
    memory.writeBytes(new byte[] {7, 1, 0, 3, 0}); // END, a load at 0
    memory.write(4); // END, at 2^63
    TestEncoder.varint(memory, (Long.MIN_VALUE << 1) ^ (Long.MIN_VALUE >> 63));
    byte[] payload =
        TestEncoder.payload(
            new TestEncoder.Counts(
                3 * PayloadHeader.MAX_EVENTS,
                0,
                0,
                PayloadHeader.MAX_EVENTS,
                PayloadHeader.MAX_EVENTS,
                0,
                0),
            0,
            4,
            new byte[] {2, 3, 4, 1, 2, 3, 4},
            new byte[] {1, 2, 0},
            memory.toByteArray(),
            new byte[] {0, 0, 0, 0, 0, 0});
    assertTimeoutPreemptively(
        SOON, () -> assertThat(fold(payload)).contains("RAM reads: 4294967295 34359738360\n"));
  }

  private static byte[][] columns(byte[] payload) throws TraceFormatException {
    PayloadHeader header = new PayloadHeader().wrap(payload, 0, payload.length);
    byte[][] columns = new byte[5][];
    for (int c = 0; c < columns.length; c++) {
      int at = header.columnOffset(c);
      columns[c] = java.util.Arrays.copyOfRange(payload, at, at + header.columnLength(c));
    }
    return columns;
  }

  private static byte[] with(byte[] payload, byte[][] columns) {
    byte[] made = TestEncoder.payload(new TestEncoder.Counts(0, 0, 0, 0, 0, 0, 0), 0, 0, columns);
    int[] lengths = {
      columns[0].length, columns[1].length, columns[2].length, columns[3].length, columns[4].length
    };
    System.arraycopy(payload, 0, made, 0, PayloadHeader.SIZE);
    ByteBuffer header = ByteBuffer.wrap(made).order(ByteOrder.LITTLE_ENDIAN);
    for (int c = 0; c < lengths.length; c++) {
      header.putInt(80 + 4 * c, lengths[c]);
    }
    return made;
  }
}
