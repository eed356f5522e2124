// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.publish;

/**
 * What a publisher has done so far.
 *
 * @param instructions in acknowledged batches
 * @param blocks in acknowledged batches
 * @param accesses in acknowledged batches
 * @param batches acknowledged
 * @param payloadBytes of acknowledged batches
 * @param inFlightBytes sent, not acknowledged
 */
public record PublishCounters(
    long instructions,
    long blocks,
    long accesses,
    long batches,
    long payloadBytes,
    long inFlightBytes) {
  /** Nothing yet. */
  public static final PublishCounters NONE = new PublishCounters(0, 0, 0, 0, 0, 0);
}
