// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.cli.commands.ArchivedRuns.Batches;
import io.tracefleet.cli.report.Records;
import io.tracefleet.cli.report.RunData;
import io.tracefleet.schemas.Accounting;
import io.tracefleet.schemas.AccountingKey;
import io.tracefleet.schemas.Run;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the audit says about runs that were archived before their end. */
final class ArchiveAuditTest {
  private static final AccountingKey VCPU = new AccountingKey(Records.ROOT, 0);

  private final Run ended = Records.run(Records.ROOT).build();
  private final Run unended = Records.run(Records.ROOT).setEnd(null).setTotals(null).build();

  private static RunData data(Run run, long batches, long instructions) {
    return RunData.forAudit(
        List.of(run),
        Map.of(),
        Map.of(VCPU, new Accounting(batches, batches, instructions, 0L, 0L, 0L, 0L, 0L, 0L, 0L)));
  }

  private static ArchiveAudit audit(RunData live, RunData offline, Batches archived) {
    return ArchiveAudit.of(live, offline, Map.of(VCPU, archived));
  }

  @Test
  void whatWasAggregatedOfAnUnfinishedRunIsThere() {
    ArchiveAudit audit = audit(data(unended, 9, 900), data(unended, 5, 500), new Batches(6, 600));

    assertThat(audit.failures()).isEmpty();
    assertThat(audit.render())
        .isEqualTo(
            "ARCHIVE OK  published 0 = archived 0 instructions; 1 run, unfinished 1 with 600"
                + " instructions archived\n");
  }

  @Test
  void aBatchThatIsMissingOfAnUnfinishedRunIsSaid() {
    ArchiveAudit audit = audit(data(unended, 5, 500), data(unended, 5, 500), new Batches(4, 400));

    assertThat(audit.failures())
        .singleElement()
        .asString()
        .contains("vCPU 0: aggregated 500 instructions in 5 batches before it ended")
        .contains("archived 400 in 4");
  }

  @Test
  void aRunThatEndedSinceIsNotTakenForComplete() {
    ArchiveAudit audit = audit(data(ended, 5, 500), data(unended, 5, 500), new Batches(5, 500));

    assertThat(audit.failures()).anyMatch(line -> line.contains("as it stood before it ended"));
  }
}
