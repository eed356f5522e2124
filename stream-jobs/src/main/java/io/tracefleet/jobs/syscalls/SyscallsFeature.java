// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.syscalls;

import io.tracefleet.codec.BatchCounts;
import io.tracefleet.jobs.flow.Feature;
import io.tracefleet.jobs.flow.SectionId;
import io.tracefleet.jobs.flow.Step;
import io.tracefleet.jobs.table.Group;
import io.tracefleet.jobs.table.Table;
import io.tracefleet.jobs.table.Totals;
import io.tracefleet.schemas.Syscall;
import io.tracefleet.schemas.SyscallKey;

/**
 * One row for each system call number of a vCPU. The group's only name is QEMU's target, for the
 * names of the numbers.
 */
public final class SyscallsFeature implements Feature<SyscallKey, Syscall> {
  public static final int CALLS = 0;
  public static final int RETURNS = 1;
  public static final int ERRORS = 2;
  public static final int COLUMNS = 3;

  private static final int TARGET = 0;

  private final SyscallNames names = new SyscallNames();

  @Override
  public SectionId section() {
    return SectionId.SYSCALLS;
  }

  @Override
  public int columns() {
    return COLUMNS;
  }

  @Override
  public void add(Step.Folded batch, Table table) {
    BatchCounts counts = batch.counts();
    if (counts.syscallCount() == 0) {
      return;
    }
    String target = batch.batch().getTarget();
    add(counts, target, table.totals(batch.wholeRun()));
    add(counts, target, table.totals(batch.window()));
  }

  private static void add(BatchCounts counts, String target, Totals totals) {
    totals.nameNumber(target);
    for (int i = 0; i < counts.syscallCount(); i++) {
      int row = totals.row(counts.syscallNumber(i), 0);
      totals.add(row, CALLS, counts.syscallEntries(i));
      totals.add(row, RETURNS, counts.syscallReturns(i));
      totals.add(row, ERRORS, counts.syscallErrors(i));
    }
  }

  @Override
  public SyscallKey key(Totals totals, int row) {
    Group group = totals.group();
    return new SyscallKey(group.runId(), group.vcpu(), totals.first(row), group.window());
  }

  @Override
  public Syscall value(Totals totals, int row) {
    return new Syscall(
        names.name(totals.name(TARGET), totals.first(row)),
        totals.get(row, CALLS),
        totals.get(row, RETURNS),
        totals.get(row, ERRORS));
  }
}
