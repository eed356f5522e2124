// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.schemas;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Time as numbers: microseconds since the epoch, rounded down. Stateless. */
public final class EpochMicros {
  private EpochMicros() {}

  public static long of(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }

  /** Null of null: for what has not happened yet. */
  public static Long ofNullable(Instant instant) {
    return instant == null ? null : of(instant);
  }

  public static Instant instant(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }
}
