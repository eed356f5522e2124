// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.answers;

import io.tracefleet.jobs.catalog.Catalog;
import io.tracefleet.jobs.code.CodePlace;
import io.tracefleet.jobs.code.HotFunction;
import io.tracefleet.jobs.code.HotFunctions;
import io.tracefleet.jobs.query.BlockRows;
import io.tracefleet.jobs.query.View;
import io.tracefleet.schemas.Run;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Adds a run's blocks up by function, and remembers the last results as long as nothing changes:
 * who asks for the next page, and who asks at the same time, gets the same.
 */
final class RunFunctions {
  private static final int KEPT = 8;

  private final Catalog catalog;
  private final Map<Key, Slot> slots = new Recent<>(KEPT);

  RunFunctions(Catalog catalog) {
    this.catalog = catalog;
  }

  private record Key(String runId, Span span, Set<Integer> vcpus, boolean scaled) {}

  /** Guarded by itself. */
  private static final class Slot {
    private View<BlockRows> view;
    private long version;
    private List<HotFunction> rows;
  }

  /**
   * @param view the run's blocks, of this span and these vCPUs
   * @param scaled whether they are scaled
   * @return most instructions first
   */
  List<HotFunction> of(
      Run run, View<BlockRows> view, Span span, Set<Integer> vcpus, boolean scaled) {
    Slot slot;
    synchronized (slots) {
      slot =
          slots.computeIfAbsent(
              new Key(run.getRunId(), span, Set.copyOf(vcpus), scaled), key -> new Slot());
    }
    synchronized (slot) {
      long version = catalog.version(run.getRunId()); // before what it is the version of
      if (slot.view != view || slot.version != version) {
        slot.rows = sum(run, view.data());
        slot.view = view;
        slot.version = version;
      }
      return slot.rows;
    }
  }

  private List<HotFunction> sum(Run run, BlockRows blocks) {
    CodePlace[] places = BlockPlaces.of(catalog, run.getRunId(), blocks);
    HotFunctions functions = new HotFunctions();
    for (int block = 0; block < blocks.size(); block++) {
      functions.add(run, places[block], blocks.weight(block), blocks.executions(block));
    }
    return functions.rows();
  }
}
