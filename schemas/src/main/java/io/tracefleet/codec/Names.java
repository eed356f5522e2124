// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Device names seen so far. They stay known from payload to payload: decoding them each time would
 * allocate.
 */
final class Names {
  private static final int KEPT = 1024;

  private byte[][] bytes = new byte[16][];
  private String[] strings = new String[16];
  private int known;

  /** Returns the number that stands for the name in these bytes until {@link #trim}. */
  int number(byte[] array, int offset, int length) {
    for (int i = 0; i < known; i++) {
      if (Arrays.equals(bytes[i], 0, bytes[i].length, array, offset, offset + length)) {
        return i;
      }
    }
    if (known == bytes.length) {
      bytes = Arrays.copyOf(bytes, 2 * known);
      strings = Arrays.copyOf(strings, 2 * known);
    }
    bytes[known] = Arrays.copyOfRange(array, offset, offset + length);
    // A name cut inside a character is no reason to lose a batch: it gets a replacement character.
    strings[known] = new String(array, offset, length, StandardCharsets.UTF_8);
    return known++;
  }

  String string(int number) {
    return strings[number];
  }

  byte[] bytes(int number) {
    return bytes[number];
  }

  /** Forgets the names if there are more than a machine has. Numbers are void then. */
  void trim() {
    if (known > KEPT) {
      Arrays.fill(bytes, null);
      Arrays.fill(strings, null);
      known = 0;
    }
  }
}
