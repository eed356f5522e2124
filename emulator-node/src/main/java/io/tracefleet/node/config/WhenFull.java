// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.config;

import java.util.Arrays;
import java.util.stream.Collectors;

/** What happens when a ring is full. */
public enum WhenFull {
  /** The guest is held until the node has freed a buffer; nothing is lost. */
  BLOCK("block"),
  /** Whole batches are dropped and counted. */
  DROP("drop");

  private final String word;

  WhenFull(String word) {
    this.word = word;
  }

  /** The word that stands for it in settings, options and records. */
  public String word() {
    return word;
  }

  /** The constant that {@code word} stands for. */
  public static WhenFull parse(String word) throws ConfigException {
    for (WhenFull value : values()) {
      if (value.word.equals(word)) {
        return value;
      }
    }
    throw new ConfigException(
        "\""
            + word
            + "\" is not one of "
            + Arrays.stream(values()).map(WhenFull::word).collect(Collectors.joining(", ")));
  }
}
