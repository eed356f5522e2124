// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.config;

import java.time.Duration;

/** Bounds of settings. */
final class Range {
  private Range() {}

  static void check(String name, long value, long least, long most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          name + ": " + value + " is not between " + least + " and " + most);
    }
  }

  static void check(String name, Duration value, Duration least, Duration most) {
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw new IllegalArgumentException(
          name
              + ": "
              + Units.print(value)
              + " is not between "
              + Units.print(least)
              + " and "
              + Units.print(most));
    }
  }
}
