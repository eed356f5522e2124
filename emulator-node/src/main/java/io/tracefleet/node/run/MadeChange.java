// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.run;

import io.tracefleet.node.config.TraceMode;
import io.tracefleet.node.config.TraceWish;
import io.tracefleet.node.ring.AppliedChange;
import java.util.Map;
import java.util.TreeMap;

/**
 * A change of what is traced of one run that the plugin has made.
 *
 * @param from mode until then
 * @param to what is traced from then on, and who asked for it
 * @param micros when, since the epoch
 * @param vcpus what had been counted until then, by vCPU index
 */
record MadeChange(
    TraceMode from, TraceWish to, long micros, Map<Integer, AppliedChange.Counted> vcpus) {
  /** Of the numbers and words that each change has, generously. */
  private static final int BYTES = 64;

  private static final int BYTES_PER_CHARACTER = 3;
  private static final int BYTES_PER_RANGE = 20;
  private static final int BYTES_PER_INDEX = 5;
  private static final int BYTES_PER_WINDOW = 30;
  private static final int BYTES_PER_VCPU = 25;

  MadeChange {
    vcpus = new TreeMap<>(vcpus);
  }

  /** What it takes in a run's record at most, bytes. */
  int recordBytesMost() {
    return BYTES
        + BYTES_PER_CHARACTER * to.askedBy().length()
        + BYTES_PER_RANGE * to.ranges().size()
        + BYTES_PER_INDEX * to.vcpus().size()
        + BYTES_PER_WINDOW * to.windows().size()
        + BYTES_PER_VCPU * vcpus.size();
  }
}
