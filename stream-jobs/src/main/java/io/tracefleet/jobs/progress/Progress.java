// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.progress;

import java.util.List;

/**
 * How far a run is.
 *
 * @param instructions aggregated
 * @param batches aggregated
 * @param rate instructions per second over the last seconds
 * @param lag batches that Kafka has and the jobs have not counted: of the run where it has ended,
 *     of the partitions that its vCPUs are in where it goes on; null if not known
 * @param dropped instructions dropped by a full ring
 * @param gaps batches missing below the largest sequence seen
 * @param broken batches that could not be decoded
 * @param duplicates batches that came again
 * @param lastSeen when this was seen to change last, or else when the run ended or began,
 *     microseconds since the epoch
 * @param perVcpu by vCPU
 */
public record Progress(
    long instructions,
    long batches,
    long rate,
    Long lag,
    long dropped,
    long gaps,
    long broken,
    long duplicates,
    long lastSeen,
    List<Vcpu> perVcpu) {
  public Progress {
    perVcpu = List.copyOf(perVcpu);
  }

  /**
   * One vCPU.
   *
   * @param batches aggregated
   * @param nextSequence one more than the largest sequence seen
   * @param rate instructions per second over the last seconds
   * @param passed instructions passed over outside windows, as far as the batches told
   */
  public record Vcpu(
      int vcpu,
      long instructions,
      long batches,
      long nextSequence,
      long duplicates,
      long rate,
      long passed) {}
}
