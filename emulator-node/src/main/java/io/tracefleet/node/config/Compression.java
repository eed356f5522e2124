// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.config;

import java.util.Arrays;
import java.util.stream.Collectors;

/** How the producer compresses what it sends. */
public enum Compression {
  /** zstd at level 1. */
  ZSTD("zstd"),
  /** lz4. */
  LZ4("lz4"),
  /** Not at all. */
  NONE("none");

  private final String word;

  Compression(String word) {
    this.word = word;
  }

  /** The word that stands for it in settings, options and records. */
  public String word() {
    return word;
  }

  /** The constant that {@code word} stands for. */
  public static Compression parse(String word) throws ConfigException {
    for (Compression value : values()) {
      if (value.word.equals(word)) {
        return value;
      }
    }
    throw new ConfigException(
        "\""
            + word
            + "\" is not one of "
            + Arrays.stream(values()).map(Compression::word).collect(Collectors.joining(", ")));
  }
}
