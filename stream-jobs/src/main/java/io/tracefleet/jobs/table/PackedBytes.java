// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.table;

import java.util.Arrays;

/**
 * Small little-endian values and LEB128 numbers in a byte array; used to write or to read, not
 * both.
 */
public final class PackedBytes {
  private byte[] array;
  private int position;

  /** To write, with room for this many bytes at first. */
  public PackedBytes(int capacity) {
    this.array = new byte[capacity];
  }

  /** To read. */
  public PackedBytes(byte[] array) {
    this.array = array;
  }

  public void u8(int value) {
    room(1);
    array[position++] = (byte) value;
  }

  public int u8() {
    return array[position++] & 0xff;
  }

  public void varint(long value) {
    room(10);
    while ((value & ~0x7fL) != 0) {
      array[position++] = (byte) (value | 0x80);
      value >>>= 7;
    }
    array[position++] = (byte) value;
  }

  public long varint() {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte b = array[position++];
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
  }

  /** How many varints there are to the end; only if there is nothing else. */
  int varintsLeft() {
    int varints = 0;
    for (int i = position; i < array.length; i++) {
      if (array[i] >= 0) { // a last byte
        varints++;
      }
    }
    return varints;
  }

  public void zigzag(long value) {
    varint((value << 1) ^ (value >> 63));
  }

  public long zigzag() {
    long value = varint();
    return (value >>> 1) ^ -(value & 1);
  }

  public void bytes(byte[] value) {
    room(value.length);
    System.arraycopy(value, 0, array, position, value.length);
    position += value.length;
  }

  public byte[] bytes(int length) {
    byte[] value = Arrays.copyOfRange(array, position, position + length);
    position += length;
    return value;
  }

  /** True if everything was read. */
  public boolean atEnd() {
    return position == array.length;
  }

  /** What was written. */
  public byte[] toArray() {
    return Arrays.copyOf(array, position);
  }

  private void room(int bytes) {
    if (array.length - position < bytes) {
      array = Arrays.copyOf(array, Math.max(2 * array.length, position + bytes));
    }
  }
}
