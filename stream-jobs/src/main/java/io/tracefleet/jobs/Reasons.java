// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs;

import java.nio.file.Path;

/** What an exception says, in one line. */
final class Reasons {
  private static final int LONGEST = 500;

  private Reasons() {}

  /**
   * The deepest message: Kafka's outer ones tell which task and offset, the inner ones what is
   * wrong.
   */
  static String of(Throwable failure) {
    Throwable deepest = failure;
    String message = null;
    for (Throwable at = failure; at != null; at = at.getCause()) {
      if (at.getMessage() != null && !at.getMessage().isBlank()) {
        deepest = at;
        message = at.getMessage();
      }
    }
    String line =
        message == null
            ? failure.getClass().getSimpleName()
            : isPlain(deepest) ? message : deepest.getClass().getSimpleName() + ": " + message;
    line = line.replaceAll("\\s+", " ").strip();
    line = line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "...";
    return line.endsWith(".") ? line.substring(0, line.length() - 1) : line;
  }

  /** What to do about a full disk. */
  static String noRoom(Path stateDirectory) {
    return "No room is left in the state directory %s: make room and start the jobs again, they go on where they were."
        .formatted(stateDirectory);
  }

  /** True if the message says all and the class nothing. */
  private static boolean isPlain(Throwable failure) {
    String name = failure.getClass().getName();
    return name.startsWith("org.apache.kafka.") || name.startsWith("io.tracefleet.");
  }
}
