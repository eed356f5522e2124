// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Payloads of every released format decode for ever. Each {@code NAME.bin} in {@code
 * src/test/resources/golden} has its counts in {@code NAME.txt}. {@code -Dtracefleet.golden=write}
 * makes those that are missing; never change one that was released.
 *
 * <p>Those called {@code plugin-...} were written by the plugin in QEMU 7.2, with guests of {@code
 * integration-tests/guests}; the others by {@link TestEncoder} and {@link CountPayload}.
 */
class GoldenTest {
  private static final Path DIRECTORY = Path.of("src", "test", "resources", "golden");

  private static void make(String name, byte[] payload) throws IOException, TraceFormatException {
    Path file = DIRECTORY.resolve(name + ".bin");
    if (!Files.exists(file)) {
      Files.createDirectories(DIRECTORY);
      Files.write(file, payload);
    }
  }

  static Stream<String> names() throws IOException, TraceFormatException {
    if ("write".equals(System.getProperty("tracefleet.golden"))) {
      writeMissing();
    }
    return names(DIRECTORY).stream();
  }

  private static void writeMissing() throws IOException, TraceFormatException {
    List<Event> user = RandomGuest.run(42, false, 400);
    List<Event> system = RandomGuest.run(43, true, 400);
    make("full-1-user", Batch.whole(user, false, null).payload());
    make("full-1-system", Batch.whole(system, true, null).payload());
    TestEncoder rescued = new TestEncoder(true, 0, null);
    system.subList(0, 300).forEach(rescued::add);
    TestEncoder.Counts counts = rescued.ended();
    rescued.add(system.get(300));
    make("full-1-rescued", rescued.payload(counts, true));
    make("count-1-user", CountPayload.of(user, false));
    make("count-1-system", CountPayload.of(system, true));
    make("detail-1", DetailReaderTest.sample());
    make("detail-1-images", DetailReaderTest.sampleOfImages());
    for (String name : names(DIRECTORY)) {
      Path text = DIRECTORY.resolve(name + ".txt");
      if (!Files.exists(text)) {
        Files.writeString(text, text(Files.readAllBytes(DIRECTORY.resolve(name + ".bin"))));
      }
    }
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".bin"))
          .map(name -> name.substring(0, name.length() - 4))
          .sorted()
          .toList();
    }
  }

  private static String text(byte[] payload) throws TraceFormatException {
    if (payload[0] == PayloadHeader.CODEC_DETAIL) {
      return DetailReaderTest.text(payload);
    }
    BatchCounts counts = new BatchCounts();
    new Aggregator().fold(payload, 0, payload.length, counts);
    return "instructions: " + counts.instructions() + "\n" + CountsText.of(counts);
  }

  @ParameterizedTest
  @MethodSource("names")
  void aSampleHasItsCounts(String name) throws IOException, TraceFormatException {
    byte[] payload = Files.readAllBytes(DIRECTORY.resolve(name + ".bin"));
    String expected = Files.readString(DIRECTORY.resolve(name + ".txt"));
    assertThat(text(payload)).isEqualTo(expected);
    if (payload[0] == PayloadHeader.CODEC_FULL) {
      assertThat(CountsText.of(EventRecorder.decode(payload)))
          .isEqualTo(expected.substring(expected.indexOf('\n') + 1));
    }
  }

  /** What the guests' sources say. */
  @ParameterizedTest
  @CsvSource({
    "plugin-full-1-loops, 400305, 100101, 100000",
    "plugin-count-1-loops, 400305, 100101, 100000",
    "plugin-count-1-recursion, 175129, 65674, 87562",
    "plugin-full-1-bare, 91559, -1, -1",
    "plugin-count-1-bare, 91559, -1, -1",
  })
  void whatThePluginWroteIsKnownByHand(String name, long instructions, long blocks, long accesses)
      throws IOException, TraceFormatException {
    byte[] payload = Files.readAllBytes(DIRECTORY.resolve(name + ".bin"));
    BatchCounts counts = new BatchCounts();
    new Aggregator().fold(payload, 0, payload.length, counts);
    assertThat(counts.instructions()).isEqualTo(instructions);
    if (blocks >= 0) {
      assertThat(counts.blocks()).isEqualTo(blocks);
      assertThat(counts.loads() + counts.stores()).isEqualTo(accesses);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"loops", "bare"})
  void thePluginCountsAGuestAlikeInBothModes(String guest) throws IOException {
    String full = Files.readString(DIRECTORY.resolve("plugin-full-1-" + guest + ".txt"));
    String count = Files.readString(DIRECTORY.resolve("plugin-count-1-" + guest + ".txt"));
    // QEMU makes up another name for a nameless device in each process.
    assertThat(full.replaceAll("anon[0-9a-f]+", "anon"))
        .isEqualTo(count.replaceAll("anon[0-9a-f]+", "anon"));
  }

  @Test
  void thereIsASampleOfEveryFormat() throws IOException, TraceFormatException {
    boolean[] seen = new boolean[4];
    for (String name : names().toList()) {
      seen[Files.readAllBytes(DIRECTORY.resolve(name + ".bin"))[0]] = true;
    }
    assertThat(Arrays.copyOfRange(seen, 1, 4)).containsOnly(true);
  }
}
