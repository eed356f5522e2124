// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.query;

import java.util.List;
import java.util.Map;

/**
 * What all instances said.
 *
 * @param answers by partition, in the order of the asks
 * @param missing who did not answer
 */
public record Gathered(Map<Integer, List<Answer>> answers, List<Missing> missing) {
  public Gathered {
    answers = Map.copyOf(answers);
    missing = List.copyOf(missing);
  }
}
