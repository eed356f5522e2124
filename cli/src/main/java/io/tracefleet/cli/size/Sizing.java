// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.size;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Looks for the smallest cluster that keeps up: first the fewest threads of the jobs, then the
 * fewest partitions, then the fewest brokers. For one thread.
 */
final class Sizing {
  private static final int SECONDS = Queues.WARM_UP + 3600;
  private static final List<Integer> PARTITIONS = List.of(4, 12, 24, 48, 96, 192, 384, 768);

  private final double lagLimit;
  private final int brokerCores;
  private final long seed;

  /**
   * @param lagLimit seconds that batches may wait for the jobs, 99th percentile
   * @param brokerCores of each broker
   */
  Sizing(double lagLimit, int brokerCores, long seed) {
    this.lagLimit = lagLimit;
    this.brokerCores = brokerCores;
    this.seed = seed;
  }

  /**
   * @throws IllegalArgumentException if no number of partitions would do
   */
  Size of(Fleet fleet) {
    List<Burst> bursts = Bursts.draw(fleet, SECONDS, seed);
    Map<Integer, Load> loads = new LinkedHashMap<>();
    PARTITIONS.forEach(count -> loads.put(count, Load.of(bursts, SECONDS, count)));
    GuestCosts costs = fleet.costs();
    double cost = costs.jobsPerVcpuSecond();
    double mean = fleet.nodes() * fleet.vcpus() * fleet.busyShare() * cost;
    for (int threads = (int) Math.ceil(mean);
        threads <= PARTITIONS.get(PARTITIONS.size() - 1);
        threads += Math.max(1, threads / 20)) {
      for (Load load : loads.values()) {
        if (load.partitions() < threads) {
          continue;
        }
        double lag = Queues.lag(load, threads, cost);
        int brokers = lag <= lagLimit ? brokers(load, costs) : 0;
        if (brokers > 0) {
          return new Size(
              fleet,
              threads,
              load.partitions(),
              load.imbalance(),
              lag,
              brokers,
              Queues.brokerLoad(load, brokers) * costs.wirePerVcpuSecond());
        }
      }
    }
    throw new IllegalArgumentException(
        "%d nodes in %s mode: it would need more than %d partitions; take count mode, more broker cores, or several fleets with a cluster each."
            .formatted(fleet.nodes(), costs.mode().word(), PARTITIONS.get(PARTITIONS.size() - 1)));
  }

  /** The fewest of which each has cores enough; 0 if there are not partitions enough for them. */
  private int brokers(Load load, GuestCosts costs) {
    for (int brokers = Queues.COPIES;
        brokers <= load.partitions();
        brokers += Math.max(1, brokers / 10)) {
      if (Queues.brokerLoad(load, brokers) * costs.brokerPerVcpuSecond() <= brokerCores) {
        return brokers;
      }
    }
    return 0;
  }
}
