// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.console;

/**
 * A command cannot go on; the message is one line for the user: what was wrong, where, what to do.
 */
public final class CommandException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int exitCode;

  /**
   * @param exitCode see {@link Exit}
   * @param message one line for the user
   */
  public CommandException(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  /**
   * @param exitCode see {@link Exit}
   * @param message one line for the user
   * @param cause what happened
   */
  public CommandException(int exitCode, String message, Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  /** The code to exit with. */
  public int exitCode() {
    return exitCode;
  }
}
