// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.size;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;

/**
 * What the guests of a fleet do, drawn by lot: a node runs one guest after the other, each of whose
 * vCPUs executes and pauses in turns. Lengths are exponential. Each run has an id of its own, so
 * its batches go to other partitions than those of the run before.
 */
final class Bursts {
  private static final double MEAN_RUN_SECONDS = 600;
  private static final double MEAN_BURST_SECONDS = 10;

  private final Fleet fleet;
  private final double seconds;
  private final SplittableRandom random;
  private final List<Burst> bursts = new ArrayList<>();

  private Bursts(Fleet fleet, double seconds, long seed) {
    this.fleet = fleet;
    this.seconds = seconds;
    this.random = new SplittableRandom(seed);
  }

  /** All bursts of the first {@code seconds}, in no order. */
  static List<Burst> draw(Fleet fleet, double seconds, long seed) {
    Bursts drawn = new Bursts(fleet, seconds, seed);
    for (int node = 0; node < fleet.nodes(); node++) {
      drawn.node();
    }
    return drawn.bursts;
  }

  private void node() {
    for (double begin = 0; begin < seconds; ) {
      double end = Math.min(seconds, begin + exponential(MEAN_RUN_SECONDS));
      String run = new UUID(random.nextLong(), random.nextLong()).toString();
      for (int vcpu = 0; vcpu < fleet.vcpus(); vcpu++) {
        vcpu((run + "/" + vcpu).getBytes(StandardCharsets.UTF_8), begin, end);
      }
      begin = end;
    }
  }

  private void vcpu(byte[] key, double begin, double end) {
    double share = fleet.busyShare();
    double meanPause = MEAN_BURST_SECONDS * (1 - share) / share;
    boolean busy = random.nextDouble() < share;
    for (double at = begin; at < end; busy = !busy) {
      double next = Math.min(end, at + exponential(busy ? MEAN_BURST_SECONDS : meanPause));
      if (busy) {
        bursts.add(new Burst(key, at, next));
      }
      at = next;
    }
  }

  private double exponential(double mean) {
    return mean * -Math.log1p(-random.nextDouble());
  }
}
