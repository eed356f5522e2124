// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.size;

import java.util.List;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;

/** Seconds of executing vCPUs that reach each partition in each second of the simulated time. */
final class Load {
  private final double[][] perSecond;

  private Load(double[][] perSecond) {
    this.perSecond = perSecond;
  }

  /** Spreads bursts over partitions as Kafka's producer spreads records by their keys. */
  static Load of(List<Burst> bursts, int seconds, int partitions) {
    double[][] perSecond = new double[seconds][partitions];
    for (Burst burst : bursts) {
      int partition = BuiltInPartitioner.partitionForKey(burst.key(), partitions);
      for (int second = (int) burst.begin(); second < burst.end(); second++) {
        double from = Math.max(second, burst.begin());
        perSecond[second][partition] += Math.min(second + 1.0, burst.end()) - from;
      }
    }
    return new Load(perSecond);
  }

  int partitions() {
    return perSecond[0].length;
  }

  int seconds() {
    return perSecond.length;
  }

  /** Of one partition in one second. */
  double at(int second, int partition) {
    return perSecond[second][partition];
  }

  /** What the busiest partition gets of a mean one, over the whole time. */
  double imbalance() {
    double most = 0;
    double all = 0;
    for (int partition = 0; partition < partitions(); partition++) {
      double sum = 0;
      for (double[] second : perSecond) {
        sum += second[partition];
      }
      most = Math.max(most, sum);
      all += sum;
    }
    return all == 0 ? 1 : most * partitions() / all;
  }
}
