// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.progress;

import io.tracefleet.jobs.accounting.AccountingFeature;
import io.tracefleet.jobs.flow.SectionId;
import io.tracefleet.jobs.query.Answer;
import io.tracefleet.jobs.query.Ask;
import io.tracefleet.jobs.query.Gathered;
import io.tracefleet.jobs.query.Gatherer;
import io.tracefleet.jobs.query.Missing;
import io.tracefleet.jobs.table.Chunk;
import io.tracefleet.schemas.EpochMicros;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.VcpuTotals;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Remembers the progress of runs, asks for what is older than half a second, and derives rates from
 * what it saw in the last seconds.
 */
public final class ProgressTracker {
  private static final long FRESH_NANOS = 500_000_000L;

  /** Nothing but a late duplicate can change a run that is done. */
  private static final long DONE_NANOS = 60_000_000_000L;

  private static final long RATE_NANOS = 6_000_000_000L;
  private static final long SAMPLE_NANOS = 900_000_000L;
  private static final int ASKS = 5_000;

  private final Gatherer gatherer;
  private final Supplier<Optional<Map<Integer, Long>>> backlog;
  private final LongSupplier nanoTime;
  private final Clock clock;

  // All guarded by this.
  private final Map<String, Entry> entries = new HashMap<>();
  private List<Missing> missing = List.of();

  /**
   * @param backlog batches behind by partition
   * @param nanoTime for rates
   * @param clock for times that users see
   */
  public ProgressTracker(
      Gatherer gatherer,
      Supplier<Optional<Map<Integer, Long>>> backlog,
      LongSupplier nanoTime,
      Clock clock) {
    this.gatherer = gatherer;
    this.backlog = backlog;
    this.nanoTime = nanoTime;
    this.clock = clock;
  }

  /**
   * Progress of runs.
   *
   * @param byRun by run id; every run that was asked for
   * @param batchesBehind of the whole topic; null if not known
   * @param missing who did not answer
   * @param partitionsAnswered how many did
   */
  public record Snapshot(
      Map<String, Progress> byRun,
      Long batchesBehind,
      List<Missing> missing,
      int partitionsAnswered) {}

  private int partitionsAnswered; // guarded by this

  /** The progress of these runs, none older than half a second where it can change. */
  public synchronized Snapshot of(Collection<Run> runs) {
    long now = nanoTime.getAsLong();
    Optional<Map<Integer, Long>> batchesBehind = backlog.get();
    List<Run> stale = new ArrayList<>();
    for (Run run : runs) {
      Entry entry = entries.get(run.getRunId());
      if (entry == null || now - entry.fetched > (entry.done ? DONE_NANOS : FRESH_NANOS)) {
        stale.add(run);
      }
    }
    for (int from = 0; from < stale.size(); from += ASKS) {
      fetch(stale.subList(from, Math.min(stale.size(), from + ASKS)), now);
    }
    if (stale.isEmpty() && (runs.isEmpty() || !missing.isEmpty() || partitionsAnswered == 0)) {
      probe();
    }
    Map<String, Progress> byRun = new HashMap<>();
    for (Run run : runs) {
      byRun.put(run.getRunId(), entries.get(run.getRunId()).progress(run, now, batchesBehind));
    }
    Long behind =
        batchesBehind
            .map(all -> all.values().stream().mapToLong(Long::longValue).sum())
            .orElse(null);
    return new Snapshot(byRun, behind, missing, partitionsAnswered);
  }

  /** Forgets runs that do not exist any more. */
  public synchronized void retain(Set<String> runIds) {
    entries.keySet().retainAll(runIds);
  }

  /** Only to know who answers. */
  private void probe() {
    Gathered gathered = gatherer.gather(List.of());
    missing = gathered.missing();
    partitionsAnswered = gathered.answers().size();
  }

  private void fetch(List<Run> runs, long now) {
    List<Ask> asks =
        runs.stream().map(run -> Ask.wholeRun(SectionId.ACCOUNTING, run.getRunId())).toList();
    Gathered gathered = gatherer.gather(asks);
    missing = gathered.missing();
    partitionsAnswered = gathered.answers().size();
    for (int i = 0; i < runs.size(); i++) {
      Entry entry = entries.computeIfAbsent(runs.get(i).getRunId(), id -> new Entry());
      Map<Integer, long[]> vcpus = new TreeMap<>();
      Set<Integer> partitions = new HashSet<>();
      for (Map.Entry<Integer, List<Answer>> partition : gathered.answers().entrySet()) {
        for (Chunk chunk : partition.getValue().get(i).chunks()) {
          partitions.add(partition.getKey());
          chunk.rows(
              AccountingFeature.COLUMNS,
              (first, second, columns) -> vcpus.put(chunk.key().vcpu(), columns.clone()));
        }
      }
      entry.saw(vcpus, partitions, now, EpochMicros.of(clock.instant()));
      entry.done = missing.isEmpty() && isDone(runs.get(i), vcpus);
    }
  }

