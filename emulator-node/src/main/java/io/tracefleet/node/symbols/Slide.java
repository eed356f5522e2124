// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.symbols;

import java.util.HashMap;
import java.util.Map;

/**
 * How far a kernel was moved from where it is linked, found by votes. Right blocks agree on one
 * slide, wrong ones on none; a decision needs many votes and few for any other.
 */
final class Slide {
  /** Kernels are moved by multiples of it, bytes. */
  static final long STEP = 2L << 20;

  private static final int AHEAD = 4;
  private static final int CANDIDATES_MOST = 1 << 16;

  private final Map<Long, Integer> votes = new HashMap<>();
  private final int enough;
  private Long decided;

  /**
   * @param enough votes that the winner must have
   */
  Slide(int enough) {
    this.enough = enough;
  }

  void vote(long slide) {
    if (votes.size() < CANDIDATES_MOST || votes.containsKey(slide)) {
      votes.merge(slide, 1, Integer::sum);
    }
  }

  /** The slide, bytes; null as long as it is not certain. */
  Long decide() {
    if (decided == null) {
      long best = 0;
      int most = 0;
      int second = 0;
      for (Map.Entry<Long, Integer> entry : votes.entrySet()) {
        int count = entry.getValue();
        if (count > most) {
          second = most;
          most = count;
          best = entry.getKey();
        } else {
          second = Math.max(second, count);
        }
      }
      if (most >= enough && most >= AHEAD * second) {
        decided = best;
        votes.clear();
      }
    }
    return decided;
  }
}
