// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.export;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Payloads of codec 1 made by hand, after docs/trace-format.md. */
final class FullPayload {
  private FullPayload() {}

  /**
   * Block A (0x1000, three instructions, the second stores 8 bytes at 0x2000), block B (0x1100, two
   * instructions), A again.
   *
   * @param leading instructions of a block begun before
   */
  static byte[] twoBlocks(int leading) {
    ByteArrayOutputStream definitions = new ByteArrayOutputStream();
    definition(definitions, 0x1000, 3, 9);
    definition(definitions, 0x100, 2, 6);
    byte[] control = {1, 1, 2, 0}; // next definition, next definition, block 0
    byte[] memory = {7, 1, 1, 0x43, (byte) 0x80, (byte) 0x80, 1}; // END; a new slot at 0x2000
    return payload(leading + 8, 3, 2, leading, definitions.toByteArray(), control, memory);
  }

  /** A block of three instructions without accesses, executed so often. */
  static byte[] loop(int executions) {
    ByteArrayOutputStream definitions = new ByteArrayOutputStream();
    definition(definitions, 0x1000, 3, 9);
    byte[] control = {1, 2, 0}; // the definition, then itself, then as predicted
    return payload(
        3L * executions, executions, 0, 0, definitions.toByteArray(), control, new byte[0]);
  }

  private static void definition(
      ByteArrayOutputStream column, int vaddrDifference, int instructions, int bytes) {
    varint(column, 2L * vaddrDifference);
    varint(column, instructions);
    varint(column, bytes);
    column.writeBytes(new byte[] {1, 2, 3, 4});
  }

  private static void varint(ByteArrayOutputStream column, long value) {
    while (value >= 0x80) {
      column.write((int) (value | 0x80));
      value >>>= 7;
    }
    column.write((int) value);
  }

  private static byte[] payload(
      long instructions, int blocks, int accesses, int leading, byte[]... columns) {
    ByteBuffer header = ByteBuffer.allocate(320).order(ByteOrder.LITTLE_ENDIAN);
    header.putInt(1).putInt(0).putLong(instructions).putLong(blocks).putLong(accesses);
    header.putInt(0).putInt(0).putLong(leading);
    header.position(80);
    for (byte[] column : columns) {
      header.putInt(column.length);
    }
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(header.array());
    for (byte[] column : columns) {
      all.writeBytes(column);
    }
    return all.toByteArray();
  }
}
