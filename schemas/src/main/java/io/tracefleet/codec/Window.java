// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

/** What {@link UserWindow} and {@link SystemWindow} have in common. */
final class Window {
  /** Most events that are looked ahead at. */
  static final int MOST = 8192;

  private Window() {}

  /**
   * Goes back to the token in which so many of the gathered events have happened.
   *
   * @param from where the first of the tokens is
   * @return what is left of the run of the token there
   */
  static int rewind(PaddedColumn memory, int from, int events) {
    final byte[] bytes = memory.bytes;
    int at = from;
    int sum = run(bytes, at);
    while (sum < events) {
      boolean number = (bytes[at] & Codes.MASK) != Codes.OTHER_STRIDE;
      at += isLong(bytes, at) ? 2 : 1;
      at += number ? PaddedColumn.varintLength(bytes, at) : 0;
      sum += 1 + run(bytes, at);
    }
    memory.at = at;
    return sum - events;
  }

  private static boolean isLong(byte[] bytes, int token) {
    return (bytes[token] & 0xff) >= Codes.LONG;
  }

  /** Returns a gathered token's run. */
  private static int run(byte[] bytes, int token) {
    int run = (bytes[token] & 0xff) >>> Codes.BITS;
    return isLong(bytes, token) ? run + bytes[token + 1] : run;
  }
}
