// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.query;

import io.tracefleet.jobs.table.Chunk;
import java.util.List;

/**
 * What one partition's store says to an {@link Ask}.
 *
 * @param version changes when the chunks may have changed
 * @param chunks in the order of their keys; empty if only the version was asked for
 */
public record Answer(long version, List<Chunk> chunks) {
  public Answer {
    chunks = List.copyOf(chunks);
  }
}
