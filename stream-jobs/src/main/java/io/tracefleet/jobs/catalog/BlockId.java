// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.catalog;

import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * A block of a run, as nodes describe it.
 *
 * @param run the run
 * @param vaddr guest virtual address
 * @param codeHash FNV-1a 32 of the code bytes
 */
public record BlockId(UUID run, long vaddr, int codeHash) {
  static final int BYTES = 29;

  /* u8 kind | u128 run | i64 vaddr | i32 code hash, big-endian */
  byte[] key(byte kind) {
    return ByteBuffer.allocate(BYTES)
        .put(kind)
        .putLong(run.getMostSignificantBits())
        .putLong(run.getLeastSignificantBits())
        .putLong(vaddr)
        .putInt(codeHash)
        .array();
  }
}
