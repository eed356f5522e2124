// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.vcpu;

import io.tracefleet.codec.BatchCounts;
import io.tracefleet.jobs.flow.Feature;
import io.tracefleet.jobs.flow.SectionId;
import io.tracefleet.jobs.flow.Step;
import io.tracefleet.jobs.table.Group;
import io.tracefleet.jobs.table.Table;
import io.tracefleet.jobs.table.Totals;
import io.tracefleet.schemas.VcpuInstructions;
import io.tracefleet.schemas.VcpuKey;

/** One row for each generation of a vCPU. */
public final class VcpuFeature implements Feature<VcpuKey, VcpuInstructions> {
  public static final int INSTRUCTIONS = 0;
  public static final int BLOCKS = 1;
  public static final int LOADS = 2;
  public static final int STORES = 3;
  public static final int LOAD_BYTES = 4;
  public static final int STORE_BYTES = 5;
  public static final int IDLES = 6;
  public static final int RESUMES = 7;
  public static final int COLUMNS = 8;

  @Override
  public SectionId section() {
    return SectionId.VCPU_INSTRUCTIONS;
  }

  @Override
  public int columns() {
    return COLUMNS;
  }

  @Override
  public void add(Step.Folded batch, Table table) {
    int generation = batch.batch().getGeneration();
    add(batch.counts(), generation, table.totals(batch.wholeRun()));
    add(batch.counts(), generation, table.totals(batch.window()));
  }

  private static void add(BatchCounts counts, int generation, Totals totals) {
    int row = totals.row(generation, 0);
    totals.add(row, INSTRUCTIONS, counts.instructions());
    totals.add(row, BLOCKS, counts.blocks());
    totals.add(row, LOADS, counts.loads());
    totals.add(row, STORES, counts.stores());
    totals.add(row, LOAD_BYTES, counts.loadBytes());
    totals.add(row, STORE_BYTES, counts.storeBytes());
    totals.add(row, IDLES, counts.idles());
    totals.add(row, RESUMES, counts.resumes());
  }

  @Override
  public VcpuKey key(Totals totals, int row) {
    Group group = totals.group();
    return new VcpuKey(group.runId(), group.vcpu(), (int) totals.first(row), group.window());
  }

  @Override
  public VcpuInstructions value(Totals totals, int row) {
    return new VcpuInstructions(
        totals.get(row, INSTRUCTIONS),
        totals.get(row, BLOCKS),
        totals.get(row, LOADS),
        totals.get(row, STORES),
        totals.get(row, LOAD_BYTES),
        totals.get(row, STORE_BYTES),
        totals.get(row, IDLES),
        totals.get(row, RESUMES));
  }
}
