// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.ring;

import io.tracefleet.node.config.NodeException;

/** Takes batches out of a ring. */
public interface BatchSink {
  /**
   * Takes {@code batch}, or says that there is no room now. Who takes it calls {@link
   * RingBatch#acknowledged} or {@link RingBatch#failed} later, once, on the thread that polls.
   *
   * @return false if there is no room; the batch is offered again
   */
  boolean offer(RingBatch batch) throws NodeException;
}
