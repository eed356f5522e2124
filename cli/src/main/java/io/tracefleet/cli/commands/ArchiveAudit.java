// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import static io.tracefleet.cli.console.TextTable.grouped;

import io.tracefleet.cli.commands.ArchivedRuns.Batches;
import io.tracefleet.cli.report.RunData;
import io.tracefleet.schemas.AccountingKey;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.VcpuTotals;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * Whether an archive holds what was published, and says the same as the cluster: per vCPU published
 * = archived, and each result and account the same.
 *
 * @param runs runs looked at
 * @param published instructions published
 * @param archived instructions in the archive's batches
 * @param failures one line per difference
 */
record ArchiveAudit(int runs, long published, long archived, List<String> failures) {
  ArchiveAudit {
    failures = List.copyOf(failures);
  }

  /**
   * @param live what the cluster says, or the archive's own records if there is no cluster
   * @param offline what the archive says about the same runs; those it does not have are missing
   * @param batches what its batches add up to
   */
  static ArchiveAudit of(RunData live, RunData offline, Map<AccountingKey, Batches> batches) {
    List<String> failures = new ArrayList<>();
    Set<String> complete = new HashSet<>();
    offline.runs().forEach(run -> complete.add(run.getRunId()));
    long published = 0;
    long archived = 0;
    for (Run run : live.runs()) {
      if (!complete.contains(run.getRunId())) {
        failures.add("run " + run.getRunId() + " is not complete in the archive");
      }
      for (VcpuTotals totals : run.getTotals() == null ? List.<VcpuTotals>of() : run.getTotals()) {
        AccountingKey key = new AccountingKey(run.getRunId(), totals.getVcpu());
        Batches found = batches.getOrDefault(key, new Batches(0, 0));
        published += totals.getPublished();
        archived += found.instructions();
        if (found.instructions() != totals.getPublished()
            || found.batches() != totals.getBatches()) {
          failures.add(
              where(key)
                  + "published "
                  + grouped(totals.getPublished())
                  + " instructions in "
                  + grouped(totals.getBatches())
                  + " batches, but archived "
                  + grouped(found.instructions())
                  + " in "
                  + grouped(found.batches()));
        }
      }
    }
    BiConsumer<AccountingKey, String> differs =
        (key, difference) -> {
          if (complete.contains(key.getRunId())) {
            failures.add(where(key) + difference);
          }
        };
    compare(
        live.vcpus(),
        offline.vcpus(),
        key -> new AccountingKey(key.getRunId(), key.getVcpu()),
        differs);
    compare(live.accounting(), offline.accounting(), Function.identity(), differs);
    return new ArchiveAudit(live.runs().size(), published, archived, failures);
  }

  private static <K, V> void compare(
      Map<K, V> live,
      Map<K, V> offline,
      Function<K, AccountingKey> vcpu,
      BiConsumer<AccountingKey, String> differs) {
    live.forEach(
        (key, value) -> {
          if (!value.equals(offline.get(key))) {
            differs.accept(vcpu.apply(key), "live " + value + ", but archived " + offline.get(key));
          }
        });
  }

  private static String where(AccountingKey key) {
    return "run " + key.getRunId() + " vCPU " + key.getVcpu() + ": ";
  }

  boolean passed() {
    return failures.isEmpty();
  }

  /** The verdict in one line, then a line per failure. */
  String render() {
    StringBuilder text = new StringBuilder(passed() ? "ARCHIVE OK" : "ARCHIVE FAILED");
    text.append("  published ")
        .append(grouped(published))
        .append(" = archived ")
        .append(grouped(archived))
        .append(" instructions; ")
        .append(grouped(runs))
        .append(runs == 1 ? " run\n" : " runs\n");
    if (!passed()) {
      int equals = text.indexOf(" = ");
      text.replace(equals, equals + 3, ", ");
    }
    failures.forEach(line -> text.append("  ").append(line).append('\n'));
    return text.toString();
  }
}
