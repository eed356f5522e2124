// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.metrics;

/** A component cannot be watched; the message is one line: what was wrong, where, what to do. */
public final class MetricsException extends Exception {
  private static final long serialVersionUID = 1L;

  MetricsException(String line, Throwable cause) {
    super(line, cause);
  }
}
