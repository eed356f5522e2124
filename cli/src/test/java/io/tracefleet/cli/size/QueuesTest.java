// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.size;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tracefleet.node.config.TraceMode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.Test;

/** What the simulation rests on, in cases that can be counted by hand. */
final class QueuesTest {
  private static final int SECONDS = Queues.WARM_UP + 1000;
  private static final GuestCosts COSTS = GuestCosts.of(GuestCosts.Guest.LINUX, TraceMode.FULL);

  @Test
  void aBurstReachesThePartitionOfItsKeyWhileItLasts() {
    byte[] key = key(7);
    Load load = Load.of(List.of(new Burst(key, 1.25, 3.5)), 5, 12);

    int partition = Utils.toPositive(Utils.murmur2(key)) % 12;
    assertThat(IntStream.range(0, 5).mapToDouble(second -> load.at(second, partition)))
        .containsExactly(0.0, 0.75, 1.0, 0.5, 0.0);
    assertThat(load.imbalance()).isEqualTo(12.0);
  }

  @Test
  void whatAThreadCannotDoWaits() {
    Load load = Load.of(List.of(new Burst(key(1), Queues.WARM_UP, SECONDS)), SECONDS, 1);

    assertThat(Queues.lag(load, 1, 1.0)).isZero();
    // A tenth of a second more each second: 99 s after 990 of 1000.
    assertThat(Queues.lag(load, 1, 1.1)).isCloseTo(99, within(0.01));
  }

  @Test
  void partitionsAreDealtOutToThreads() {
    List<Burst> two = List.of(onPartition(0), onPartition(1));
    Load load = Load.of(two, SECONDS, 2);

    assertThat(Queues.lag(load, 2, 1.0)).isZero();
    assertThat(Queues.lag(load, 1, 1.0)).isGreaterThan(900);
  }

  @Test
  void eachBrokerStoresItsOwnAndItsNeighboursPartitions() {
    Load load = Load.of(List.of(onPartition(0)), SECONDS, 6);

    assertThat(Queues.brokerLoad(load, 3)).isEqualTo(1.0);
    assertThat(IntStream.range(0, 6).mapToDouble(partition -> load.at(SECONDS - 1, partition)))
        .startsWith(1.0, 0.0);
  }

  @Test
  void guestsExecuteAsMuchAsTheFleetSays() {
    Fleet fleet = new Fleet(200, 4, 50e6, COSTS, Duration.ofHours(1));

    List<Burst> bursts = Bursts.draw(fleet, 3600, 1);

    double busy = bursts.stream().mapToDouble(burst -> burst.end() - burst.begin()).sum();
    assertThat(busy * COSTS.vcpuSpeed() / 3600 / fleet.allInstructionsPerSecond())
        .isCloseTo(1, within(0.03));
  }

  @Test
  void theSameSeedIsTheSameFleet() {
    Fleet fleet = new Fleet(5, 4, 50e6, COSTS, Duration.ofHours(1));

    assertThat(begins(fleet, 1)).isEqualTo(begins(fleet, 1)).isNotEqualTo(begins(fleet, 2));
  }

  private static List<Double> begins(Fleet fleet, long seed) {
    return Bursts.draw(fleet, 3600, seed).stream().map(Burst::begin).toList();
  }

  /** For the whole time, on one of two, and of six, partitions. */
  private static Burst onPartition(int partition) {
    byte[] key =
        IntStream.range(0, 1000)
            .mapToObj(QueuesTest::key)
            .filter(one -> Utils.toPositive(Utils.murmur2(one)) % 6 == partition)
            .findFirst()
            .orElseThrow();
    return new Burst(key, 0, SECONDS);
  }

  private static byte[] key(int number) {
    return ("01a205b3-59d4-70d2-8f76-2e0996f1548f/" + number).getBytes(StandardCharsets.UTF_8);
  }
}
