// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.run;

import io.tracefleet.node.config.GuestSpec;
import io.tracefleet.node.config.Restart;
import java.time.Duration;

/** Whether and when a guest that has ended is started again. */
final class RestartPolicy {
  private static final Duration BACKOFF_MOST = Duration.ofMinutes(1);

  private final Restart when;
  private final int most;
  private final Duration first;

  RestartPolicy(GuestSpec guest) {
    this.when = guest.restart();
    this.most = guest.maxRestarts();
    this.first = guest.backoff();
  }

  /**
   * @param restarts that there were
   */
  boolean isDue(int exitCode, int restarts) {
    boolean wanted = when == Restart.ALWAYS || when == Restart.ON_FAILURE && exitCode != 0;
    return wanted && (most < 0 || restarts < most);
  }

  /**
   * How long to wait after that many restarts: doubles each time, up to a minute or the first wait.
   */
  Duration backoff(int restarts) {
    Duration ceiling = first.compareTo(BACKOFF_MOST) > 0 ? first : BACKOFF_MOST;
    Duration wait = first;
    for (int i = 0; i < restarts && wait.compareTo(ceiling) < 0 && !wait.isZero(); i++) {
      wait = wait.multipliedBy(2);
    }
    return wait.compareTo(ceiling) < 0 ? wait : ceiling;
  }
}
