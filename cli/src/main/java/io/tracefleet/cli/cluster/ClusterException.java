// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.cluster;

/**
 * The embedded cluster could not be started; the message is one line for the user: what, where,
 * what to do.
 */
public final class ClusterException extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * @param message one line for the user
   */
  public ClusterException(String message) {
    super(message);
  }

  /**
   * @param message one line for the user
   * @param cause what happened
   */
  public ClusterException(String message, Throwable cause) {
    super(message, cause);
  }
}
