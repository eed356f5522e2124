// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.flow;

import io.tracefleet.jobs.table.Group;
import io.tracefleet.jobs.table.Table;
import io.tracefleet.jobs.table.Totals;
import io.tracefleet.jobs.table.TotalsStore;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Runs a {@link Feature} in a task: adds batches to its table and, when told, forwards the results.
 */
public final class FeatureProcessor<K, V> implements Processor<byte[], Step, K, V> {
  private final Feature<K, V> feature;
  private final String store;

  private ProcessorContext<K, V> context;
  private Table table;

  /**
   * @param feature what to count; without state
   * @param store name of the task's {@link TotalsStore}
   */
  public FeatureProcessor(Feature<K, V> feature, String store) {
    this.feature = feature;
    this.store = store;
  }

  @Override
  public void init(ProcessorContext<K, V> context) {
    this.context = context;
    TotalsStore totals = context.getStateStore(store);
    this.table = totals.table(feature.section().id(), feature.columns());
  }

  @Override
  public void process(Record<byte[], Step> record) {
    Step step = record.value();
    if (step instanceof Step.Folded folded) {
      feature.add(folded, table);
    } else if (step instanceof Step.Duplicate duplicate) {
      feature.add(duplicate, table);
    } else if (step instanceof Step.Broken broken) {
      feature.add(broken, table);
    } else if (step instanceof Step.Announce) {
      table.visitChanged((totals, row) -> forward(totals, row, record));
    } else if (step instanceof Step.Restate restate) {
      for (Group group : restate.groups()) {
        table.visitAll(group, (totals, row) -> forward(totals, row, record));
      }
    }
  }

  private void forward(Totals totals, int row, Record<byte[], Step> record) {
    context.forward(
        new Record<>(feature.key(totals, row), feature.value(totals, row), record.timestamp()));
  }
}
