// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.report;

/** Results cannot be read; the message is one line for the user. */
public final class ResultException extends Exception {
  private static final long serialVersionUID = 1L;

  ResultException(String message) {
    super(message);
  }

  ResultException(String message, Throwable cause) {
    super(message, cause);
  }
}
