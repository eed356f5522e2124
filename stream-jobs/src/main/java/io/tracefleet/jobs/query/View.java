// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.query;

import java.util.List;
import java.util.Map;

/**
 * What was decoded from the chunks of all partitions that answered.
 *
 * @param data the decoded form; not to be changed
 * @param versions by partition
 * @param missing who did not answer
 * @param <T> the decoded form
 */
public record View<T>(T data, Map<Integer, Long> versions, List<Missing> missing) {
  public View {
    versions = Map.copyOf(versions);
    missing = List.copyOf(missing);
  }

  /** Nobody answered. */
  public boolean nothing() {
    return versions.isEmpty();
  }
}
