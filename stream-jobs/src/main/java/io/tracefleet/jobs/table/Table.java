// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.table;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** The totals of one feature in one task: a {@link Totals} for each group. */
public final class Table implements Section {
  private final TotalsStore store;
  private final byte id;
  private final int columns;

  // In the order of last use, so that trim() meets the idle ones first.
  private final LinkedHashMap<Group, Totals> groups = new LinkedHashMap<>(16, 0.75f, true);
  private final List<Group> expired = new ArrayList<>();

  Table(TotalsStore store, byte id, int columns) {
    this.store = store;
    this.id = id;
    this.columns = columns;
  }

  /** The totals of a group, read from the store or made empty if they are not in memory. */
  public Totals totals(Group group) {
    Totals totals = groups.get(group);
    if (totals == null) {
      totals = new Totals(group, columns);
      totals.load(new Chunks(group));
      groups.put(group, totals);
    }
    return totals;
  }

  /** Visits the rows that changed since they were last visited. */
  public void visitChanged(Totals.RowVisitor visitor) {
    // A copy: the visitor may make the task commit, never touch a group, but iteration in access
    // order must not depend on it.
    List<Totals> changed = new ArrayList<>();
    for (Totals totals : groups.values()) {
      if (totals.anyChanged()) {
        changed.add(totals);
      }
    }
    for (Totals totals : changed) {
      totals.visitChanged(visitor);
    }
  }

  /** Visits all rows of a group, if there are any. */
  public void visitAll(Group group, Totals.RowVisitor visitor) {
    totals(group).visitAll(visitor);
  }

  /**
   * Removes all windows of a vCPU that began before this one, from memory now and from the store
   * when it is saved.
   *
   * @param oldestKept a window's group
   */
  public void expireBefore(Group oldestKept) {
    groups
        .keySet()
        .removeIf(
            group ->
                group.runId().equals(oldestKept.runId())
                    && group.vcpu() == oldestKept.vcpu()
                    && group.windowStart() != Group.WHOLE_RUN
                    && group.windowStart() < oldestKept.windowStart());
    expired.add(oldestKept);
  }

  @Override
  public void save() {
    for (Group oldestKept : expired) {
      UUID run = UUID.fromString(oldestKept.runId());
      // Keys are in unsigned order: times before 1970 would lie behind, and are never windows kept.
      store
          .keys(
              new ChunkKey(id, run, oldestKept.vcpu(), 0, 0).encode(),
              new ChunkKey(id, run, oldestKept.vcpu(), oldestKept.windowStart() - 1, -1).encode())
          .forEach(key -> store.write(key, null));
    }
    expired.clear();
    for (Totals totals : groups.values()) {
      if (totals.anyUnsaved()) {
        totals.save(new Chunks(totals.group()));
      }
    }
  }

  @Override
  public void drop() {
    groups.clear();
    expired.clear();
  }

  @Override
  public int rows() {
    int rows = 0;
    for (Totals totals : groups.values()) {
      rows += 1 + totals.size();
    }
    return rows;
  }

  @Override
  public void trim(int maxRows) {
    int rows = rows();
    Iterator<Map.Entry<Group, Totals>> oldest = groups.entrySet().iterator();
    while (rows > maxRows && oldest.hasNext()) {
      Totals totals = oldest.next().getValue();
      if (!totals.anyUnsaved() && !totals.anyChanged()) {
        rows -= 1 + totals.size();
        oldest.remove();
      }
    }
  }

  private final class Chunks implements Totals.ChunkStore {
    private final Group group;
    private final UUID run;

    Chunks(Group group) {
      this.group = group;
      this.run = UUID.fromString(group.runId());
    }

    @Override
    public byte[] read(int chunk) {
      return store.read(key(chunk));
    }

    @Override
    public void write(int chunk, byte[] value) {
      store.write(key(chunk), value);
    }

    private byte[] key(int chunk) {
      return new ChunkKey(id, run, group.vcpu(), group.windowStart(), chunk).encode();
    }
  }
}
