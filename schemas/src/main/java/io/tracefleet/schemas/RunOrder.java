// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.schemas;

import java.util.Comparator;

/** How runs are sorted. Stateless. */
public final class RunOrder {
  /** The oldest first; runs that started in one microsecond by their ids. */
  public static final Comparator<Run> BY_START =
      Comparator.comparing(Run::getStart).thenComparing(Run::getRunId);

  private RunOrder() {}
}
