// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.symbols;

import java.nio.file.Path;

/** Paths that a guest chose. */
final class Names {
  private static final int MOST = 200;
  private static final String DELETED = " (deleted)";

  private Names() {}

  /** For a message: bounded, without control characters. */
  static String printable(Path path) {
    return printable(path.toString());
  }

  static String printable(String name) {
    String bounded = name.length() <= MOST ? name : name.substring(0, MOST) + "…";
    StringBuilder text = new StringBuilder(bounded.length());
    bounded
        .codePoints()
        .forEach(
            c ->
                text.appendCodePoint(
                    Character.isISOControl(c) || Character.getType(c) == Character.FORMAT
                        ? '?'
                        : c));
    return text.toString();
  }

  /** The path that /proc/PID/maps means: it writes a line break as \012. */
  static String ofMaps(String text) {
    return text.replace("\\012", "\n");
  }

  /** Without what /proc/PID/maps adds to the name of a file that is no more. */
  static String withoutDeleted(String path) {
    return path.endsWith(DELETED) ? path.substring(0, path.length() - DELETED.length()) : path;
  }
}
