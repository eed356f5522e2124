// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.size;

import io.tracefleet.cli.console.Grid;
import java.util.List;

/**
 * Sizes of several fleets as a table, a fleet a row.
 *
 * @param lagLimit seconds that batches may wait for the jobs, 99th percentile
 * @param brokerCores of each broker
 * @param seed of everything that is drawn by lot
 */
public record SizeTable(double lagLimit, int brokerCores, long seed) {
  private static final double MOST_LAG = 3600;
  private static final int MOST_CORES = 256;

  public SizeTable {
    if (!(lagLimit > 0 && lagLimit <= MOST_LAG)) {
      throw new IllegalArgumentException(
          "Lag of %s s: give more than 0, and at most %.0f.".formatted(lagLimit, MOST_LAG));
    }
    if (brokerCores < 1 || brokerCores > MOST_CORES) {
      throw new IllegalArgumentException(
          "%d cores of a broker: give 1 to %d.".formatted(brokerCores, MOST_CORES));
    }
  }

  /**
   * Simulates each fleet.
   *
   * @throws IllegalArgumentException if a fleet is impossible; the message says how to change it
   */
  public Grid of(List<Fleet> fleets) {
    Sizing sizing = new Sizing(lagLimit, brokerCores, seed);
    Grid grid =
        new Grid(
            2,
            "guests",
            "mode",
            "nodes",
            "instr./s",
            "jobs' threads",
            "partitions",
            "busiest",
            "lag",
            "brokers",
            "stored/s",
            "sent/day",
            "disk",
            "archive/day",
            "archiver");
    fleets.forEach(fleet -> grid.row(row(sizing.of(fleet))));
    return grid;
  }

  private static List<String> row(Size size) {
    Fleet fleet = size.fleet();
    return List.of(
        fleet.costs().guest().word(),
        fleet.costs().mode().word(),
        Integer.toString(fleet.nodes()),
        Amounts.of(fleet.allInstructionsPerSecond()),
        Integer.toString(size.threads()),
        Integer.toString(size.partitions()),
        Amounts.percent(size.imbalance()),
        Amounts.seconds(size.lagSeconds()),
        Integer.toString(size.brokers()),
        Amounts.bytes(size.brokerBytesPerSecond()),
        Amounts.bytes(size.wireBytesPerDay()),
        Amounts.bytes(size.diskBytes()),
        Amounts.bytes(size.archiveBytesPerDay()),
        Amounts.percent(size.archiverShare()));
  }
}
