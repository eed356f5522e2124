// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.config;

import java.util.Objects;

/**
 * Something the user has to know: the message is one line that says what was wrong, where, and what
 * to do.
 */
public class NodeException extends Exception {
  private final ExitCode exitCode;

  public NodeException(ExitCode exitCode, String line) {
    this(exitCode, line, null);
  }

  public NodeException(ExitCode exitCode, String line, Throwable cause) {
    super(line.replace('\n', ' '), cause);
    this.exitCode = Objects.requireNonNull(exitCode);
  }

  /** What the process should exit with. */
  public final ExitCode exitCode() {
    return exitCode;
  }
}
