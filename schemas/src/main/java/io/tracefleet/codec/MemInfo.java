// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

/** The byte that says what kind of access it is. */
public final class MemInfo {
  /** Set if the value is sign-extended. */
  public static final int SIGN_EXTENDED = 1 << 4;

  /** Set if the value is big-endian. */
  public static final int BIG_ENDIAN = 1 << 5;

  /** Set if the access writes. */
  public static final int STORE = 1 << 6;

  /** Largest log2 of a size. */
  public static final int MAX_SIZE_SHIFT = 7;

  private MemInfo() {}

  /** Returns log2 of the size in bytes. */
  public static int sizeShift(int info) {
    return info & 0xf;
  }

  /** Returns the size in bytes. */
  public static int size(int info) {
    return 1 << sizeShift(info);
  }

  /** Returns whether the value is sign-extended. */
  public static boolean signExtended(int info) {
    return (info & SIGN_EXTENDED) != 0;
  }

  /** Returns whether the value is big-endian. */
  public static boolean bigEndian(int info) {
    return (info & BIG_ENDIAN) != 0;
  }

  /** Returns whether the access writes. */
  public static boolean store(int info) {
    return (info & STORE) != 0;
  }

  /** Returns whether the byte is one that the format allows. */
  static boolean valid(int info) {
    return info <= 0x7f && sizeShift(info) <= MAX_SIZE_SHIFT;
  }
}
