// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.run;

import io.tracefleet.node.config.TraceMode;
import io.tracefleet.node.config.TraceWish;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Keeps a node's published bytes within the budget that the fleet's control gives it: what the
 * control wants, but in the next cheaper mode while it takes too much.
 *
 * <pre>
 *   full ── a span above the budget ──▶ count ── the same ──▶ off
 *    ▲                                   │ ▲                   │
 *    └─ rest over, at most half of it ───┘ └───────────────────┘
 * </pre>
 *
 * The span after a step is not judged: what comes then was recorded before it. A step up that turns
 * out to be too much doubles the rest before the next one. Any thread.
 */
final class TraceBudget implements TraceWishes {
  static final Duration SPAN = Duration.ofSeconds(3);
  static final Duration REST = Duration.ofSeconds(15);
  static final Duration REST_MOST = Duration.ofMinutes(10);
  static final String BY_BUDGET = "budget";

  private static final TraceMode[] STEPS = {TraceMode.FULL, TraceMode.COUNT, TraceMode.OFF};

  private final NodeClock clock;
  private final Supplier<Optional<TraceWish>> wishes;
  private final BooleanSupplier known;
  private final Consumer<String> said;
  private final AtomicLong bytes = new AtomicLong();
  private Optional<TraceWish> last = Optional.empty();
  private int lowered; // the index of the costliest mode that is allowed
  private long spanBegan;
  private long steppedAt;
  private boolean settling;
  private boolean raised; // by the last step
  private long rest = REST.toNanos();

  /**
   * @param wishes what the control wants
   * @param known whether that is known yet
   * @param said takes one line for each step
   */
  TraceBudget(
      NodeClock clock,
      Supplier<Optional<TraceWish>> wishes,
      BooleanSupplier known,
      Consumer<String> said) {
    this.clock = clock;
    this.wishes = wishes;
    this.known = known;
    this.said = said;
  }

  @Override
  public boolean areKnown() {
    return known.getAsBoolean();
  }

  @Override
  public void published(long published) {
    bytes.addAndGet(published);
  }

  @Override
  public Optional<TraceWish> wish() {
    Optional<TraceWish> wanted = wishes.get();
    if (wanted.isEmpty() || wanted.get().budget() == 0) {
      return wanted;
    }
    return Optional.of(within(wanted.get()));
  }

  private synchronized TraceWish within(TraceWish wanted) {
    long now = clock.nanos();
    if (last.isEmpty() || !last.get().equals(wanted)) {
      last = Optional.of(wanted);
      lowered = 0;
      raised = false;
      rest = REST.toNanos();
      steppedAt = now;
      beginSpan(now, true);
    } else if (now - spanBegan >= SPAN.toNanos()) {
      long rate = (long) (bytes.get() * 1e9 / (now - spanBegan));
      boolean judged = !settling;
      beginSpan(now, false);
      if (judged) {
        judge(wanted, rate, now);
      }
    }
    return lowered > step(wanted.mode()) ? wanted.in(STEPS[lowered], BY_BUDGET) : wanted;
  }

  private void beginSpan(long now, boolean settles) {
    spanBegan = now;
    settling = settles;
    bytes.set(0);
  }

  private void judge(TraceWish wanted, long rate, long now) {
    int asked = step(wanted.mode());
    int step = Math.max(lowered, asked);
    if (rate > wanted.budget() && step < STEPS.length - 1) {
      boolean wrong = raised && now - steppedAt <= rest; // to raise it was
      rest = wrong ? Math.min(2 * rest, REST_MOST.toNanos()) : REST.toNanos();
      change(wanted, step, step + 1, rate, now);
    } else if (lowered > asked && rate <= wanted.budget() / 2 && now - steppedAt >= rest) {
      change(wanted, step, step - 1, rate, now);
    }
  }

  private void change(TraceWish wanted, int from, int to, long rate, long now) {
    raised = to < from;
    lowered = to;
    steppedAt = now;
    beginSpan(now, true);
    said.accept(
        String.format(
            Locale.ROOT,
            "budget of %,d bytes per second: %,d were published; tracing steps from %s to %s",
            wanted.budget(),
            rate,
            STEPS[from].word(),
            STEPS[to].word()));
  }

  private static int step(TraceMode mode) {
    return switch (mode) {
      case FULL -> 0;
      case COUNT -> 1;
      case OFF -> 2;
    };
  }
}
