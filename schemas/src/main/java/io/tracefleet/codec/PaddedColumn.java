// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

import java.util.Arrays;

/**
 * A column copied to where bytes follow it that may be read, so that its end need not be looked for
 * at every byte but once for each record, with {@link #checkEnd}. What is read past the end are a
 * byte of ones, which as a token is one that has more bytes, and then zeros.
 */
final class PaddedColumn {
  /** No record that is read between two calls of {@link #checkEnd} is longer. */
  private static final int PADDING = 64;

  private static final long CONTINUED = 0x8080_8080_8080_8080L;

  private final Column column;
  private int start;

  /** The column from index 0 on. Changes with {@link #wrap}. */
  byte[] bytes = new byte[4096];

  /** Index of what is read next. */
  int at;

  /** Index of the column's end. */
  int end;

  PaddedColumn(Column column) {
    this.column = column;
  }

  void wrap(PayloadHeader header, int number) {
    int offset = header.columnOffset(number);
    start = offset - header.arrayOffset();
    at = 0;
    end = header.columnLength(number);
    if (bytes.length < end + PADDING) {
      bytes = new byte[Math.max(end + PADDING, 2 * bytes.length)];
    }
    System.arraycopy(header.array(), offset, bytes, 0, end);
    bytes[end] = (byte) 0xff;
    Arrays.fill(bytes, end + 1, end + PADDING, (byte) 0);
  }

  long varint() throws TraceFormatException {
    byte next = bytes[at];
    if (next >= 0) {
      at++;
      return next;
    }
    return wideVarint();
  }

  /**
   * Like {@link #varint}, but as fast for any length up to 8 bytes: for numbers whose length is no
   * good guess.
   */
  long wideVarint() throws TraceFormatException {
    long word = Bytes.i64(bytes, at);
    long stop = ~word & CONTINUED;
    if (stop == 0) {
      return longVarint();
    }
    at += (Long.numberOfTrailingZeros(stop) >>> 3) + 1;
    return Bytes.squeeze(word & (stop ^ stop - 1));
  }

  private long longVarint() throws TraceFormatException {
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      byte next = bytes[at++];
      if (shift == 63 && (next & 0xff) > 1) {
        throw error("a varint above 2^64 - 1");
      }
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw error("a varint longer than 10 bytes");
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

  /** Returns how many bytes the varint at an index has, if at most 8; more if it is longer. */
  static int varintLength(byte[] bytes, int at) {
    return (Long.numberOfTrailingZeros(~Bytes.i64(bytes, at) & CONTINUED) >>> 3) + 1;
  }

  boolean hasRemaining() {
    return at < end;
  }

  void checkEnd() throws TraceFormatException {
    if (at > end) {
      throw error("the column ends inside a record");
    }
  }

  /** An error here. */
  TraceFormatException error(String reason) {
    return new TraceFormatException(column, start + Math.min(at, end), reason);
  }
}
