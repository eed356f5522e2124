// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import io.tracefleet.cli.console.Exit;
import io.tracefleet.cli.console.Signals;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The last phase of a command: everything is being stopped, which is bounded; an impatient second
 * signal ends it now.
 */
final class Closing {
  private Closing() {}

  static void begin(Signals signals) {
    Thread.interrupted(); // what the signal was for is over
    AtomicInteger seen = new AtomicInteger();
    signals.phase(
        number -> {
          if (seen.incrementAndGet() > 1) {
            // The registry ends with this process; the next embedded cluster deletes the leftover
            // directory.
            Runtime.getRuntime().halt(Exit.signalled(number));
          }
        });
  }
}
