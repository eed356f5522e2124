// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.catalog;

import java.util.List;
import java.util.Locale;

/** Tells a full disk from other failures, by what the system calls it. Stateless. */
public final class NoRoom {
  private static final List<String> FULL =
      List.of("no space left on device", "disk quota exceeded");

  private NoRoom() {}

  /** True if it, or what caused it, is that there is no room left. */
  public static boolean is(Throwable failure) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      String message = at.getMessage() == null ? "" : at.getMessage().toLowerCase(Locale.ROOT);
      if (FULL.stream().anyMatch(message::contains)) {
        return true;
      }
    }
    return false;
  }
}
