// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.size;

import java.util.Arrays;

/**
 * What waits before the threads of the stream jobs, and what the brokers have to do, second by
 * second. The first {@link #WARM_UP} seconds do not count: everything begins empty. Stateless.
 */
final class Queues {
  static final int WARM_UP = 600;

  /** Replicas of each partition: its leader's broker and the ones after it. */
  static final int COPIES = 3;

  private static final double PERCENTILE = 0.99;

  private Queues() {}

  /**
   * How long, in seconds, a batch that comes now waits for the thread that reads it: the 99th
   * percentile over all threads and seconds. Partitions are dealt out to threads in turn, as many
   * to each.
   *
   * @param cost CPU seconds of the jobs for a second of an executing vCPU; a thread has one core
   */
  static double lag(Load load, int threads, double cost) {
    double[] waiting = new double[threads];
    double[] seen = new double[(load.seconds() - WARM_UP) * threads];
    int count = 0;
    for (int second = 0; second < load.seconds(); second++) {
      for (int partition = 0; partition < load.partitions(); partition++) {
        waiting[partition % threads] += load.at(second, partition) * cost;
      }
      for (int thread = 0; thread < threads; thread++) {
        waiting[thread] = Math.max(0, waiting[thread] - 1);
        if (second >= WARM_UP) {
          seen[count++] = waiting[thread];
        }
      }
    }
    return percentile(seen);
  }

  /**
   * Executing vCPUs whose batches the busiest broker of a second stores, as leader or as follower:
   * the 99th percentile over all seconds.
   */
  static double brokerLoad(Load load, int brokers) {
    double[] busiest = new double[load.seconds() - WARM_UP];
    for (int second = WARM_UP; second < load.seconds(); second++) {
      double[] stored = new double[brokers];
      for (int partition = 0; partition < load.partitions(); partition++) {
        for (int copy = 0; copy < COPIES; copy++) {
          stored[(partition + copy) % brokers] += load.at(second, partition);
        }
      }
      busiest[second - WARM_UP] = Arrays.stream(stored).max().orElseThrow();
    }
    return percentile(busiest);
  }

  private static double percentile(double[] values) {
    Arrays.sort(values);
    return values[(int) Math.ceil(PERCENTILE * values.length) - 1];
  }
}
