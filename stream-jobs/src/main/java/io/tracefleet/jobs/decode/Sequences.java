// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.decode;

import io.tracefleet.jobs.flow.SectionId;
import io.tracefleet.jobs.table.Group;
import io.tracefleet.jobs.table.PackedBytes;
import io.tracefleet.jobs.table.Section;
import io.tracefleet.jobs.table.TotalsStore;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Which batches have counted, and which groups have totals that did not go out yet.
 *
 * <p>The second is kept so that a result is never missing: results go out less often than the task
 * commits, and a task that ends in between leaves the names of the groups behind for its successor,
 * which sends all their totals.
 */
final class Sequences implements Section {
  private static final byte PENDING_VERSION = 1;
  private static final byte[] PENDING_KEY = {SectionId.SEQUENCES.id()};

  private final TotalsStore store;
  // In the order of last use.
  private final LinkedHashMap<Group, Entry> vcpus = new LinkedHashMap<>(16, 0.75f, true);

  private final Set<Group> pending = new LinkedHashSet<>();
  private boolean pendingUnsaved;
  private boolean pendingSavedEmpty = true;

  Sequences(TotalsStore store) {
    this.store = store;
  }

  /** True if this sequence of the vCPU has counted. */
  boolean contains(Group wholeRun, long sequence) {
    return entry(wholeRun).set.contains(sequence);
  }

  /** Notes that this sequence of the vCPU counts now. */
  void add(Group wholeRun, long sequence) {
    Entry entry = entry(wholeRun);
    entry.set.add(sequence);
    entry.unsaved = true;
  }

  /** One more than the largest sequence of the vCPU that has counted. */
  long end(Group wholeRun) {
    return entry(wholeRun).set.end();
  }

  /** Notes that totals of this group changed. */
  void changed(Group group) {
    if (pending.add(group)) {
      pendingUnsaved = true;
    }
  }

  /** How many groups have totals that changed and did not go out. */
  int heldBack() {
    return pending.size();
  }

  /** How many ranges of sequences lie above the first hole of the vCPU. */
  int ranges(Group wholeRun) {
    return entry(wholeRun).set.ranges();
  }

  /** Notes that all totals went out. */
  void announced() {
    if (!pending.isEmpty()) {
      pending.clear();
      pendingUnsaved = true;
    }
  }

  /**
   * The groups whose totals an earlier instance of the task may not have sent; they count as
   * changed again.
   */
  List<Group> leftBehind() {
    byte[] bytes = store.read(PENDING_KEY);
    List<Group> groups = bytes == null ? List.of() : decodePending(bytes);
    pendingSavedEmpty = groups.isEmpty();
    groups.forEach(this::changed);
    return groups;
  }

  private Entry entry(Group wholeRun) {
    Entry entry = vcpus.get(wholeRun);
    if (entry == null) {
      byte[] bytes = store.read(key(wholeRun));
      entry = new Entry(bytes == null ? new SequenceSet() : SequenceSet.decode(bytes));
      vcpus.put(wholeRun, entry);
    }
    return entry;
  }

  @Override
  public void save() {
    for (Map.Entry<Group, Entry> vcpu : vcpus.entrySet()) {
      Entry entry = vcpu.getValue();
      if (entry.unsaved) {
        store.write(key(vcpu.getKey()), entry.set.encode());
        entry.unsaved = false;
      }
    }
    if (pendingUnsaved) {
      // Often everything went out within one commit: then there is nothing to write.
      if (!(pending.isEmpty() && pendingSavedEmpty)) {
        store.write(PENDING_KEY, pending.isEmpty() ? null : encodePending());
        pendingSavedEmpty = pending.isEmpty();
      }
      pendingUnsaved = false;
    }
  }

  @Override
  public void drop() {
    vcpus.clear();
    pending.clear();
    pendingUnsaved = false;
    pendingSavedEmpty = true;
  }

  @Override
  public int rows() {
    return vcpus.size();
  }

  @Override
  public void trim(int maxRows) {
    Iterator<Entry> oldest = vcpus.values().iterator();
    while (vcpus.size() > maxRows && oldest.hasNext()) {
      if (!oldest.next().unsaved) {
        oldest.remove();
      }
    }
  }

  private static byte[] key(Group wholeRun) {
    UUID run = UUID.fromString(wholeRun.runId());
    return ByteBuffer.allocate(21)
        .put(SectionId.SEQUENCES.id())
        .putLong(run.getMostSignificantBits())
        .putLong(run.getLeastSignificantBits())
        .putInt(wholeRun.vcpu())
        .array();
  }

  /*
   * In the store: u8 version | varint groups | per group: u128 run, varint vCPU, zigzag window start
   */
  private byte[] encodePending() {
    PackedBytes out = new PackedBytes(16 + 32 * pending.size());
    out.u8(PENDING_VERSION);
    out.varint(pending.size());
    for (Group group : pending) {
      UUID run = UUID.fromString(group.runId());
      out.bytes(
          ByteBuffer.allocate(16)
              .putLong(run.getMostSignificantBits())
              .putLong(run.getLeastSignificantBits())
              .array());
      out.varint(group.vcpu());
      out.zigzag(group.windowStart());
    }
    return out.toArray();
  }

  private static List<Group> decodePending(byte[] bytes) {
    PackedBytes in = new PackedBytes(bytes);
    int version = in.u8();
    if (version != PENDING_VERSION) {
      throw new IllegalStateException(
          "Stored group names have format "
              + version
              + "; this release reads format "
              + PENDING_VERSION);
    }
    long count = in.varint();
    List<Group> groups = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      ByteBuffer run = ByteBuffer.wrap(in.bytes(16));
      String runId = new UUID(run.getLong(), run.getLong()).toString();
      groups.add(new Group(runId, (int) in.varint(), in.zigzag()));
    }
    return groups;
  }

  private static final class Entry {
    final SequenceSet set;
    boolean unsaved;

    Entry(SequenceSet set) {
      this.set = set;
    }
  }
}
