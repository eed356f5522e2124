// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.run;

import io.tracefleet.node.config.TraceWish;
import java.util.Optional;

/** What is to be traced of this node's guests. Any thread. */
interface TraceWishes {
  /** Empty: each guest as it was started. */
  Optional<TraceWish> wish();

  /** False until it is known what the fleet wants: what is traced stays so. */
  default boolean areKnown() {
    return true;
  }

  /** So many bytes of batches' payloads have arrived. */
  default void published(long bytes) {}
}
