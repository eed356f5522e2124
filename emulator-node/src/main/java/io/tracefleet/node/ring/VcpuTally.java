// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.ring;

/**
 * What became of one vCPU's instructions.
 *
 * @param vcpu index
 * @param generations threads that had this index
 * @param executed dispatched while traced, as the plugin counted them, passed ones included;
 *     complete after the ring was completed
 * @param encoded in the batches that were read
 * @param dropped in batches that were dropped
 * @param published in batches that were acknowledged
 * @param batches acknowledged
 * @param droppedBatches dropped
 * @param passed outside windows, counted only
 */
public record VcpuTally(
    int vcpu,
    int generations,
    long executed,
    long encoded,
    long dropped,
    long published,
    long batches,
    long droppedBatches,
    long passed) {}
