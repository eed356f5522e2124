// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.table;

import java.nio.ByteBuffer;
import java.util.UUID;

/*
 * A chunk's key in the store, big-endian so that a group's chunks lie side by side:
 *
 *   0        1                17          21                 29
 *   +--------+----------------+-----------+------------------+-----------+
 *   | u8     | u128           | i32       | i64              | i32       |
 *   | table  | run            | vCPU      | window start     | chunk     |
 *   +--------+----------------+-----------+------------------+-----------+
 */
/**
 * Where a chunk lies: keys are in the order of their unsigned bytes, so the whole run ({@link
 * Group#WHOLE_RUN}) comes after all windows, and names after all rows.
 *
 * @param table the table's number
 * @param run the run
 * @param vcpu QEMU's vCPU index
 * @param windowStart as in {@link Group}
 * @param chunk number of the chunk of rows, or below 0 for a chunk of names
 */
public record ChunkKey(byte table, UUID run, int vcpu, long windowStart, int chunk) {
  /** Bytes of a key that say table and run. */
  static final int RUN_PREFIX_BYTES = 17;

  /** Bytes of a key. */
  public static final int BYTES = 33;

  /** The first key that a run can have in a table. */
  public static ChunkKey firstOf(byte table, UUID run) {
    return new ChunkKey(table, run, 0, 0, 0);
  }

  /** The last key that a run can have in a table. */
  public static ChunkKey lastOf(byte table, UUID run) {
    return new ChunkKey(table, run, -1, -1, -1);
  }

  /** True for a chunk of names. */
  public boolean names() {
    return chunk < 0;
  }

  public byte[] encode() {
    return ByteBuffer.allocate(BYTES)
        .put(table)
        .putLong(run.getMostSignificantBits())
        .putLong(run.getLeastSignificantBits())
        .putInt(vcpu)
        .putLong(windowStart)
        .putInt(chunk)
        .array();
  }

  /**
   * @throws IllegalArgumentException if these are not the bytes of a key
   */
  public static ChunkKey decode(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException("a chunk's key has 33 bytes, not " + bytes.length);
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    return new ChunkKey(
        in.get(), new UUID(in.getLong(), in.getLong()), in.getInt(), in.getLong(), in.getInt());
  }
}
