// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.http;

import io.javalin.http.Context;

/** Bodies of answers. Stateless. */
final class Body {
  private Body() {}

  /** With its length, so that it goes out in one piece and not in chunks. */
  static void send(Context context, byte[] bytes) {
    context.res().setContentLengthLong(bytes.length);
    context.result(bytes);
  }
}
