// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Little-endian numbers in byte arrays. */
final class Bytes {
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** The top bits of the bytes after a token of one byte. */
  static final long LAST_BYTES = 0x8080_8080_8080_8000L;

  private Bytes() {}

  static int u16(byte[] bytes, int at) {
    return (short) SHORT.get(bytes, at) & 0xffff;
  }

  static int i32(byte[] bytes, int at) {
    return (int) INT.get(bytes, at);
  }

  static long u32(byte[] bytes, int at) {
    return (int) INT.get(bytes, at) & 0xffff_ffffL;
  }

  static long i64(byte[] bytes, int at) {
    return (long) LONG.get(bytes, at);
  }

  /** Returns the number whose varint is in this word, which holds nothing else; at most 8 bytes. */
  static long squeeze(long word) {
    long x = word & 0x7f7f_7f7f_7f7f_7f7fL;
    x = x & 0x007f_007f_007f_007fL | (x & 0x7f00_7f00_7f00_7f00L) >>> 1;
    x = x & 0x0000_3fff_0000_3fffL | (x & 0x3fff_0000_3fff_0000L) >>> 2;
    return x & 0x0fff_ffffL | (x & 0x0fff_ffff_0000_0000L) >>> 4;
  }

  static long unzigzag(long value) {
    return (value >>> 1) ^ -(value & 1);
  }
}
