// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.weight;

import java.math.BigInteger;

/**
 * What each recorded instruction of a vCPU stands for: (encoded + passed) / encoded.
 *
 * @param encoded instructions that were recorded
 * @param passed instructions that were counted but passed over, outside windows
 */
public record Weight(long encoded, long passed) {
  /** Of a vCPU of which nothing was passed over. */
  public static final Weight ONE = new Weight(0, 0);

  /** True if something was passed over: then what was recorded is not all there was. */
  public boolean windowed() {
    return passed > 0;
  }

  /** True if something was passed over, and something recorded can stand for it. */
  public boolean scales() {
    return passed > 0 && encoded > 0;
  }

  /** As a number; null if nothing was recorded that could stand for what was passed over. */
  public Double factor() {
    if (passed <= 0) {
      return 1.0;
    }
    return encoded <= 0 ? null : 1 + (double) passed / encoded;
  }

  /** A count times the weight, rounded down; the same count if nothing scales. */
  public long scale(long count) {
    if (!scales()) {
      return count;
    }
    long all = encoded + passed;
    if (all > 0 && count >= 0 && Math.multiplyHigh(count, all) == 0 && count * all >= 0) {
      return count * all / encoded;
    }
    BigInteger scaled =
        BigInteger.valueOf(encoded)
            .add(BigInteger.valueOf(passed))
            .multiply(BigInteger.valueOf(count))
            .divide(BigInteger.valueOf(encoded));
    return scaled.bitLength() < Long.SIZE ? scaled.longValue() : Long.MAX_VALUE;
  }
}
