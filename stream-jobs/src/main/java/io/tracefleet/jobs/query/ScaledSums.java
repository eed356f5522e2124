// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.query;

import io.tracefleet.jobs.table.Chunk;
import io.tracefleet.jobs.table.Totals;
import io.tracefleet.jobs.weight.ScaledRows;
import io.tracefleet.jobs.weight.Weight;
import io.tracefleet.jobs.weight.Weights;
import java.util.function.BiConsumer;

/** A table's rows added up over vCPUs and windows, as recorded or scaled by each vCPU's weight. */
final class ScaledSums {
  private final int columns;
  private final BiConsumer<Chunk, Totals> recorded;
  private final Adder scaled;

  /** Adds what one vCPU recorded, row by row in the order of the keys. */
  interface Adder {
    void add(Totals recorded, ScaledRows scale, Totals to);
  }

  /**
   * @param columns of the sums
   * @param recorded adds a chunk as it is
   * @param scaled adds a vCPU's sums
   */
  ScaledSums(int columns, BiConsumer<Chunk, Totals> recorded, Adder scaled) {
    this.columns = columns;
    this.recorded = recorded;
    this.scaled = scaled;
  }

  Totals recorded(Views.Chunks chunks) {
    return sum(chunks.wanted());
  }

  Totals scaled(Views.Chunks chunks, Weights weights) {
    Totals totals = Totals.detached(columns);
    chunks
        .byVcpu()
        .forEach(
            (vcpu, own) -> {
              Weight weight = weights.of(vcpu);
              if (weight.scales()) {
                scaled.add(sum(own), new ScaledRows(weight, columns), totals);
              } else {
                own.forEach(chunk -> recorded.accept(chunk, totals));
              }
            });
    return totals;
  }

  private Totals sum(Iterable<Chunk> chunks) {
    Totals totals = Totals.detached(columns);
    chunks.forEach(chunk -> recorded.accept(chunk, totals));
    return totals;
  }
}
