// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.console;

/** Exit codes of the command besides the emulator node's; the README lists all of them. */
public final class Exit {
  public static final int OK = 0;

  /**
   * The command ran and its answer is no: the audit found a difference, a guest of a node failed.
   */
  public static final int FAILURE = 1;

  /** What was asked for is not there: no such run, no cluster written down. */
  public static final int NOT_THERE = 66;

  /** Broker, registry or jobs cannot be reached or failed. */
  public static final int CLUSTER_UNAVAILABLE = 69;

  /** An error in this program. */
  public static final int INTERNAL = 70;

  /** A result file cannot be written. */
  public static final int CANNOT_WRITE = 74;

  /** The results were not complete when the command gave up waiting. */
  public static final int INCOMPLETE = 75;

  /** Kafka or the schema registry refuses this user, or is not one that it trusts. */
  public static final int REFUSED = 77;

  /** A wrong configuration file. */
  public static final int CONFIG = 78;

  /** A wrong option or argument. */
  public static final int USAGE = 64;

  private static final int SIGNAL_BASE = 128;

  private Exit() {}

  /** The exit code of a command that a signal ended. */
  public static int signalled(int number) {
    return SIGNAL_BASE + number;
  }
}