  private static boolean isDone(Run run, Map<Integer, long[]> vcpus) {
    return run.getEnd() != null && lag(run, vcpus) == 0;
  }

  private static long lag(Run run, Map<Integer, long[]> vcpus) {
    long lag = 0;
    if (run.getTotals() != null) {
      for (VcpuTotals totals : run.getTotals()) {
        long[] columns = vcpus.get(totals.getVcpu());
        long next = columns == null ? 0 : columns[AccountingFeature.NEXT_SEQUENCE];
        lag += Math.max(0, totals.getBatches() - next);
      }
    }
    return lag;
  }

  private record Sample(long nanos, Map<Integer, long[]> vcpus) {}

  private static final class Entry {
    private final Deque<Sample> samples = new ArrayDeque<>();
    private Map<Integer, long[]> vcpus = Map.of();
    private Set<Integer> partitions = Set.of();
    private long fetched;
    private Long lastSeen;
    private boolean done;
    private boolean seenBefore;

    void saw(Map<Integer, long[]> now, Set<Integer> in, long nanos, long micros) {
      if (seenBefore
          && sum(now, AccountingFeature.BATCHES) != sum(vcpus, AccountingFeature.BATCHES)) {
        lastSeen = micros;
      }
      seenBefore = true;
      vcpus = now;
      partitions = in;
      fetched = nanos;
      if (samples.isEmpty() || nanos - samples.getLast().nanos() >= SAMPLE_NANOS) {
        samples.addLast(new Sample(nanos, now));
      }
      while (samples.size() > 1 && nanos - samples.getFirst().nanos() > RATE_NANOS) {
        samples.removeFirst();
      }
    }

    Progress progress(Run run, long nanos, Optional<Map<Integer, Long>> behind) {
      List<Progress.Vcpu> perVcpu = new ArrayList<>();
      long rates = 0;
      long gaps = 0;
      for (Map.Entry<Integer, long[]> vcpu : vcpus.entrySet()) {
        long[] columns = vcpu.getValue();
        long rate = rate(vcpu.getKey(), nanos);
        rates += rate;
        gaps += columns[AccountingFeature.NEXT_SEQUENCE] - columns[AccountingFeature.BATCHES];
        perVcpu.add(
            new Progress.Vcpu(
                vcpu.getKey(),
                columns[AccountingFeature.INSTRUCTIONS],
                columns[AccountingFeature.BATCHES],
                columns[AccountingFeature.NEXT_SEQUENCE],
                columns[AccountingFeature.DUPLICATES],
                rate,
                columns[AccountingFeature.PASSED]));
      }
      return new Progress(
          sum(vcpus, AccountingFeature.INSTRUCTIONS),
          sum(vcpus, AccountingFeature.BATCHES),
          rates,
          lagOf(run, behind),
          sum(vcpus, AccountingFeature.DROPPED_INSTRUCTIONS),
          gaps,
          sum(vcpus, AccountingFeature.BROKEN),
          sum(vcpus, AccountingFeature.DUPLICATES),
          lastSeen(run),
          perVcpu);
    }

    /** Where nothing was seen to change, what is known is when it began or ended. */
    private long lastSeen(Run run) {
      return lastSeen != null
          ? lastSeen
          : EpochMicros.of(run.getEnd() == null ? run.getStart() : run.getEnd());
    }

    private Long lagOf(Run run, Optional<Map<Integer, Long>> behind) {
      if (run.getTotals() != null) {
        return lag(run, vcpus);
      }
      return behind
          .map(
              all ->
                  partitions.stream().mapToLong(partition -> all.getOrDefault(partition, 0L)).sum())
          .orElse(null);
    }

    private long rate(int vcpu, long nanos) {
      if (samples.isEmpty() || nanos - samples.getFirst().nanos() > 2 * RATE_NANOS) {
        return 0;
      }
      Sample first = samples.getFirst();
      long elapsed = fetched - first.nanos();
      long[] before = first.vcpus().get(vcpu);
      long delta =
          vcpus.get(vcpu)[AccountingFeature.INSTRUCTIONS]
              - (before == null ? 0 : before[AccountingFeature.INSTRUCTIONS]);
      return elapsed <= 0 ? 0 : Math.round(Math.max(0, delta) * 1e9 / elapsed);
    }

    private static long sum(Map<Integer, long[]> vcpus, int column) {
      return vcpus.values().stream().mapToLong(columns -> columns[column]).sum();
    }
  }
}
