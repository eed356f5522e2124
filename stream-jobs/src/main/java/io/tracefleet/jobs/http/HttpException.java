// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.http;

/** The HTTP interface cannot start; the message is for the user. */
public final class HttpException extends Exception {
  private static final long serialVersionUID = 1L;

  HttpException(String message, Throwable cause) {
    super(message, cause);
  }
}
