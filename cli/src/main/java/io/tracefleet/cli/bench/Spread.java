// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.bench;

import java.util.Arrays;
import java.util.Collection;
import java.util.Optional;

/**
 * A figure measured several times.
 *
 * @param median the middle one, or the mean of the two in the middle
 * @param min the least
 * @param max the most
 */
public record Spread(double median, double min, double max) {
  /** Of at least one figure; empty if there is none. */
  static Optional<Spread> of(Collection<Double> figures) {
    if (figures.isEmpty()) {
      return Optional.empty();
    }
    double[] sorted = figures.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int half = sorted.length / 2;
    double median = sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    return Optional.of(new Spread(median, sorted[0], sorted[sorted.length - 1]));
  }

  static Optional<Spread> of(double... figures) {
    return of(Arrays.stream(figures).boxed().toList());
  }
}
