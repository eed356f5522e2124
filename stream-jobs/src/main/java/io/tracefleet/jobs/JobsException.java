// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs;

/** The jobs cannot start or go on; the message is one line for the user that says what to do. */
public final class JobsException extends Exception {
  private static final long serialVersionUID = 1L;

  /** What kind of trouble it is. */
  public enum Kind {
    /** A setting is wrong. */
    CONFIG,
    /** Kafka or the schema registry cannot be used. */
    CLUSTER,
    /** The jobs failed. */
    JOBS
  }

  private final Kind kind;

  JobsException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** What kind of trouble it is. */
  public Kind kind() {
    return kind;
  }
}
