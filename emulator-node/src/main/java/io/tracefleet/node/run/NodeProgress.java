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
 * @param wireBytes that Kafka's producers sent for them: compressed, with Kafka's overhead
 * @param inFlightBytes sent, not acknowledged
 * @param heldNanos that vCPUs were held back by a full ring
 * @param droppedBatches dropped because the ring was full
 * @param droppedInstructions in them
 * @param missingBatches that should have been in a ring of a dead process and were not
 */
public record NodeProgress(
    int guestsRunning,
    int runsLive,
    long instructions,
    long blocks,
    long accesses,
    long batches,
    long payloadBytes,
    long wireBytes,
    long inFlightBytes,
    long heldNanos,
    long droppedBatches,
    long droppedInstructions,
    long missingBatches) {
  /** Nothing yet. */
  public static final NodeProgress NONE = new NodeProgress(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

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
        wireBytes + other.wireBytes,
        inFlightBytes + other.inFlightBytes,
        heldNanos + other.heldNanos,
        droppedBatches + other.droppedBatches,
        droppedInstructions + other.droppedInstructions,
        missingBatches + other.missingBatches);
  }

  /** The same with what the producer sent. */
  NodeProgress withWireBytes(long bytes) {
    return new NodeProgress(
        guestsRunning,
        runsLive,
        instructions,
        blocks,
        accesses,
        batches,
        payloadBytes,
        bytes,
        inFlightBytes,
        heldNanos,
        droppedBatches,
        droppedInstructions,
        missingBatches);
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
        wireBytes,
        0,
        heldNanos,
        droppedBatches,
        droppedInstructions,
        missingBatches);
  }
}
