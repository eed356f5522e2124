// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.store;

/** An archive cannot be used; the message is one line: what was wrong, where, what to do. */
public final class ArchiveException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Whose fault it is. */
  public enum Kind {
    /** What was asked for is not there. */
    NOT_THERE,
    /** A wrong setting or query. */
    USAGE,
    /** The store cannot be written or read. */
    STORE,
    /** Kafka or the registry. */
    CLUSTER
  }

  private final Kind kind;

  /**
   * @param kind whose fault it is
   * @param message one line for the user
   */
  public ArchiveException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  /**
   * @param kind whose fault it is
   * @param message one line for the user
   * @param cause what happened
   */
  public ArchiveException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** Whose fault it is. */
  public Kind kind() {
    return kind;
  }
}
