// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.table;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;

/**
 * Whose totals: one vCPU of one run, in one window or in the whole run.
 *
 * @param runId the run, a UUID in its canonical 36 character form
 * @param vcpu QEMU's vCPU index
 * @param windowStart start of the window, microseconds since the epoch, or {@link #WHOLE_RUN}
 */
public record Group(String runId, int vcpu, long windowStart) {
  /** Stands for the whole run in place of a window's start. */
  public static final long WHOLE_RUN = Long.MIN_VALUE;

  /** Length of a window, microseconds. */
  public static final long WINDOW_MICROS = 60_000_000L;

  public Group {
    Objects.requireNonNull(runId, "runId");
  }

  /** The group of the whole run of one vCPU. */
  public static Group wholeRun(String runId, int vcpu) {
    return new Group(runId, vcpu, WHOLE_RUN);
  }

  /** The group of the window that holds a moment (microseconds since the epoch). */
  public static Group window(String runId, int vcpu, long micros) {
    return new Group(runId, vcpu, Math.floorDiv(micros, WINDOW_MICROS) * WINDOW_MICROS);
  }

  /** The window's start as the schemas have it: null for the whole run. */
  public Instant window() {
    return windowStart == WHOLE_RUN ? null : Instant.EPOCH.plus(windowStart, ChronoUnit.MICROS);
  }
}
