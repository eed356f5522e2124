// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.VcpuTotals;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

final class AuditTest {
  private static Audit audit(RunData data) {
    return Audit.of(
        data.runs().stream().map(run -> ReportBuilder.build(data, run).report()).toList(), true);
  }

  /** One vCPU of 100 instructions in 4 batches, of which the given was aggregated. */
  private static Audit audit(
      Consumer<VcpuTotals> change, long batches, long nextSequence, long instructions) {
    VcpuTotals totals = Records.totals(0, 100, 0, 4);
    change.accept(totals);
    Run run = Records.run(Records.ROOT).setTotals(List.of(totals)).build();
    return audit(
        new Records()
            .add(run)
            .vcpu(Records.ROOT, 0, 0, null, instructions, 1, 1, 1, 1, 1, 0, 0)
            .account(Records.ROOT, 0, Records.accounting(batches, nextSequence, instructions, 0, 0))
            .data());
  }

  @Test
  void passesIfAllAddsUpDropsAndDuplicatesIncluded() {
    Audit audit = audit(Samples.userMode());

    assertThat(audit.passed()).isTrue();
    assertThat(audit.render(false))
        .isEqualTo(
            "AUDIT OK  executed 1,610 = encoded 1,510 + dropped 100, published 1,510, aggregated 1,510"
                + " instructions; 2 runs, 3 vCPUs, 0 gaps, 2 duplicates\n");
  }

  @Test
  void coloursTheVerdictOnly() {
    assertThat(audit(Samples.userMode()).render(true)).startsWith("\033[32mAUDIT OK\033[0m  exec");
    assertThat(audit(totals -> {}, 3, 4, 80).render(true))
        .startsWith("\033[31mAUDIT FAILED\033[0m  exec");
  }

  @Test
  void whatWindowsPassedOverIsPartOfWhatWasExecuted() {
    Audit audit =
        audit(
            totals -> {
              totals.setExecuted(1_000);
              totals.setPassed(900);
            },
            4,
            4,
            100);

    assertThat(audit.passed()).isTrue();
    assertThat(audit.render(false))
        .startsWith("AUDIT OK  executed 1,000 = encoded 100 + dropped 0 + passed over 900, ");
    assertThat(audit(totals -> totals.setPassed(900), 4, 4, 100).failures())
        .containsExactly(
            "run "
                + Records.ROOT
                + " vCPU 0: executed 100, but encoded 100 + dropped 0 + passed over 900");
  }

  @Test
  void findsWhatWasNotEncoded() {
    assertThat(audit(totals -> totals.setExecuted(101), 4, 4, 100).failures())
        .containsExactly(
            "run " + Records.ROOT + " vCPU 0: executed 101, but encoded 100 + dropped 0");
  }

  @Test
  void findsWhatWasNotPublished() {
    assertThat(audit(totals -> totals.setPublished(90), 4, 4, 90).failures())
        .containsExactly("run " + Records.ROOT + " vCPU 0: encoded 100, but published 90");
  }

  @Test
  void findsWhatWasNotAggregated() {
    assertThat(audit(totals -> {}, 3, 4, 80).failures())
        .containsExactly(
            "run " + Records.ROOT + " vCPU 0: published 100, but aggregated 80",
            "run " + Records.ROOT + " vCPU 0: 1 batch is missing");
  }

  @Test
  void findsAMissingBatchWithoutInstructions() {
    assertThat(audit(totals -> {}, 3, 3, 100).failures())
        .containsExactly("run " + Records.ROOT + " vCPU 0: 1 batch is missing");
  }

  @Test
  void findsResultsThatDoNotAddUp() {
    Run run = Records.run(Records.ROOT).setTotals(List.of(Records.totals(0, 100, 0, 1))).build();
    Audit audit =
        audit(
            new Records()
                .add(run)
                .vcpu(Records.ROOT, 0, 0, null, 60, 1, 1, 1, 1, 1, 0, 0)
                .vcpu(Records.ROOT, 0, 1, null, 39, 1, 1, 1, 1, 1, 0, 0)
                .account(Records.ROOT, 0, Records.accounting(1, 1, 100, 0, 0))
                .data());

    assertThat(audit.failures())
        .containsExactly(
            "run " + Records.ROOT + " vCPU 0: aggregated 100, but the results add up to 99");
  }

  @Test
  void givesNoVerdictOnWhatIsNotAggregatedYet() {
    Run run = Records.run(Records.ROOT).setTotals(List.of(Records.totals(0, 100, 0, 4))).build();
    RunData data =
        new Records().add(run).account(Records.ROOT, 0, Records.accounting(1, 1, 9, 0, 0)).data();

    Audit audit = Audit.of(List.of(ReportBuilder.build(data, run).report()), false);

    assertThat(audit.passed()).isFalse();
    assertThat(audit.render(false)).startsWith("AUDIT INCOMPLETE  executed 100 ").hasLineCount(1);
  }

  @Test
  void doesNotPassWhileTheRunGoesOn() {
    Run run = Records.run(Records.ROOT).setEnd(null).build();

    assertThat(audit(new Records().add(run).data()).failures())
        .containsExactly("run " + Records.ROOT + " has not ended: its totals are not known yet");
  }
}
