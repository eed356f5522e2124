// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.see;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What was measured.
 *
 * @param samples of each figure, in its unit (bytes per second for a rate), as they were measured
 * @param problems why a case could not be measured on this machine
 */
public record SeeResult(Map<SeeFigure, List<Double>> samples, Map<SeeCase, String> problems) {
  /** Nothing was to be measured. */
  public static final SeeResult NONE = new SeeResult(Map.of(), Map.of());

  public SeeResult {
    Map<SeeFigure, List<Double>> copy = new EnumMap<>(SeeFigure.class);
    samples.forEach((figure, some) -> copy.put(figure, List.copyOf(some)));
    samples = Collections.unmodifiableMap(copy);
    Map<SeeCase, String> ordered = new EnumMap<>(SeeCase.class);
    ordered.putAll(problems);
    problems = Collections.unmodifiableMap(ordered);
  }

  public boolean isEmpty() {
    return samples.isEmpty() && problems.isEmpty();
  }

  /** Gathers while it is measured. Used by one thread. */
  static final class Gathering {
    private final Map<SeeFigure, List<Double>> samples = new EnumMap<>(SeeFigure.class);
    private final Map<SeeCase, String> problems = new EnumMap<>(SeeCase.class);

    void add(SeeFigure figure, double sample) {
      samples.computeIfAbsent(figure, none -> new ArrayList<>()).add(sample);
    }

    void problem(SeeCase group, String line) {
      problems.put(group, line);
    }

    SeeResult result() {
      return new SeeResult(samples, problems);
    }
  }
}
