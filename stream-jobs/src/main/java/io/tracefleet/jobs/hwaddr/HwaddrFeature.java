// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.hwaddr;

import io.tracefleet.codec.BatchCounts;
import io.tracefleet.jobs.flow.Feature;
import io.tracefleet.jobs.flow.SectionId;
import io.tracefleet.jobs.flow.Step;
import io.tracefleet.jobs.table.Group;
import io.tracefleet.jobs.table.Table;
import io.tracefleet.jobs.table.Totals;
import io.tracefleet.schemas.Hwaddr;
import io.tracefleet.schemas.HwaddrKey;

/**
 * One row for RAM, one for each device, and, for the whole run only, one for each page of RAM.
 * First key: 0, the number of the device's name, or the page's address; second key: which of the
 * three.
 */
public final class HwaddrFeature implements Feature<HwaddrKey, Hwaddr> {
  private static final String RAM_NAME = "RAM";

  public static final long RAM = 0;
  public static final long DEVICE = 1;
  public static final long PAGE = 2;

  public static final int READS = 0;
  public static final int WRITES = 1;
  public static final int READ_BYTES = 2;
  public static final int WRITE_BYTES = 3;
  public static final int COLUMNS = 4;

  @Override
  public SectionId section() {
    return SectionId.HWADDR;
  }

  @Override
  public int columns() {
    return COLUMNS;
  }

  @Override
  public void add(Step.Folded batch, Table table) {
    BatchCounts counts = batch.counts();
    boolean ram = counts.ramReads() != 0 || counts.ramWrites() != 0;
    if (!ram && counts.deviceCount() == 0) {
      return; // user mode, or no accesses
    }
    Totals wholeRun = table.totals(batch.wholeRun());
    addSums(counts, ram, wholeRun);
    addSums(counts, ram, table.totals(batch.window()));
    for (int i = 0; i < counts.pageCount(); i++) {
      add(
          wholeRun,
          wholeRun.row(counts.pageAddress(i), PAGE),
          counts.pageReads(i),
          counts.pageWrites(i),
          counts.pageReadBytes(i),
          counts.pageWriteBytes(i));
    }
  }

  private static void addSums(BatchCounts counts, boolean ram, Totals totals) {
    if (ram) {
      add(
          totals,
          totals.row(0, RAM),
          counts.ramReads(),
          counts.ramWrites(),
          counts.ramReadBytes(),
          counts.ramWriteBytes());
    }
    for (int i = 0; i < counts.deviceCount(); i++) {
      add(
          totals,
          totals.row(totals.nameNumber(counts.deviceName(i)), DEVICE),
          counts.deviceReads(i),
          counts.deviceWrites(i),
          counts.deviceReadBytes(i),
          counts.deviceWriteBytes(i));
    }
  }

  private static void add(
      Totals totals, int row, long reads, long writes, long readBytes, long writeBytes) {
    totals.add(row, READS, reads);
    totals.add(row, WRITES, writes);
    totals.add(row, READ_BYTES, readBytes);
    totals.add(row, WRITE_BYTES, writeBytes);
  }

  @Override
  public HwaddrKey key(Totals totals, int row) {
    Group group = totals.group();
    long kind = totals.second(row);
    return new HwaddrKey(
        group.runId(),
        group.vcpu(),
        kind == DEVICE,
        kind == DEVICE ? totals.name((int) totals.first(row)) : RAM_NAME,
        kind == PAGE ? totals.first(row) : null,
        group.window());
  }

  @Override
  public Hwaddr value(Totals totals, int row) {
    return new Hwaddr(
        totals.get(row, READS),
        totals.get(row, WRITES),
        totals.get(row, READ_BYTES),
        totals.get(row, WRITE_BYTES));
  }
}
