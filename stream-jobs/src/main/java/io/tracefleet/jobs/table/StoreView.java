// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.table;

import java.util.List;
import java.util.UUID;

/** A task's store as of its last commit. Valid only within the {@link StoreRead} that got it. */
public interface StoreView {
  /** The chunks from one key to another, both included. */
  List<Chunk> chunks(ChunkKey from, ChunkKey to);

  /**
   * A number that changes whenever a run's chunks in a table change, and differs between tasks and
   * their instances.
   */
  long version(byte table, UUID run);
}
