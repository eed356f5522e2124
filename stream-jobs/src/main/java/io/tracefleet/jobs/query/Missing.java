// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.query;

import java.util.List;

/**
 * Partitions that did not answer.
 *
 * @param instance {@code host:port} of the instance that has them, or null if none has
 * @param partitions of {@code tracefleet.batches}, ascending
 * @param reason for the user, without a full stop
 */
public record Missing(String instance, List<Integer> partitions, String reason) {
  public Missing {
    partitions = List.copyOf(partitions);
  }
}
