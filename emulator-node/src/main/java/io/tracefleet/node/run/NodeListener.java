// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.run;

import io.tracefleet.node.config.GuestSpec;
import io.tracefleet.schemas.Run;

/**
 * Hears what happens to guests. Called on the guest's thread: several guests call at the same time,
 * and what takes long here holds the guest up.
 */
public interface NodeListener {
  /** Hears nothing. */
  NodeListener NONE = new NodeListener() {};

  /** QEMU was started. */
  default void guestStarted(GuestSpec guest, String rootRunId, long pid) {}

  /** A process of the guest is traced; {@code run} has no end. */
  default void runStarted(Run run) {}

  /** All that a process of the guest executed has been acknowledged; {@code run} has its totals. */
  default void runEnded(Run run) {}

  /** The guest and all that it forked have ended and everything has been acknowledged. */
  default void guestEnded(TraceOutcome outcome) {}

  /** Something that the user should know, one line. Also on a thread that works for the guest's. */
  default void warning(String line) {}
}
