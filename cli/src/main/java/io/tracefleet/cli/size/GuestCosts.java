// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.size;

import io.tracefleet.node.config.TraceMode;
import java.util.List;

/**
 * What a guest cost when it was measured. Seconds are those of docs/performance.md, medians of runs
 * on two cores with one broker; bytes were counted in one {@code trace --local --archive} each.
 *
 * @param guest which one
 * @param mode in which it was traced
 * @param instructions that it executed
 * @param guestSeconds until it ended
 * @param brokerCpu CPU seconds of the broker, as the only one
 * @param jobsCpu CPU seconds of the stream jobs
 * @param nodeCpu CPU seconds of the emulator node
 * @param jvmCpu CPU seconds of compiler and garbage collector of the JVM that held these three
 * @param payloadBytes of its batches
 * @param wireBytes of its batches as the node sent them, and as Kafka keeps them
 * @param archiveBytes of its files in the archive
 */
public record GuestCosts(
    Guest guest,
    TraceMode mode,
    double instructions,
    double guestSeconds,
    double brokerCpu,
    double jobsCpu,
    double nodeCpu,
    double jvmCpu,
    double payloadBytes,
    double wireBytes,
    double archiveBytes) {
  /** A guest whose costs are known. */
  public enum Guest {
    /** Debian's kernel with 2 vCPUs from its start to its end, in system emulation. */
    LINUX("linux"),
    /** A program that sorts, hashes and copies, in user mode. */
    SORT("sort");

    private final String word;

    Guest(String word) {
      this.word = word;
    }

    String word() {
      return word;
    }
  }

  private static final List<GuestCosts> MEASURED =
      List.of(
          new GuestCosts(
              Guest.LINUX,
              TraceMode.FULL,
              6.17e9,
              25.59,
              3.85,
              12.70,
              4.28,
              4.59,
              963.4e6,
              368.3e6,
              371.4e6),
          new GuestCosts(
              Guest.LINUX,
              TraceMode.COUNT,
              6.17e9,
              25.36,
              1.29,
              1.09,
              0.49,
              1.87,
              22.67e6,
              5.47e6,
              9.43e6),
          new GuestCosts(
              Guest.SORT,
              TraceMode.FULL,
              3.32e9,
              14.92,
              2.98,
              6.27,
              3.44,
              3.68,
              831.1e6,
              205.3e6,
              203.2e6),
          new GuestCosts(
              Guest.SORT,
              TraceMode.COUNT,
              3.32e9,
              3.23,
              0.16,
              0.06,
              0.05,
              0.29,
              95.7e3,
              32.7e3,
              115.5e3));

  /** What {@code guest} costs in {@code mode}. */
  public static GuestCosts of(Guest guest, TraceMode mode) {
    return MEASURED.stream()
        .filter(costs -> costs.guest == guest && costs.mode == mode)
        .findFirst()
        .orElseThrow();
  }

  /** Instructions per second of a vCPU that executes. It is taken for one, also of Linux's two. */
  double vcpuSpeed() {
    return instructions / guestSeconds;
  }

  /** CPU seconds of the jobs for a second of an executing vCPU, with their share of the JVM's. */
  double jobsPerVcpuSecond() {
    return withJvm(jobsCpu) / guestSeconds;
  }

  /** The same of the broker, for one copy of the batches. */
  double brokerPerVcpuSecond() {
    return withJvm(brokerCpu) / guestSeconds;
  }

  private double withJvm(double cpu) {
    return cpu * (1 + jvmCpu / (brokerCpu + jobsCpu + nodeCpu));
  }

  double wirePerVcpuSecond() {
    return wireBytes / guestSeconds;
  }

  double wirePerInstruction() {
    return wireBytes / instructions;
  }

  double payloadPerInstruction() {
    return payloadBytes / instructions;
  }

  double archivePerInstruction() {
    return archiveBytes / instructions;
  }
}
