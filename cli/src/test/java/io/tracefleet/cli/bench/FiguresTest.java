// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;

/** From measurements to figures. */
final class FiguresTest {
  @Test
  void aSpreadOfNothingIsNothing() {
    assertThat(Spread.of(List.of())).isEmpty();
  }

  @Test
  void theMedianIsTheMiddleOne() {
    assertThat(Spread.of(List.of(9.0, 1.0, 2.0))).contains(new Spread(2, 1, 9));
  }

  @Test
  void theMedianOfTwoIsBetweenThem() {
    assertThat(Spread.of(List.of(4.0, 1.0, 2.0, 100.0))).contains(new Spread(3, 1, 100));
  }

  @Test
  void ratiosAreToBareQemuInTheSameRound() {
    // given a machine that was twice as slow in the second round
    CaseResult which =
        new CaseResult(
            "x",
            "x",
            true,
            List.of(
                new CaseResult.Round(BenchSamples.alone(3, 6, 1), BenchSamples.alone(1, 2, 1)),
                new CaseResult.Round(BenchSamples.alone(6, 12, 1), BenchSamples.alone(2, 4, 1))),
            Optional.empty());

    assertThat(which.wallRatio()).contains(new Spread(3, 3, 3));
    assertThat(which.cpuRatio()).contains(new Spread(3, 3, 3));
  }

  @Test
  void allPartsCountForTheCpuRatio() {
    Sample bare = BenchSamples.alone(1, 1, 1);
    CaseResult which = BenchSamples.one(BenchCase.FULL, bare, BenchSamples.traced(2, 3));

    assertThat(which.cpuRatio().orElseThrow().median()).isCloseTo(4.61, within(1e-9));
    assertThat(which.hasParts()).isTrue();
  }

  @Test
  void bytesPerInstructionTakeTheGuestsInstructionsWhereTheCaseCountsNone() {
    Sample bare = BenchSamples.alone(1, 1, 1);
    Sample logged =
        new Sample(
            1,
            1,
            bare.cpuSeconds(),
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalLong.of(500),
            OptionalLong.empty(),
            Optional.empty());
    CaseResult which = BenchSamples.one(BenchCase.FULL_ALONE, bare, logged);

    assertThat(which.outputPerInstruction(Optional.of(new Events(100, 1, 1))))
        .contains(new Spread(5, 5, 5));
    assertThat(which.outputPerInstruction(Optional.empty())).isEmpty();
  }

  @Test
  void numbersKeepThreeDigits() {
    assertThat(Show.ratio(1.234)).isEqualTo("1.23x");
    assertThat(Show.ratio(12.34)).isEqualTo("12.3x");
    assertThat(Show.ratio(1234.5)).isEqualTo("1235x");
    assertThat(Show.large(1_234_567_890)).isEqualTo("1.23 G");
    assertThat(Show.large(999_999)).isEqualTo("1000 k");
    assertThat(Show.large(12)).isEqualTo("12");
  }

  @Test
  void readsWhatLinuxSays() {
    assertThat(PeakMemory.parse("Name:\tx\nVmHWM:\t   1234 kB\nVmRSS:\t 1 kB\n"))
        .hasValue(1234L * 1024);
    assertThat(PeakMemory.parse("Name:\tx\nState:\tZ (zombie)\n")).isEmpty();
    assertThat(Machine.cpuName("processor\t: 0\nmodel name\t: A CPU\nmodel name\t: B\n"))
        .isEqualTo("A CPU");
    assertThat(Machine.memory("MemFree: 1 kB\nMemTotal:       2048 kB\n")).isEqualTo(2L << 20);
  }

  @Test
  void readsWhatJmhWrote() throws Exception {
    String json =
        """
        [{"benchmark": "io.tracefleet.codec.bench.CodecBenchmark.cursor",
          "params": {"payloads": "/x/system"},
          "secondaryMetrics": {
            "allocated": {"rawData": [[0.0, 8.0]]},
            "gc.alloc.rate.norm": {"score": 1.5},
            "instructions": {"rawData": [[3.0, 1.0, 2.0]]}}},
         {"benchmark": "io.tracefleet.codec.bench.CodecBenchmark.aggregator",
          "params": {"payloads": "/x/user"},
          "secondaryMetrics": {
            "allocated": {"rawData": [[0.0]]},
            "gc.alloc.rate.norm": {"score": 0.5},
            "instructions": {"rawData": [[7.0]]}}}]
        """;

    assertThat(JavaBenchmarks.parse(json))
        .extracting(JavaResult::id, JavaResult::instructionsPerSecond, JavaResult::allocatedBytes)
        .containsExactly(
            Tuple.tuple("aggregator", new Spread(7, 7, 7), 0.0),
            Tuple.tuple("cursor-pages", new Spread(2, 1, 3), 8.0));
  }
}
