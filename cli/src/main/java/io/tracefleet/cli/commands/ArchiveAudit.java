// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import static io.tracefleet.cli.console.TextTable.grouped;

import io.tracefleet.cli.commands.ArchivedRuns.Batches;
import io.tracefleet.cli.report.RunData;
import io.tracefleet.schemas.Accounting;
import io.tracefleet.schemas.AccountingKey;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.VcpuTotals;
import java.util.ArrayList;
import java.util.HashMap;
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
 * @param unfinished not among these: what they published is not known
 * @param failures one line per difference
 */
record ArchiveAudit(
    int runs, long published, long archived, Unfinished unfinished, List<String> failures) {
  /** Runs that the archive has as they stood before their end, and their instructions there. */
  record Unfinished(int runs, long archived) {}

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
    Map<String, Run> there = new HashMap<>();
    offline.runs().forEach(run -> there.put(run.getRunId(), run));
    Set<String> comparable = new HashSet<>();
    long published = 0;
    long archived = 0;
    long asItStands = 0;
    for (Run run : live.runs()) {
      Run same = there.get(run.getRunId());
      if (same == null) {
        failures.add("run " + run.getRunId() + " is not in the archive yet");
      } else if (same.getEnd() != null) {
        comparable.add(run.getRunId());
      } else if (run.getEnd() != null) {
        failures.add(
            "run "
                + run.getRunId()
                + " is in the archive as it stood before it ended: what came since is not");
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
    for (Map.Entry<AccountingKey, Accounting> entry : offline.accounting().entrySet()) {
      if (there.get(entry.getKey().getRunId()).getEnd() == null) {
        Accounting counted = entry.getValue();
        Batches found = batches.getOrDefault(entry.getKey(), new Batches(0, 0));
        asItStands += found.instructions();
        // More is no fault: the jobs were behind when it was archived, or found a batch broken.
        if (found.instructions() < counted.getInstructions()
            || found.batches() < counted.getBatches()) {
          failures.add(
              where(entry.getKey())
                  + "aggregated "
                  + grouped(counted.getInstructions())
                  + " instructions in "
                  + grouped(counted.getBatches())
                  + " batches before it ended, but archived "
                  + grouped(found.instructions())
                  + " in "
                  + grouped(found.batches()));
        }
      }
    }
    BiConsumer<AccountingKey, String> differs =
        (key, difference) -> {
          if (comparable.contains(key.getRunId())) {
            failures.add(where(key) + difference);
          }
        };
    compare(
        live.vcpus(),
        offline.vcpus(),
        key -> new AccountingKey(key.getRunId(), key.getVcpu()),
        differs);
    compare(live.accounting(), offline.accounting(), Function.identity(), differs);
    int unfinished = (int) offline.runs().stream().filter(run -> run.getEnd() == null).count();
    return new ArchiveAudit(
        live.runs().size(), published, archived, new Unfinished(unfinished, asItStands), failures);
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
        .append(runs == 1 ? " run" : " runs");
    if (unfinished.runs() > 0) {
      text.append(", unfinished ")
          .append(grouped(unfinished.runs()))
          .append(" with ")
          .append(grouped(unfinished.archived()))
          .append(" instructions archived");
    }
    text.append('\n');
    if (!passed()) {
      int equals = text.indexOf(" = ");
      text.replace(equals, equals + 3, ", ");
    }
    failures.forEach(line -> text.append("  ").append(line).append('\n'));
    return text.toString();
  }
}
