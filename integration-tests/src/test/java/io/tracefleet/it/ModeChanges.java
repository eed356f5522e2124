// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import io.tracefleet.node.config.TraceMode;
import io.tracefleet.node.config.TraceWish;
import java.util.ArrayList;
import java.util.List;

/**
 * Asks a guest's only process for one mode after the other, each some time after the one before is
 * in force. Stepped by the thread that reads the ring.
 */
final class ModeChanges {
  private final List<TraceMode> modes;
  private final List<Long> delays = new ArrayList<>();
  private final long gapNanos;
  private int number;
  private long askedMicros;
  private long longest;
  private long next;

  ModeChanges(int gapMillis, TraceMode... modes) {
    this.modes = List.of(modes);
    this.gapNanos = gapMillis * 1_000_000L;
  }

  void step(PluginRun run) {
    if (run.rings().isEmpty()) {
      return;
    }
    PluginRun.Ring ring = run.ring();
    if (number != 0) {
      longest = Math.max(longest, System.currentTimeMillis() * 1000 - askedMicros);
      ring.applied(number)
          .ifPresent(
              change -> {
                delays.add(change.micros() - askedMicros);
                longest = 0;
                number = 0;
                next = System.nanoTime() + gapNanos;
              });
    } else if (System.nanoTime() - next >= 0) {
      askedMicros = System.currentTimeMillis() * 1000;
      number = ring.want(TraceWish.of(modes.get(made() % modes.size())));
    }
  }

  /** Changes that came into force. */
  int made() {
    return delays.size();
  }

  /** Of each change: from the wish in the ring to when the plugin obeyed, as the ring says. */
  List<Long> delays() {
    return List.copyOf(delays);
  }

  /** How long the guest lived with a wish that it never obeyed; 0 if there is none. */
  long ignoredMicros() {
    return longest;
  }
}
