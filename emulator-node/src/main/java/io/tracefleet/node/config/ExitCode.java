// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.config;

import io.tracefleet.schemas.clients.Refusals;

/**
 * The exit codes of Tracefleet's commands. A guest that ran has its own code passed through, 128 +
 * n if signal n ended it; all others are here and follow sysexits.h and the shell.
 */
public enum ExitCode {
  /** Done. */
  OK(0),
  /** The command ran and its answer is no: an audit that does not add up, for example. */
  FAILURE(1),
  /** The command line is wrong. */
  USAGE(64),
  /** Broker or schema registry cannot be reached, or fail. */
  CLUSTER_UNAVAILABLE(69),
  /** Tracefleet itself failed. */
  INTERNAL(70),
  /** The ring directory is full, or cannot be written. */
  RING_DIR(73),
  /** Kafka or the schema registry refuses this user, or is not one that it trusts. */
  REFUSED(77),
  /** A configuration file or a setting is wrong. */
  CONFIG(78),
  /** This QEMU cannot be traced. */
  QEMU_UNUSABLE(125),
  /** QEMU was found but cannot be executed. */
  NOT_EXECUTABLE(126),
  /** There is no such QEMU. */
  NOT_FOUND(127);

  private final int code;

  ExitCode(int code) {
    this.code = code;
  }

  /** The code of a failure of Kafka or the schema registry. */
  public static ExitCode ofCluster(Throwable failure) {
    return Refusals.is(failure) ? REFUSED : CLUSTER_UNAVAILABLE;
  }

  /** What the process exits with. */
  public int code() {
    return code;
  }
}
