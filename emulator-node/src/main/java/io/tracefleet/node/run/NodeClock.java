// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.run;

import io.tracefleet.schemas.EpochMicros;
import java.time.Duration;
import java.time.Instant;

/** Time, as a test may give it. */
interface NodeClock {
  /** The real one. */
  NodeClock SYSTEM =
      new NodeClock() {
        @Override
        public long micros() {
          return EpochMicros.of(Instant.now());
        }

        @Override
        public long nanos() {
          return System.nanoTime();
        }
      };

  /** Microseconds since the epoch. */
  long micros();

  /** Nanoseconds since some moment; differences count. */
  long nanos();

  /** Something that has to be done from time to time. For one thread. */
  final class Every {
    private final NodeClock clock;
    private final long interval;
    private long last;

    Every(NodeClock clock, Duration interval) {
      this.clock = clock;
      this.interval = interval.toNanos();
      this.last = clock.nanos() - this.interval;
    }

    /** True if it is due; then it was done now. */
    boolean isDue() {
      long now = clock.nanos();
      if (now - last < interval) {
        return false;
      }
      last = now;
      return true;
    }

    /** How long until it is due, not negative. */
    Duration left() {
      return Duration.ofNanos(Math.max(0, interval - (clock.nanos() - last)));
    }
  }
}
