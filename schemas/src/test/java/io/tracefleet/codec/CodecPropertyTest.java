// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Properties over made-up programs. Repeat a failure with {@code -Dtracefleet.seed=SEED}. */
class CodecPropertyTest {
  private static final long SEED = Long.getLong("tracefleet.seed", System.nanoTime());
  private static final int CASES = Integer.getInteger("tracefleet.cases", 200);

  @BeforeAll
  static void printSeed() {
    System.out.println("CodecPropertyTest: -Dtracefleet.seed=" + SEED);
  }

  private interface Property {
    void check(long seed, Random random) throws Exception;
  }

  private static void forAll(Property property) {
    for (int i = 0; i < CASES; i++) {
      long seed = SEED + i;
      try {
        property.check(seed, new Random(seed));
      } catch (Exception | AssertionError e) {
        throw new AssertionError("with -Dtracefleet.seed=" + seed + ": " + e.getMessage(), e);
      }
    }
  }

  /** Compares without printing thousands of events. */
  private static void assertSame(List<Event> actual, List<Event> expected) {
    for (int i = 0; i < Math.min(actual.size(), expected.size()); i++) {
      assertThat(actual.get(i)).as("event %d", i).isEqualTo(expected.get(i));
    }
    assertThat(actual).hasSameSizeAs(expected);
  }

  private static int length(Random random) {
    return 1 + random.nextInt(random.nextInt(10) == 0 ? 20_000 : 1_000);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void decodingInvertsEncoding(boolean system) {
    forAll(
        (seed, random) -> {
          List<Event> events = RandomGuest.run(seed, system, length(random));
          Batch batch = Batch.whole(events, system, random.nextBoolean() ? null : random);
          assertSame(EventRecorder.decode(batch.payload()), events);
        });
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void everyBatchOfASplitStreamDecodesAlone(boolean system) {
    forAll(
        (seed, random) -> {
          List<Event> events = RandomGuest.run(seed, system, length(random));
          for (Batch batch : Batch.split(events, system, 1 + random.nextInt(500), random)) {
            assertSame(EventRecorder.decode(batch.payload()), batch.events());
          }
        });
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theAggregatorCountsWhatTheEventsAre(boolean system) {
    Aggregator aggregator = new Aggregator();
    BatchCounts counts = new BatchCounts();
    forAll(
        (seed, random) -> {
          List<Event> events = RandomGuest.run(seed, system, length(random));
          Batch batch = Batch.whole(events, system, random.nextBoolean() ? null : random);
          counts.clear();
          aggregator.fold(batch.payload(), 0, batch.payload().length, counts);
          assertThat(CountsText.of(counts)).isEqualTo(CountsText.of(events));
          assertThat(counts.instructions()).isEqualTo(batch.dispatched());
        });
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void splittingAStreamAnywhereChangesNoCount(boolean system) {
    Aggregator aggregator = new Aggregator();
    forAll(
        (seed, random) -> {
          List<Event> events = RandomGuest.run(seed, system, length(random));
          Batch whole = Batch.whole(events, system, null);
          BatchCounts once = new BatchCounts();
          BatchCounts sum = new BatchCounts();
          List<Event> undispatched = new ArrayList<>();
          aggregator.fold(whole.payload(), 0, whole.payload().length, once);
          for (Batch batch : Batch.split(events, system, 1 + random.nextInt(500), random)) {
            BatchCounts counts = random.nextBoolean() ? sum : new BatchCounts();
            aggregator.fold(batch.payload(), 0, batch.payload().length, counts);
            if (counts != sum) {
              sum.add(counts);
              assertThat(CountsText.of(counts)).isEqualTo(CountsText.of(batch.events()));
            }
            undispatched.addAll(batch.events());
          }
          assertThat(CountsText.withoutUndispatched(CountsText.of(sum)))
              .isEqualTo(CountsText.withoutUndispatched(CountsText.of(once)));
          assertThat(CountsText.of(sum)).isEqualTo(CountsText.of(undispatched));
          assertThat(sum.instructions()).isEqualTo(once.instructions());
        });
  }
}
