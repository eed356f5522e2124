// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.bench;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One measured execution.
 *
 * @param wallSeconds from QEMU's start until everything the case asks for was there
 * @param guestSeconds from QEMU's start until it ended
 * @param cpuSeconds user and system time by part
 * @param guestPeakBytes most memory that QEMU had at once, shared memory included
 * @param jvmPeakBytes the same of the JVM that holds node, broker and jobs
 * @param outputBytes payload of the batches, or what another tool wrote
 * @param wireBytes what the producer sent, compressed
 * @param events what was executed
 */
public record Sample(
    double wallSeconds,
    double guestSeconds,
    Map<Part, Double> cpuSeconds,
    OptionalLong guestPeakBytes,
    OptionalLong jvmPeakBytes,
    OptionalLong outputBytes,
    OptionalLong wireBytes,
    Optional<Events> events) {
  public Sample {
    cpuSeconds = Map.copyOf(cpuSeconds);
  }

  /** All parts together. */
  double cpuTotal() {
    return cpuSeconds.values().stream().mapToDouble(Double::doubleValue).sum();
  }
}
