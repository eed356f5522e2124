// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.schemas.AccountingKey;
import io.tracefleet.schemas.Run;
import java.util.List;
import org.junit.jupiter.api.Test;

final class AggregationProgressTest {
  private static final AccountingKey VCPU_0 = new AccountingKey(Records.ROOT, 0);
  private static final AccountingKey VCPU_1 = new AccountingKey(Records.ROOT, 1);

  private static AggregationProgress twoVcpus() {
    Run run =
        Records.run(Records.ROOT)
            .setTotals(
                List.of(
                    Records.totals(0, 10, 0, 3),
                    Records.totals(1, 10, 0, 2),
                    Records.totals(2, 0, 0, 0)))
            .build();
    return new AggregationProgress(List.of(run));
  }

  @Test
  void isCompleteWhenEveryVcpuHasAllItsBatches() {
    AggregationProgress progress = twoVcpus();

    progress.update(VCPU_0, Records.accounting(2, 2, 0, 0, 0));
    progress.update(VCPU_1, Records.accounting(2, 2, 0, 0, 0));
    assertThat(progress.complete()).isFalse();
    assertThat(progress.aggregatedBatches()).isEqualTo(4);
    assertThat(progress.missing(5)).containsExactly("run " + Records.ROOT + " vCPU 0: 2 of 3");

    progress.update(VCPU_0, Records.accounting(3, 3, 0, 0, 0));
    assertThat(progress.complete()).isTrue();
    assertThat(progress.aggregatedBatches()).isEqualTo(progress.expectedBatches()).isEqualTo(5);

    progress.update(VCPU_0, Records.accounting(3, 3, 0, 1, 0));
    assertThat(progress.complete()).isTrue();
    assertThat(progress.missing(5)).isEmpty();
  }

  @Test
  void doesNotWaitForBatchesThatAreBroken() {
    AggregationProgress progress = twoVcpus();

    progress.update(VCPU_0, Records.accounting(2, 3, 0, 0, 1));
    progress.update(VCPU_1, Records.accounting(2, 2, 0, 0, 0));

    assertThat(progress.complete()).isTrue();
  }

  @Test
  void ignoresOtherRuns() {
    AggregationProgress progress = twoVcpus();

    progress.update(new AccountingKey(Records.CHILD, 0), Records.accounting(9, 9, 0, 0, 0));

    assertThat(progress.aggregatedBatches()).isZero();
  }

  @Test
  void isCompleteAtOnceIfNothingWasPublished() {
    assertThat(new AggregationProgress(List.of(Records.run(Records.ROOT).build())).complete())
        .isTrue();
  }
}
