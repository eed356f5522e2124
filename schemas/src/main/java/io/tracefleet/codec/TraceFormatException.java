// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

/** A payload that does not follow {@code docs/trace-format.md}, or that contradicts itself. */
public final class TraceFormatException extends Exception {
  private static final long serialVersionUID = 1L;

  private final Column column;
  private final int offset;
  private final String reason;

  /**
   * @param column where it is wrong; {@link Column#HEADER} if the header contradicts what was
   *     decoded
   * @param offset bytes from the payload's start to the place where it was noticed
   * @param reason what is wrong, one line
   */
  public TraceFormatException(Column column, int offset, String reason) {
    super(column + ", byte " + offset + " of the payload: " + reason);
    this.column = column;
    this.offset = offset;
    this.reason = reason;
  }

  /** Returns where it is wrong. */
  public Column column() {
    return column;
  }

  /** Returns the bytes from the payload's start to the place where it was noticed. */
  public int offset() {
    return offset;
  }

  /** Returns what is wrong, without the place. */
  public String reason() {
    return reason;
  }
}
