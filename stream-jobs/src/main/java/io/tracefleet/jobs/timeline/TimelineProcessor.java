// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.timeline;

import io.tracefleet.codec.BatchCounts;
import io.tracefleet.jobs.flow.SectionId;
import io.tracefleet.jobs.flow.Step;
import io.tracefleet.jobs.table.Group;
import io.tracefleet.jobs.table.Table;
import io.tracefleet.jobs.table.Totals;
import io.tracefleet.jobs.table.TotalsStore;
import io.tracefleet.schemas.EpochMicros;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * One row for each second of a vCPU's window, by the batches' opening time: first key the second
 * within the window. Rows are kept for {@value #KEPT_WINDOWS} windows before the latest and go to
 * no topic: only those who ask the store see them.
 */
public final class TimelineProcessor implements Processor<byte[], Step, Void, Void> {
  /** Windows of one minute of a vCPU whose seconds are kept. */
  public static final int KEPT_WINDOWS = 120;

  public static final int INSTRUCTIONS = 0;
  public static final int BLOCKS = 1;
  public static final int LOADS = 2;
  public static final int STORES = 3;
  public static final int RAM_READS = 4;
  public static final int RAM_WRITES = 5;
  public static final int RAM_READ_BYTES = 6;
  public static final int RAM_WRITE_BYTES = 7;
  public static final int IO_READS = 8;
  public static final int IO_WRITES = 9;
  public static final int IO_READ_BYTES = 10;
  public static final int IO_WRITE_BYTES = 11;

  /** Columns of a row, all of them sums. */
  public static final int COLUMNS = 12;

  private static final long SECOND_MICROS = 1_000_000L;

  private final String store;
  private Table table;

  /**
   * @param store name of the task's {@link TotalsStore}
   */
  public TimelineProcessor(String store) {
    this.store = store;
  }

  @Override
  public void init(ProcessorContext<Void, Void> context) {
    TotalsStore totals = context.getStateStore(store);
    table = totals.table(SectionId.TIMELINE.id(), COLUMNS);
  }

  @Override
  public void process(Record<byte[], Step> record) {
    if (record.value() instanceof Step.Folded folded) {
      add(folded);
    } else if (record.value() instanceof Step.Announce) {
      table.visitChanged((totals, row) -> {}); // nobody else is told
    }
  }

  private void add(Step.Folded folded) {
    Group window = folded.window();
    Totals totals = table.totals(window);
    if (totals.size() == 0) {
      table.expireBefore(
          new Group(
              window.runId(),
              window.vcpu(),
              window.windowStart() - (KEPT_WINDOWS - 1) * Group.WINDOW_MICROS));
    }
    long opened = EpochMicros.of(folded.batch().getOpenedAt());
    int row = totals.row((opened - window.windowStart()) / SECOND_MICROS, 0);
    BatchCounts counts = folded.counts();
    totals.add(row, INSTRUCTIONS, counts.instructions());
    totals.add(row, BLOCKS, counts.blocks());
    totals.add(row, LOADS, counts.loads());
    totals.add(row, STORES, counts.stores());
    totals.add(row, RAM_READS, counts.ramReads());
    totals.add(row, RAM_WRITES, counts.ramWrites());
    totals.add(row, RAM_READ_BYTES, counts.ramReadBytes());
    totals.add(row, RAM_WRITE_BYTES, counts.ramWriteBytes());
    for (int i = 0; i < counts.deviceCount(); i++) {
      totals.add(row, IO_READS, counts.deviceReads(i));
      totals.add(row, IO_WRITES, counts.deviceWrites(i));
      totals.add(row, IO_READ_BYTES, counts.deviceReadBytes(i));
      totals.add(row, IO_WRITE_BYTES, counts.deviceWriteBytes(i));
    }
  }
}
