// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

/** Reads one column of a payload from front to back, never past its end. */
final class ColumnReader {
  private final Column column;
  private byte[] bytes = {};
  private int payload;
  private int position;
  private int end;

  ColumnReader(Column column) {
    this.column = column;
  }

  /** Starts over. {@code payload}, {@code begin} and {@code end} are indices into {@code bytes}. */
  void wrap(byte[] bytes, int payload, int begin, int end) {
    this.bytes = bytes;
    this.payload = payload;
    this.position = begin;
    this.end = end;
  }

  boolean hasRemaining() {
    return position < end;
  }

  int remaining() {
    return end - position;
  }

  /** Index into the array of what is read next. */
  int position() {
    return position;
  }

  /** Goes on at an index in the column. */
  void seek(int index) {
    position = index;
  }

  byte[] array() {
    return bytes;
  }

  void skip(int count) throws TraceFormatException {
    need(count);
    position += count;
  }

  int u8() throws TraceFormatException {
    need(1);
    return bytes[position++] & 0xff;
  }

  int u16() throws TraceFormatException {
    need(2);
    int value = Bytes.u16(bytes, position);
    position += 2;
    return value;
  }

  int i32() throws TraceFormatException {
    need(4);
    int value = Bytes.i32(bytes, position);
    position += 4;
    return value;
  }

  long i64() throws TraceFormatException {
    need(8);
    long value = Bytes.i64(bytes, position);
    position += 8;
    return value;
  }

  long varint() throws TraceFormatException {
    if (position < end && bytes[position] >= 0) {
      return bytes[position++];
    }
    return longVarint();
  }

  long zigzag() throws TraceFormatException {
    return Bytes.unzigzag(varint());
  }

  /**
   * Returns a token's run, the rest of which is read if it does not fit into the token. No payload
   * has so many events that a run is above 2^63; it is negative then.
   */
  long run(int token) throws TraceFormatException {
    if (token < Codes.LONG) {
      return token >>> Codes.BITS;
    }
    long rest = varint();
    return rest < 0 ? rest : Codes.LONG_RUN + rest;
  }

  /** Reads a varint that must not be above {@code max}. */
  int varint(int max, String what) throws TraceFormatException {
    long value = varint();
    if (value < 0 || value > max) {
      throw error(what + " " + Long.toUnsignedString(value) + " is above " + max);
    }
    return (int) value;
  }

  private long longVarint() throws TraceFormatException {
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      need(1);
      byte next = bytes[position++];
      if (shift == 63 && next > 1) {
        throw error("a varint above 2^64 - 1");
      }
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw error("a varint longer than 10 bytes");
  }

  private void need(int count) throws TraceFormatException {
    if (count > end - position) {
      throw error("the column ends inside a record");
    }
  }

  TraceFormatException error(String reason) {
    return new TraceFormatException(column, position - payload, reason);
  }
}
