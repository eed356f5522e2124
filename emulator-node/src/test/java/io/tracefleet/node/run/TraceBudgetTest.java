// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.node.config.TraceMode;
import io.tracefleet.node.config.TraceWish;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class TraceBudgetTest {
  private static final long BUDGET = 1_000;

  private final FakeMachine clock = new FakeMachine();
  private final List<String> said = new ArrayList<>();
  private Optional<TraceWish> wanted = Optional.of(wish(TraceMode.FULL, BUDGET));
  private final TraceBudget budget = new TraceBudget(clock, () -> wanted, () -> true, said::add);

  private static TraceWish wish(TraceMode mode, long budget) {
    return new TraceWish(mode, List.of(), List.of(), List.of(), budget, "me@here");
  }

  /** Seconds of so many bytes each; the mode after them. */
  private TraceMode pass(Duration time, long bytesPerSecond) {
    TraceMode mode = null;
    for (long tenths = time.toMillis() / 100; tenths > 0; tenths--) {
      budget.published(bytesPerSecond / 10);
      clock.advance(Duration.ofMillis(100));
      mode = budget.wish().orElseThrow().mode();
    }
    return mode;
  }

  private TraceMode spans(int count, long bytesPerSecond) {
    return pass(TraceBudget.SPAN.multipliedBy(count), bytesPerSecond);
  }

  @Test
  void withoutABudgetNothingIsChanged() {
    wanted = Optional.of(wish(TraceMode.FULL, 0));
    assertThat(spans(10, 1_000_000)).isEqualTo(TraceMode.FULL);
    wanted = Optional.empty();
    assertThat(budget.wish()).isEmpty();
    assertThat(said).isEmpty();
  }

  @Test
  void whatKeepsWithinItStays() {
    budget.wish();
    assertThat(spans(20, BUDGET)).isEqualTo(TraceMode.FULL);
    assertThat(budget.wish()).isEqualTo(wanted);
    assertThat(said).isEmpty();
  }

  @Test
  void tooMuchStepsDownOnceAndOnceMore() {
    budget.wish();
    assertThat(spans(1, 10 * BUDGET)).as("not judged").isEqualTo(TraceMode.FULL);
    assertThat(spans(1, 10 * BUDGET)).isEqualTo(TraceMode.COUNT);
    assertThat(budget.wish().orElseThrow().askedBy()).isEqualTo("budget");
    assertThat(said)
        .containsExactly(
            "budget of 1,000 bytes per second: 10,000 were published; tracing steps from full to count");
    assertThat(spans(1, 10 * BUDGET)).as("recorded before").isEqualTo(TraceMode.COUNT);
    assertThat(spans(1, 2 * BUDGET)).isEqualTo(TraceMode.OFF);
    assertThat(spans(4, 2 * BUDGET)).as("there is no step below").isEqualTo(TraceMode.OFF);
    assertThat(said).hasSize(2);
  }

  @Test
  void littleStepsUpAfterARestThatDoublesWhenItWasWrong() {
    budget.wish();
    spans(2, 10 * BUDGET);
    assertThat(pass(TraceBudget.REST.minusSeconds(1), 0)).isEqualTo(TraceMode.COUNT);
    assertThat(spans(1, 0)).isEqualTo(TraceMode.FULL);
    assertThat(spans(2, 10 * BUDGET)).isEqualTo(TraceMode.COUNT);
    assertThat(pass(TraceBudget.REST.multipliedBy(2).minusSeconds(3), 0))
        .isEqualTo(TraceMode.COUNT);
    assertThat(spans(1, 0)).isEqualTo(TraceMode.FULL);
    assertThat(said).hasSize(4);
  }

  @Test
  void moreThanHalfOfItIsNoReasonToStepUp() {
    budget.wish();
    spans(2, 10 * BUDGET);
    assertThat(pass(TraceBudget.REST_MOST, BUDGET * 6 / 10)).isEqualTo(TraceMode.COUNT);
  }

  @Test
  void aNewWishBeginsAnew() {
    budget.wish();
    spans(2, 10 * BUDGET);
    wanted = Optional.of(wish(TraceMode.FULL, 100 * BUDGET));
    assertThat(budget.wish()).isEqualTo(wanted);
    assertThat(spans(5, 10 * BUDGET)).isEqualTo(TraceMode.FULL);
  }

  @Test
  void aWishForLessIsNeverRaised() {
    wanted = Optional.of(wish(TraceMode.COUNT, BUDGET));
    budget.wish();
    assertThat(spans(2, 10 * BUDGET)).isEqualTo(TraceMode.OFF);
    assertThat(pass(TraceBudget.REST_MOST, 0)).isEqualTo(TraceMode.COUNT);
  }
}
