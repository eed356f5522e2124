// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.config;

import java.util.Arrays;
import java.util.stream.Collectors;

/** How much of a guest travels. */
public enum TraceMode {
  /** Every executed block and every memory access. */
  FULL("full"),
  /** Only counters. */
  COUNT("count"),
  /** Nothing, until the fleet's control says otherwise. */
  OFF("off");

  private final String word;

  TraceMode(String word) {
    this.word = word;
  }

  /** The word that stands for it in settings, options and records. */
  public String word() {
    return word;
  }

  /** The constant that {@code word} stands for. */
  public static TraceMode parse(String word) throws ConfigException {
    for (TraceMode value : values()) {
      if (value.word.equals(word)) {
        return value;
      }
    }
    throw new ConfigException(
        "\""
            + word
            + "\" is not one of "
            + Arrays.stream(values()).map(TraceMode::word).collect(Collectors.joining(", ")));
  }
}
