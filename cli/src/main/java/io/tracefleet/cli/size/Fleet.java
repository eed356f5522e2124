// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.size;

import java.time.Duration;

/**
 * What is to be traced, and for how long its batches stay in Kafka.
 *
 * @param nodes emulator nodes, 1 to 10,000
 * @param vcpus of the guests of a node together, 1 to 256
 * @param instructionsPerSecond of a node, mean over all time
 * @param costs of the guests, in one mode
 * @param retention of the batches in Kafka
 */
public record Fleet(
    int nodes, int vcpus, double instructionsPerSecond, GuestCosts costs, Duration retention) {
  private static final int MOST_NODES = 10_000;
  private static final int MOST_VCPUS = 256;

  public Fleet {
    if (nodes < 1 || nodes > MOST_NODES) {
      throw new IllegalArgumentException("%d nodes: give 1 to %d.".formatted(nodes, MOST_NODES));
    }
    if (vcpus < 1 || vcpus > MOST_VCPUS) {
      throw new IllegalArgumentException(
          "%d vCPUs of a node: give 1 to %d.".formatted(vcpus, MOST_VCPUS));
    }
    double most = vcpus * costs.vcpuSpeed();
    if (instructionsPerSecond <= 0 || instructionsPerSecond > most) {
      throw new IllegalArgumentException(
          "%s instructions per second of a node: %d vCPUs that run %s in %s mode make at most %s; give less, or more vCPUs."
              .formatted(
                  Amounts.of(instructionsPerSecond),
                  vcpus,
                  costs.guest().word(),
                  costs.mode().word(),
                  Amounts.of(most)));
    }
    if (retention.compareTo(Duration.ofMinutes(1)) < 0) {
      throw new IllegalArgumentException("Retention " + retention + ": give a minute or more.");
    }
  }

  /** Of all nodes. */
  double allInstructionsPerSecond() {
    return nodes * instructionsPerSecond;
  }

  /** The share of time in which a vCPU executes; then it does so at its full speed. */
  double busyShare() {
    return instructionsPerSecond / (vcpus * costs.vcpuSpeed());
  }
}
