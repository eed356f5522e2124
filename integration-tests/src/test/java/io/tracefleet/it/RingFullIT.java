// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.cli.report.RunReport;
import io.tracefleet.node.config.GuestSpec;
import io.tracefleet.node.config.TraceMode;
import io.tracefleet.node.config.WhenFull;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A ring that fills up: the guest is held, or whole batches are dropped and counted exactly. */
@ExtendWith(TestCluster.Extension.class)
final class RingFullIT {
  private static List<String> command() {
    return List.of("qemu-x86_64", Places.guest("chase").toString(), "3000000");
  }

  @Test
  void blockHoldsTheGuestAndLosesNothing(TestCluster cluster) throws Exception {
    try (Traces traces = Traces.open(cluster, ring -> ring.withBuffers(2))) {
      Traces.Traced traced =
          traces.trace(
              GuestSpec.of(command()).withMode(TraceMode.FULL).withWhenFull(WhenFull.BLOCK));

      traces.assertEqual(traced);
      assertThat(traced.outcome().root().getHeldNanos()).as("held, ns").isPositive();
      assertThat(traced.root().accounting()).allSatisfy(a -> assertThat(a.dropped()).isZero());
    }
  }

  @Test
  void dropCountsWhatItDropsExactly(TestCluster cluster) throws Exception {
    try (Traces traces = Traces.open(cluster, ring -> ring.withBuffers(2))) {
      Traces.Traced traced =
          traces.trace(
              GuestSpec.of(command()).withMode(TraceMode.FULL).withWhenFull(WhenFull.DROP));

      RunReport.AccountingRow row = traced.root().accounting().get(0);
      assertThat(row.dropped()).as("dropped instructions").isPositive();
      long counted = traced.oracle().number("vcpu 0.0", "instructions");
      assertThat(row.executed()).isEqualTo(counted);
      assertThat(row.encoded() + row.dropped()).isEqualTo(counted);
      assertThat(row.aggregated()).isEqualTo(row.encoded());
      assertThat(row.gaps()).isZero();
      assertThat(traced.rootCounts().number("vcpu 0.0", "instructions"))
          .isEqualTo(counted - row.dropped());
      traces.good();
    }
  }
}
