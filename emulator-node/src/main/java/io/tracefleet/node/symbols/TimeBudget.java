// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.symbols;

import java.time.Duration;

/** Time that something may take in all, possibly as a part of what several may take together. */
final class TimeBudget {
  private final TimeBudget whole;
  private long left;

  /**
   * @param whole that it is a part of, or null
   */
  TimeBudget(Duration most, TimeBudget whole) {
    this.left = most.toNanos();
    this.whole = whole;
  }

  /** Nanoseconds, not negative. */
  long left() {
    return Math.max(0, whole == null ? left : Math.min(left, whole.left()));
  }

  void spend(long nanos) {
    left -= nanos;
    if (whole != null) {
      whole.spend(nanos);
    }
  }
}
