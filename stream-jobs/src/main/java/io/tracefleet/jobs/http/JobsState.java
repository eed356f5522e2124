// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.http;

import java.util.Locale;
import java.util.Optional;

/** What the jobs of this process do now, as those who ask by HTTP are told. */
public enum JobsState {
  READY(null),
  STARTING("starting: partitions are assigned and restored"),
  REBALANCING("rebalancing: partitions are assigned anew or restored"),
  FULL("full: no room is left in the state directory"),
  FAILED("failed: see the log"),
  STOPPED("stopped");

  private final String obstacle;

  JobsState(String obstacle) {
    this.obstacle = obstacle;
  }

  /** In one word. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Why they are not ready; empty if they are. */
  Optional<String> obstacle() {
    return Optional.ofNullable(obstacle);
  }
}
