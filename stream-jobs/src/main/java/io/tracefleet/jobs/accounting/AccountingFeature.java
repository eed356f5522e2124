// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.accounting;

import io.tracefleet.jobs.flow.Feature;
import io.tracefleet.jobs.flow.SectionId;
import io.tracefleet.jobs.flow.Step;
import io.tracefleet.jobs.table.Group;
import io.tracefleet.jobs.table.Table;
import io.tracefleet.jobs.table.Totals;
import io.tracefleet.schemas.Accounting;
import io.tracefleet.schemas.AccountingKey;
import io.tracefleet.schemas.TraceBatch;

/** One row for each vCPU, for the whole run only. */
public final class AccountingFeature implements Feature<AccountingKey, Accounting> {
  public static final int BATCHES = 0;
  public static final int NEXT_SEQUENCE = 1;
  public static final int INSTRUCTIONS = 2;
  private static final int BLOCKS = 3;
  private static final int ACCESSES = 4;
  public static final int DUPLICATES = 5;
  public static final int BROKEN = 6;
  public static final int DROPPED_BATCHES = 7;
  public static final int DROPPED_INSTRUCTIONS = 8;

  /** Passed over outside windows until the last of the batches was sealed: a maximum, no sum. */
  public static final int PASSED = 9;

  public static final int COLUMNS = 10;

  @Override
  public SectionId section() {
    return SectionId.ACCOUNTING;
  }

  @Override
  public int columns() {
    return COLUMNS;
  }

  @Override
  public void add(Step.Folded folded, Table table) {
    TraceBatch batch = folded.batch();
    Totals totals = table.totals(folded.wholeRun());
    int row = totals.row(0, 0);
    totals.add(row, BATCHES, 1);
    sawSequence(totals, row, batch.getSequence());
    totals.add(row, INSTRUCTIONS, batch.getInstructions());
    totals.add(row, BLOCKS, batch.getBlocks());
    totals.add(row, ACCESSES, batch.getAccesses());
    totals.add(row, DROPPED_BATCHES, batch.getDroppedBatches());
    totals.add(row, DROPPED_INSTRUCTIONS, batch.getDroppedInstructions());
    totals.set(row, PASSED, Math.max(totals.get(row, PASSED), batch.getPassedInstructions()));
  }

  @Override
  public void add(Step.Duplicate batch, Table table) {
    Totals totals = table.totals(batch.wholeRun());
    totals.add(totals.row(0, 0), DUPLICATES, 1);
  }

  @Override
  public void add(Step.Broken batch, Table table) {
    Totals totals = table.totals(batch.wholeRun());
    int row = totals.row(0, 0);
    totals.add(row, BROKEN, 1);
    sawSequence(totals, row, batch.sequence()); // UNKNOWN is below every sequence
  }

  private static void sawSequence(Totals totals, int row, long sequence) {
    totals.set(row, NEXT_SEQUENCE, Math.max(totals.get(row, NEXT_SEQUENCE), sequence + 1));
  }

  @Override
  public AccountingKey key(Totals totals, int row) {
    Group group = totals.group();
    return new AccountingKey(group.runId(), group.vcpu());
  }

  @Override
  public Accounting value(Totals totals, int row) {
    return new Accounting(
        totals.get(row, BATCHES),
        totals.get(row, NEXT_SEQUENCE),
        totals.get(row, INSTRUCTIONS),
        totals.get(row, BLOCKS),
        totals.get(row, ACCESSES),
        totals.get(row, DUPLICATES),
        totals.get(row, BROKEN),
        totals.get(row, DROPPED_BATCHES),
        totals.get(row, DROPPED_INSTRUCTIONS),
        totals.get(row, PASSED));
  }
}
