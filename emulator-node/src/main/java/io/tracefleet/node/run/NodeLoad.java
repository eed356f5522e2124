// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.run;

/**
 * What waits in a node or a guest now.
 *
 * @param backlogBatches found in rings, not acknowledged
 * @param ringBuffers that may be used, all rings together
 * @param ringBuffersTaken that hold a batch which is not acknowledged
 * @param fullestRing part of its buffers that the fullest ring has taken, 0 to 1
 * @param heldVcpus vCPUs that a full ring holds back
 * @param unansweredNanos for how long batches wait and none has been acknowledged, of the guest for
 *     which it is longest
 */
record NodeLoad(
    long backlogBatches,
    long ringBuffers,
    long ringBuffersTaken,
    double fullestRing,
    long heldVcpus,
    long unansweredNanos) {
  /** Nothing waits. */
  static final NodeLoad NONE = new NodeLoad(0, 0, 0, 0, 0, 0);

  /** Both together. */
  NodeLoad plus(NodeLoad other) {
    return new NodeLoad(
        backlogBatches + other.backlogBatches,
        ringBuffers + other.ringBuffers,
        ringBuffersTaken + other.ringBuffersTaken,
        Math.max(fullestRing, other.fullestRing),
        heldVcpus + other.heldVcpus,
        Math.max(unansweredNanos, other.unansweredNanos));
  }
}
