// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Inputs that a fuzzer, or a decoder broken on purpose, once showed to be worth keeping: one for
 * each way in which payloads are read or rejected. {@code -Dtracefleet.seeds=DIRECTORY} writes
 * inputs for a fuzzer to start from.
 */
class FuzzCorpusTest {
  private static final Path DIRECTORY = Path.of("src", "test", "resources", "fuzz-corpus");

  static List<Path> inputs() throws IOException {
    try (Stream<Path> files = Files.list(DIRECTORY)) {
      return files.sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("inputs")
  void anInputIsReadOrRejected(Path input) throws IOException {
    PayloadFuzzer.check(Files.readAllBytes(input));
  }

  @Test
  void theCorpusHasBothOfEveryCodec() throws IOException {
    List<String> seen = new ArrayList<>();
    for (Path input : inputs()) {
      byte[] payload = Files.readAllBytes(input);
      if (payload.length >= PayloadHeader.SIZE) {
        seen.add(payload[0] + " " + PayloadFuzzer.check(payload));
      }
    }
    assertThat(seen)
        .contains("1 READ", "1 REJECTED", "2 READ", "2 REJECTED", "3 READ", "3 REJECTED");
  }

  /** Payloads of small programs, and broken ones; what the corpus was made from. */
  @Test
  void smallProgramsAndBrokenOnesAreReadOrRejected() throws Exception {
    String seeds = System.getProperty("tracefleet.seeds");
    int read = 0;
    for (int i = 0; i < 200; i++) {
      Random random = new Random(i);
      boolean system = random.nextBoolean();
      List<Event> events = RandomGuest.run(i, system, 1 + random.nextInt(30));
      byte[] payload =
          i % 4 == 3
              ? CountPayload.of(events, system)
              : i % 20 == 18
                  ? DetailReaderTest.sample()
                  : Batch.whole(events, system, random).payload();
      if (PayloadFuzzer.check(payload) == PayloadFuzzer.Outcome.READ) {
        read++;
      }
      byte[] broken = Arrays.copyOf(payload, payload.length - random.nextInt(3));
      broken[random.nextInt(broken.length)] ^= (byte) (1 << random.nextInt(8));
      PayloadFuzzer.check(broken);
      if (seeds != null) {
        Files.write(Path.of(seeds, "seed-" + i), payload);
        Files.write(Path.of(seeds, "broken-" + i), broken);
      }
    }
    assertThat(read).isEqualTo(200);
  }

  /** The most that a payload can make its readers keep: as many different things as fit. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4})
  void whatAFullPayloadMakesReadersAllocateIsBounded(int kind) {
    byte[] payload = dense(kind);
    assertThat(payload.length).isBetween(600_000, PayloadHeader.MAX_PAYLOAD);
    assertThat(PayloadFuzzer.check(payload)).isEqualTo(PayloadFuzzer.Outcome.READ);
  }

  /** Definitions, slots, pages, devices or system calls, each of them once. */
  private static byte[] dense(int kind) {
    ByteArrayOutputStream[] columns = new ByteArrayOutputStream[5];
    Arrays.setAll(columns, i -> new ByteArrayOutputStream());
    int blocks = kind == 0 ? 100_000 : 1;
    int accesses = 0;
    int calls = 0;
    for (int i = 0; i < blocks; i++) {
      columns[0].writeBytes(new byte[] {2, 1, 1, 0, 0, 0, 0});
      columns[1].write(1);
    }
    boolean system = kind == 2 || kind == 3;
    if (kind == 4) {
      for (calls = 0; calls < 200_000; calls++) {
        columns[4].write(calls == 0 ? 1 : 0);
        columns[4].write(0);
        TestEncoder.varint(columns[4], calls);
      }
    } else if (kind != 0) {
      int most = new int[] {0, PayloadHeader.MAX_SLOTS, 150_000, 4096}[kind];
      columns[2].writeBytes(new byte[] {7, 1, 0, 0, 0}); // END, and a load of a byte
      for (accesses = 1; accesses < most; accesses++) {
        if (kind == 1) {
          columns[2].writeBytes(new byte[] {3, 1, 0, 0, 0});
        } else {
          // The same slot again, in the next page, which then is where its stride leads.
          columns[2].writeBytes(new byte[] {3, (byte) (accesses == 1 ? 4 : 3)});
          if (accesses == 1) {
            TestEncoder.varint(columns[2], 8192);
          }
        }
      }
      for (int i = 0; system && i < most; i++) {
        if (kind == 2) {
          columns[3].writeBytes(new byte[] {0, 0, 0});
        } else {
          byte[] name =
              String.format("%0150d", i).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
          columns[3].writeBytes(new byte[] {0, 1, (byte) 150, 1});
          columns[3].writeBytes(name);
          columns[3].write(0);
        }
      }
      if (kind == 1) {
        // No more slots than these are allowed: the rest of the payload is misses.
        for (int i = 0; i < 200_000; i++) {
          columns[2].writeBytes(new byte[] {3, 4, 2});
          accesses++;
        }
      }
    }
    byte[][] bytes = new byte[columns.length][];
    Arrays.setAll(bytes, i -> columns[i].toByteArray());
    return TestEncoder.payload(
        new TestEncoder.Counts(blocks, 0, 0, blocks, accesses, calls, 0), 0, system ? 4 : 0, bytes);
  }
}
