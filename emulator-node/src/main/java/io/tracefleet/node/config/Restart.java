// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.config;

import java.util.Arrays;
import java.util.stream.Collectors;

/** When a guest that has ended is started again. */
public enum Restart {
  /** Not at all. */
  NEVER("never"),
  /** When its exit code is not 0. */
  ON_FAILURE("on-failure"),
  /** Whatever its exit code. */
  ALWAYS("always");

  private final String word;

  Restart(String word) {
    this.word = word;
  }

  /** The word that stands for it in settings, options and records. */
  public String word() {
    return word;
  }

  /** The constant that {@code word} stands for. */
  public static Restart parse(String word) throws ConfigException {
    for (Restart value : values()) {
      if (value.word.equals(word)) {
        return value;
      }
    }
    throw new ConfigException(
        "\""
            + word
            + "\" is not one of "
            + Arrays.stream(values()).map(Restart::word).collect(Collectors.joining(", ")));
  }
}
