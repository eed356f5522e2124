// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.schemas.serde;

/** The schema registry cannot be used: one line that says which, why, and what to do. */
public final class SchemaRegistryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  SchemaRegistryException(String message, Throwable cause) {
    super(message, cause);
  }
}
