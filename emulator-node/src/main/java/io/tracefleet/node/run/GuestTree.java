// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.run;

import io.tracefleet.node.config.NodeException;
import io.tracefleet.node.publish.PublishCounters;
import io.tracefleet.node.publish.TracePublisher;
import io.tracefleet.node.qemu.ProcessIdentity;
import io.tracefleet.node.ring.Doorbell;
import io.tracefleet.node.ring.RingException;
import io.tracefleet.node.ring.RingReader;
import io.tracefleet.schemas.Run;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The agent of one guest: the process that the node started and all that it forked. {@link #doWork}
 * does what there is to do and returns; {@link #idle} sleeps until there is more.
 */
final class GuestTree implements AutoCloseable {
  private static final String RING = ".ring";
  private static final String BROKEN = ".broken";
  private static final Duration DISCOVER_INTERVAL = Duration.ofMillis(20);
  private static final Duration SCAN_INTERVAL = Duration.ofMillis(100);
  private static final Duration ENDING_INTERVAL = Duration.ofMillis(20);

  private final GuestManifest guest;
  private final Path directory;
  private final Doorbell doorbell;
  private final TracePublisher publisher;
  private final Processes processes;
  private final NodeClock clock;
  private final NodeListener listener;
  private final TraceWishes wishes;
  private final boolean adopted;
  private final NodeClock.Every discover;
  private final NodeClock.Every flush;
  private final NodeClock.Every scan;
  private final List<TracedRun> runs = new ArrayList<>();
  private final Set<Path> known = new HashSet<>();
  private final List<Run> ended = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();
  private final List<String> untraced = new ArrayList<>();
  private OptionalInt exitCode = OptionalInt.empty();
  private boolean rootSeen;
  private boolean noStragglers;
  private int heard;
  private int heardAtDiscovery;
  private int first;
  private long endedHeldNanos;
  private long endedDroppedBatches;
  private long endedDroppedInstructions;
  private long endedMissingBatches;
  private long answers;
  private long answeredAt;
  private volatile NodeProgress progress = NodeProgress.NONE;
  private volatile NodeLoad load = NodeLoad.NONE;

  /**
   * @param wishes what the fleet wants traced of this node's guests; empty: as they were started
   * @param adopted the node that started the guest is dead, and this one continues
   */
  GuestTree(
      GuestManifest guest,
      Path directory,
      Doorbell doorbell,
      TracePublisher publisher,
      Processes processes,
      NodeClock clock,
      NodeListener listener,
      Duration flushInterval,
      TraceWishes wishes,
      boolean adopted) {
    this.guest = guest;
    this.directory = directory;
    this.doorbell = doorbell;
    this.publisher = publisher;
    this.processes = processes;
    this.clock = clock;
    this.listener = listener;
    this.wishes = wishes;
    this.adopted = adopted;
    this.discover = new NodeClock.Every(clock, DISCOVER_INTERVAL);
    this.flush = new NodeClock.Every(clock, flushInterval);
    this.scan = new NodeClock.Every(clock, SCAN_INTERVAL);
    this.answeredAt = clock.nanos();
    this.heard = doorbell.word();
    this.heardAtDiscovery = heard - 1;
  }

  /**
   * One round.
   *
   * @param rootExitCode of the process that the node started, once that is known
   * @return things done; 0 means that it is time to sleep
   */
  int doWork(OptionalInt rootExitCode) throws NodeException {
    heard = doorbell.word();
    doorbell.beat(clock.micros());
    boolean news = rootExitCode.isPresent() && exitCode.isEmpty();
    exitCode = rootExitCode;
    int work = 0;
    if (news || discover.isDue()) {
      work += discoverRings();
    }
    boolean flushNow = flush.isDue();
    // Another run begins each time: when there is not room for all, each has its turn.
    first = runs.isEmpty() ? 0 : (first + 1) % runs.size();
    for (int i = 0; i < runs.size(); i++) {
      TracedRun run = runs.get((first + i) % runs.size());
      try {
        run.requireWhole();
        if (flushNow) {
          run.flush();
        }
        work += run.step(exitCode, this::othersHaveEnded);
      } catch (RingException e) {
        quarantine(run, e);
        work++;
        break;
      } catch (InternalError e) {
        // A guest in user mode may do anything to the file; the others go on.
        quarantine(run, RingException.cutShort(run.path(), e));
        work++;
        break;
      }
    }
    work += publisher.poll();
    work += removeDone();
    progress = measure();
    load = measureLoad();
    return work;
  }

  private int discoverRings() throws NodeException {
    heardAtDiscovery = heard;
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> rings = Files.newDirectoryStream(directory, "*" + RING)) {
      for (Path ring : rings) {
        if (known.add(ring)) {
          found.add(ring);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("ring directory " + directory, e);
    }
    for (Path ring : found) {
      RingReader reader = null;
      try {
        reader = adopted ? RingReader.adopt(ring) : RingReader.open(ring);
        TracedRun run = new TracedRun(guest, reader, publisher, processes, clock, listener, wishes);
        runs.add(run);
        rootSeen |= run.isRoot();
        reader = null;
      } catch (RingException e) {
        quarantine(ring, e);
      } finally {
        if (reader != null) {
          reader.close();
        }
      }
    }
    return found.size();
  }

  private void quarantine(TracedRun run, RingException why) {
    runs.remove(run);
    run.close();
    if (!run.isCompleted()) {
      // Nobody reads its ring any more; left alone it would be held for ever.
      processes.kill(run.process());
    }
    quarantine(run.path(), why);
  }

  private void quarantine(Path ring, RingException why) {
    Path kept = ring.resolveSibling(ring.getFileName() + BROKEN);
    try {
      Files.move(ring, kept, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      why.addSuppressed(e);
    }
    String line = why.getMessage() + "; kept as " + kept;
    problems.add(line);
    listener.warning(line);
  }

  /** Whether nothing but the root can still say anything. */
  private boolean othersHaveEnded() {
    if (exitCode.isEmpty() && !adopted) {
      return false;
    }
    for (TracedRun run : runs) {
      if (!run.isRoot()) {
        return false;
      }
    }
    if (!noStragglers && scan.isDue()) {
      // A child that has only just been forked has its parent's ring mapped and none of its own.
      // Rings after processes: one that has gone has left what it made.
      noStragglers = processes.mapping(directory).isEmpty();
      try {
        if (noStragglers && discoverRings() > 0) {
          noStragglers = false;
        }
      } catch (NodeException e) {
        problems.add(e.getMessage());
      }
    }
    return noStragglers;
  }

  private int removeDone() {
    int count = 0;
    for (TracedRun run : List.copyOf(runs)) {
      if (run.isDone()) {
        count++;
        endedHeldNanos += run.heldNanos();
        endedDroppedBatches += run.droppedBatches();
        endedDroppedInstructions += run.droppedInstructions();
        endedMissingBatches += run.missingBatches();
        reportUntracedChildren(run);
        ended.add(run.isRoot() ? 0 : ended.size(), run.endRecord());
        runs.remove(run);
        run.close();
        try {
          Files.deleteIfExists(run.path());
          // After the ring: a ring without them would be a run without its changes.
          Files.deleteIfExists(ChangeNotes.beside(run.path()));
          known.remove(run.path());
        } catch (IOException e) {
          problems.add("ring " + run.path() + " cannot be removed: " + e);
        }
      }
    }
    return count;
  }

  private void reportUntracedChildren(TracedRun run) {
    int count = run.untracedChildren();
    if (count > 0) {
      String line =
          "%d forked %s of run %s not traced: no room for a ring in %s; make room there, or use another ring directory"
              .formatted(
                  count,
                  count == 1 ? "child" : "children",
                  run.endRecord().getRunId() + (count == 1 ? " was" : " were"),
                  directory);
      untraced.add(line);
      listener.warning(line);
    }
  }

  private NodeProgress measure() {
    PublishCounters published = publisher.counters();
    long held = endedHeldNanos;
    long droppedBatches = endedDroppedBatches;
    long droppedInstructions = endedDroppedInstructions;
    long missingBatches = endedMissingBatches;
    int live = 0;
    for (TracedRun run : runs) {
      held += run.heldNanos();
      droppedBatches += run.droppedBatches();
      droppedInstructions += run.droppedInstructions();
      missingBatches += run.missingBatches();
      live += run.isCompleted() ? 0 : 1;
    }
    return new NodeProgress(
        1,
        live,
        published.instructions(),
        published.blocks(),
        published.accesses(),
        published.batches(),
        published.payloadBytes(),
        0, // asked of the producer only when somebody wants to know
        published.inFlightBytes(),
        held,
        droppedBatches,
        droppedInstructions,
        missingBatches);
  }

  private NodeLoad measureLoad() {
    long now = clock.nanos();
    int backlog = backlog();
    if (backlog == 0 || publisher.acknowledged() != answers) {
      answers = publisher.acknowledged();
      answeredAt = now;
    }
    NodeLoad sum = new NodeLoad(backlog, 0, 0, 0, 0, now - answeredAt);
    for (TracedRun run : runs) {
      sum = sum.plus(load(run));
    }
    return sum;
  }

  private static NodeLoad load(TracedRun run) {
    try {
      int buffers = run.buffers();
      int taken = run.buffersTaken();
      return new NodeLoad(
          0, buffers, taken, buffers == 0 ? 0 : taken / (double) buffers, run.heldVcpus(), 0);
    } catch (RingException e) {
      return NodeLoad.NONE; // the next round says so
    }
  }

  /** Sleeps until the doorbell rings, or something is due. */
  void idle() {
    Duration most = flush.left();
    if (heard != heardAtDiscovery) {
      most = shorter(most, discover.left());
    }
    if (exitCode.isPresent() || adopted) {
      most = shorter(most, ENDING_INTERVAL);
    }
    if (!most.isZero()) {
      doorbell.await(heard, most);
    }
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  /** True when everything has arrived and nobody is left who could write more. */
  boolean isDone() {
    return runs.isEmpty()
        && (exitCode.isPresent() || adopted)
        && othersHaveEnded()
        && runs.isEmpty();
  }

  /** True while a process of the guest may still execute. */
  boolean isAlive() {
    return exitCode.isEmpty() && !adopted || runs.stream().anyMatch(run -> !run.isCompleted());
  }

  /** Processes of the guest that are known and not known to be dead. */
  List<ProcessIdentity> liveProcesses() {
    return runs.stream().filter(run -> !run.isCompleted()).map(TracedRun::process).toList();
  }

  /** Batches that were found and have not arrived. */
  int backlog() {
    return runs.stream().mapToInt(TracedRun::backlog).sum();
  }

  /** Whether the process that the node started was ever traced. */
  boolean isRootSeen() {
    return rootSeen;
  }

  /** End records, the root's first. */
  List<Run> ended() {
    return ended;
  }

  /** What went wrong with rings. */
  List<String> problems() {
    return Stream.concat(problems.stream(), untraced.stream()).toList();
  }

  /** Whether something is left behind in the ring directory that should be looked at. */
  boolean leavesRings() {
    return !problems.isEmpty();
  }

  /** Any thread. */
  NodeProgress progress() {
    return progress;
  }

  /** Any thread; as old as the last round. */
  NodeLoad load() {
    return load;
  }

  @Override
  public void close() {
    runs.forEach(TracedRun::close);
    runs.clear();
  }
}
