// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.run;

/**
 * How far a node or a guest is.
 *
 * @param guestsRunning guests that are traced now
 * @param runsLive processes that are traced now
 * @param instructions in acknowledged batches
 * @param blocks in acknowledged batches
 * @param accesses in acknowledged batches
 * @param batches acknowledged
 * @param payloadBytes of acknowledged batches
 * @param inFlightBytes sent, not acknowledged
 * @param heldNanos that vCPUs were held back by a full ring
 * @param droppedBatches dropped because the ring was full
 * @param droppedInstructions in them
 */
public record NodeProgress(
    int guestsRunning,
    int runsLive,
    long instructions,
    long blocks,
    long accesses,
    long batches,
    long payloadBytes,
    long inFlightBytes,
    long heldNanos,
    long droppedBatches,
    long droppedInstructions) {
  /** Nothing yet. */
  public static final NodeProgress NONE = new NodeProgress(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  /** Both together. */
  NodeProgress plus(NodeProgress other) {
    return new NodeProgress(
        guestsRunning + other.guestsRunning,
        runsLive + other.runsLive,
        instructions + other.instructions,
        blocks + other.blocks,
        accesses + other.accesses,
        batches + other.batches,
        payloadBytes + other.payloadBytes,
        inFlightBytes + other.inFlightBytes,
        heldNanos + other.heldNanos,
        droppedBatches + other.droppedBatches,
        droppedInstructions + other.droppedInstructions);
  }

  /** The same when it is over. */
  NodeProgress ended() {
    return new NodeProgress(
        0,
        0,
        instructions,
        blocks,
        accesses,
        batches,
        payloadBytes,
        0,
        heldNanos,
        droppedBatches,
        droppedInstructions);
  }
}
