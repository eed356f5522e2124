// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.weight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.tracefleet.jobs.testing.Runs;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.VcpuTotals;
import java.math.BigInteger;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WeightTest {
  @ParameterizedTest
  @CsvSource({
    "100,   0,     7,   7",
    "100,   300,   7,   28",
    "3,     4,     2,   4", // 4.67
    "100,   99,    1,   1", // 1.99
    "0,     500,   7,   7", // nothing stands for what was passed over
    "0,     0,     7,   7",
    "1,     9223372036854775806, 2, 9223372036854775807", // as much as there can be
    "6000000000, 594000000000, 5000000000, 500000000000", // the product has 72 bits
  })
  void aCountIsMultipliedAndRoundedDown(long encoded, long passed, long count, long scaled) {
    assertThat(new Weight(encoded, passed).scale(count)).isEqualTo(scaled);
  }

  @Test
  void asANumber() {
    assertThat(new Weight(4, 6).factor()).isEqualTo(2.5);
    assertThat(new Weight(4, 0).factor()).isEqualTo(1.0);
    assertThat(Weight.ONE.factor()).isEqualTo(1.0);
    assertThat(new Weight(0, 6).factor()).isNull();
  }

  /** Each row is less than one away, and all of them are what their sum is, exactly. */
  @Test
  void rowsAddUpToTheirScaledSum() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 300; round++) {
      long[] counts =
          random.longs(1 + random.nextInt(200), 0, 1L << random.nextInt(1, 40)).toArray();
      long encoded = 0;
      for (long count : counts) {
        encoded += count;
      }
      Weight weight = new Weight(encoded, random.nextLong(1L << random.nextInt(1, 50)));

      ScaledRows rows = new ScaledRows(weight, 2);
      long sum = 0;
      for (long count : counts) {
        long scaled = rows.next(1, count);
        assertThat(Math.abs(scaled - times(count, weight)))
            .as("seed %d: %d by %s", seed, count, weight)
            .isLessThanOrEqualTo(1 + Math.ulp((double) scaled));
        assertThat(scaled)
            .as("seed %d: more than was recorded", seed)
            .isGreaterThanOrEqualTo(count - 1);
        sum += scaled;
      }

      assertThat(sum)
          .as("seed %d: %s", seed, weight)
          .isEqualTo(encoded + weight.passed() * Math.min(1, encoded));
      assertThat(rows.next(0, 0)).isZero();
    }
  }

  /** However a table is divided, its parts add up to the same. */
  @Test
  void partsAddUpToTheSame() {
    Weight weight = new Weight(7, 12);
    ScaledRows one = new ScaledRows(weight, 1);
    ScaledRows parts = new ScaledRows(weight, 1);

    long whole = one.next(0, 1 + 2 + 3 + 4);
    long sum = parts.next(0, 1) + parts.next(0, 2) + parts.next(0, 3) + parts.next(0, 4);

    assertThat(sum).isEqualTo(whole).isEqualTo(27); // 27.1
  }

  @Test
  void withoutWindowsNothingChanges() {
    new Random(5)
        .longs(1000, 0, Long.MAX_VALUE >> 12)
        .forEach(
            count -> {
              assertThat(new ScaledRows(Weight.ONE, 1).next(0, count)).isEqualTo(count);
              assertThat(new ScaledRows(new Weight(count, 0), 1).next(0, count)).isEqualTo(count);
            });
  }

  @Test
  void theTotalsOfARunThatHasEndedAreWhatCounts() {
    Run goesOn = Runs.run("0190a000-0000-7000-8000-000000000009", "n", "name", Map.of());
    VcpuTotals total = Runs.totals(0, 50, 1);
    total.setPassed(150);
    Map<Integer, Weight> soFar = Map.of(0, new Weight(40, 10), 1, new Weight(5, 1));

    assertThat(Weights.of(goesOn, soFar).byVcpu()).isEqualTo(soFar);
    Weights ended = Weights.of(Runs.ended(goesOn, total), soFar);
    assertThat(ended.byVcpu())
        .containsExactly(entry(0, new Weight(50, 150)), entry(1, new Weight(5, 1)));
    assertThat(ended.scale()).isTrue();
    assertThat(ended.of(77)).isEqualTo(Weight.ONE);
    assertThat(Weights.of(goesOn, Map.of(0, new Weight(0, 5))).scale()).isFalse();
  }

  private static double times(long count, Weight weight) {
    return weight.encoded() == 0
        ? count
        : new BigInteger(Long.toString(count))
                .multiply(BigInteger.valueOf(weight.encoded() + weight.passed()))
                .doubleValue()
            / weight.encoded();
  }
}
