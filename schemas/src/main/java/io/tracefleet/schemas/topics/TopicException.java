// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.schemas.topics;

/** The topics cannot be used: one line that says which, why, and what to do. */
public final class TopicException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TopicException(String message) {
    super(message);
  }

  TopicException(String message, Throwable cause) {
    super(message, cause);
  }
}
