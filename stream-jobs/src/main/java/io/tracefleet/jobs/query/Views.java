// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.query;

import io.tracefleet.jobs.table.Chunk;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import org.apache.kafka.common.utils.Utils;

/**
 * Remembers decoded views as long as nothing has changed. When many ask the same at once, one of
 * them decodes it; the others wait only if there is no earlier view. What was not asked for longest
 * is forgotten when it becomes too much.
 */
public final class Views {
  /** Rows that all views may hold together, at about 60 bytes each. */
  private static final long MAX_ROWS = 1_000_000;

  private static final long LOCAL_CHECK_NANOS = 20_000_000L;
  private static final long REMOTE_CHECK_NANOS = 250_000_000L;

  private final Gatherer gatherer;
  private final LongSupplier nanoTime;
  private final LinkedHashMap<Key, Slot<?>> slots = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * How a table is decoded.
   *
   * @param name tells the forms of one table apart
   * @param decode chunks of all partitions and the vCPUs that are wanted (empty: all) into the form
   * @param rows how many rows a form holds
   */
  public record Form<T>(String name, Function<Chunks, T> decode, ToLongFunction<T> rows) {}

  /** Chunks to decode, and which vCPUs are wanted (empty: all). */
  public record Chunks(List<Chunk> all, Set<Integer> vcpus) {
    /** Those that are wanted. */
    public Iterable<Chunk> wanted() {
      return () ->
          all.stream()
              .filter(chunk -> vcpus.isEmpty() || vcpus.contains(chunk.key().vcpu()))
              .iterator();
    }

    /** Those that are wanted, by vCPU, each in the order of their keys. */
    Map<Integer, List<Chunk>> byVcpu() {
      Map<Integer, List<Chunk>> byVcpu = new TreeMap<>();
      wanted()
          .forEach(
              chunk ->
                  byVcpu.computeIfAbsent(chunk.key().vcpu(), key -> new ArrayList<>()).add(chunk));
      return byVcpu;
    }
  }

  private record Key(String form, Ask ask, Set<Integer> vcpus) {}

  private static final class Slot<T> {
    private final ReentrantLock refreshing = new ReentrantLock();
    private volatile View<T> view; // written under the lock
    private volatile long checked; // written under the lock
    private volatile long rows;
  }

  public Views(Gatherer gatherer, LongSupplier nanoTime) {
    this.gatherer = gatherer;
    this.nanoTime = nanoTime;
  }

  /**
   * The view of a table of a run.
   *
   * @param vcpus wanted; empty: all. If it is one, only the partition that it is in is asked.
   */
  @SuppressWarnings("unchecked") // a form's name stands for its type
  public <T> View<T> get(Form<T> form, Ask ask, Set<Integer> vcpus) {
    Slot<T> slot;
    synchronized (slots) {
      slot =
          (Slot<T>)
              slots.computeIfAbsent(
                  new Key(form.name(), ask, Set.copyOf(vcpus)), key -> new Slot<T>());
    }
    // While one decodes what has changed, the others are given what there was before.
    if (slot.view == null) {
      slot.refreshing.lock();
    } else if (!slot.refreshing.tryLock()) {
      return slot.view;
    }
    try {
      refresh(slot, form, ask, vcpus);
    } finally {
      slot.refreshing.unlock();
    }
    forgetSome();
    return slot.view;
  }

  private <T> void refresh(Slot<T> slot, Form<T> form, Ask ask, Set<Integer> vcpus) {
    long now = nanoTime.getAsLong();
    if (slot.view != null) {
      long age = now - slot.checked;
      if (age < LOCAL_CHECK_NANOS || age < REMOTE_CHECK_NANOS && gatherer.hasOthers()) {
        return;
      }
      Gathered same = gather(ask.forVersion(), vcpus);
      if (versions(same).equals(slot.view.versions())
          && same.missing().equals(slot.view.missing())) {
        slot.checked = now;
        return;
      }
    }
    Gathered gathered = gather(ask, vcpus);
    List<Chunk> chunks = new ArrayList<>();
    new TreeMap<>(gathered.answers())
        .values()
        .forEach(answers -> chunks.addAll(answers.get(0).chunks()));
    T data = form.decode().apply(new Chunks(chunks, vcpus));
    slot.view = new View<>(data, versions(gathered), gathered.missing());
    slot.rows = 1 + form.rows().applyAsLong(data);
    slot.checked = now;
  }

  private Gathered gather(Ask ask, Set<Integer> vcpus) {
    if (vcpus.size() == 1 && gatherer.partitions() > 0) {
      return gatherer.gather(
          List.of(ask), Set.of(partition(ask.run().toString(), vcpus.iterator().next())));
    }
    return gatherer.gather(List.of(ask));
  }

  /** The partition that nodes send a vCPU's batches to: Kafka's choice for the key. */
  private int partition(String runId, int vcpu) {
    byte[] key = (runId + "/" + vcpu).getBytes(StandardCharsets.UTF_8);
    return Utils.toPositive(Utils.murmur2(key)) % gatherer.partitions();
  }

  private static Map<Integer, Long> versions(Gathered gathered) {
    Map<Integer, Long> versions = new TreeMap<>();
    gathered
        .answers()
        .forEach((partition, answers) -> versions.put(partition, answers.get(0).version()));
    return versions;
  }

  private void forgetSome() {
    synchronized (slots) {
      long rows = slots.values().stream().mapToLong(slot -> slot.rows).sum();
      Iterator<Slot<?>> oldest = slots.values().iterator();
      // The last one was just asked for.
      while (rows > MAX_ROWS && slots.size() > 1 && oldest.hasNext()) {
        rows -= oldest.next().rows;
        oldest.remove();
      }
    }
  }
}
