// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.metrics;

import java.util.Optional;

/** Whether a component can do its work now. Asked by any thread, must not wait. */
@FunctionalInterface
public interface Readiness {
  /** Why it cannot, in a few words; empty if it can. */
  Optional<String> obstacle();
}
