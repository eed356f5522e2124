// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.metrics;

import java.util.Optional;

/**
 * What {@code /healthz} and {@code /readyz} answer.
 *
 * @param status of HTTP: 200 or 503
 * @param text one line
 */
public record Health(int status, String text) {
  /** Of {@link #text}. */
  public static final String CONTENT_TYPE = "text/plain; charset=utf-8";

  /** The process answers, and that is all it says. */
  public static final Health LIVE = new Health(200, "live\n");

  /** Ready, or why not. */
  public static Health ready(Optional<String> obstacle) {
    return obstacle
        .map(why -> new Health(503, "not ready: " + why.replace('\n', ' ') + "\n"))
        .orElse(new Health(200, "ready\n"));
  }
}
