// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.size;

/**
 * The smallest cluster that was found to keep up with a fleet.
 *
 * @param fleet the fleet
 * @param threads of the stream jobs, in all instances; each has a core
 * @param partitions of {@code tracefleet.batches}
 * @param imbalance what the busiest partition gets of a mean one
 * @param lagSeconds how long batches wait for the jobs, 99th percentile
 * @param brokers that store {@link Queues#COPIES} copies
 * @param brokerBytesPerSecond that a broker stores, 99th percentile
 */
record Size(
    Fleet fleet,
    int threads,
    int partitions,
    double imbalance,
    double lagSeconds,
    int brokers,
    double brokerBytesPerSecond) {
  private static final double DAY_SECONDS = 86_400;

  /** Payload that one archiver takes per second, of docs/performance.md. */
  static final double ARCHIVER_BYTES_PER_SECOND = 180e6;

  double wireBytesPerDay() {
    return fleet.allInstructionsPerSecond() * fleet.costs().wirePerInstruction() * DAY_SECONDS;
  }

  /** Of all brokers together, all copies of the batches. */
  double diskBytes() {
    return wireBytesPerDay() / DAY_SECONDS * fleet.retention().toSeconds() * Queues.COPIES;
  }

  double archiveBytesPerDay() {
    return fleet.allInstructionsPerSecond() * fleet.costs().archivePerInstruction() * DAY_SECONDS;
  }

  /** How busy the one archiver is; above 1 it falls behind for ever. */
  double archiverShare() {
    return fleet.allInstructionsPerSecond()
        * fleet.costs().payloadPerInstruction()
        / ARCHIVER_BYTES_PER_SECOND;
  }
}
