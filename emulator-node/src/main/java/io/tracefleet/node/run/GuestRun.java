// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.run;

import io.tracefleet.node.config.ExitCode;
import io.tracefleet.node.config.NodeException;
import io.tracefleet.node.publish.TracePublisher;
import io.tracefleet.node.qemu.ProcessIdentity;
import io.tracefleet.node.qemu.Signals;
import io.tracefleet.node.ring.Doorbell;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A guest that was started, until all of it has been published: drives its {@link GuestTree},
 * passes signals, and gives up where waiting has no sense.
 *
 * <p>{@link #signal} and {@link #progress} may be called by any thread.
 */
final class GuestRun {
  private static final Duration GRACE = Duration.ofSeconds(5);
  private static final Duration LAST_GRACE = Duration.ofSeconds(10);

  private final GuestManifest manifest;
  private final GuestTree tree;
  private final RootProcess process;
  private final TracePublisher publisher;
  private final Doorbell doorbell;
  private final Path directory;
  private final NodeClock clock;
  private final Processes processes;
  private final Duration drainTimeout;
  private final boolean terminal;
  private final Queue<Integer> signals = new ConcurrentLinkedQueue<>();
  private volatile boolean handedOver;
  private int signalsSeen;
  private boolean killDue;
  private long killAt;

  /**
   * @param terminal true if keys on a terminal reach the guest as well as this process
   */
  GuestRun(
      GuestManifest manifest,
      GuestTree tree,
      RootProcess process,
      TracePublisher publisher,
      Doorbell doorbell,
      Path directory,
      NodeClock clock,
      Processes processes,
      Duration drainTimeout,
      boolean terminal) {
    this.manifest = manifest;
    this.tree = tree;
    this.process = process;
    this.publisher = publisher;
    this.doorbell = doorbell;
    this.directory = directory;
    this.clock = clock;
    this.processes = processes;
    this.drainTimeout = drainTimeout;
    this.terminal = terminal;
  }

  /**
   * Follows the guest to its end. When this throws, the guest is dead and what was not published is
   * still in its directory.
   *
   * @return false if it was left to the next node on this machine
   */
  boolean follow() throws NodeException {
    long lastAnswer = clock.nanos();
    long acknowledged = 0;
    boolean whole = false;
    try {
      while (!tree.isDone()) {
        handleSignals();
        int work = tree.doWork(process.exitCode());
        long now = clock.nanos();
        if (tree.isAlive() || publisher.acknowledged() != acknowledged) {
          acknowledged = publisher.acknowledged();
          lastAnswer = now;
        } else if (now - lastAnswer > drainTimeout.toNanos()) {
          throw notPublished(
              "the cluster has acknowledged nothing for " + drainTimeout.toSeconds() + " s");
        }
        if (handedOver) {
          whole = true;
          return false;
        }
        if (work == 0) {
          tree.idle();
        }
      }
      whole = true;
      return true;
    } finally {
      if (!whole) {
        endGuest();
      }
    }
  }

  /**
   * Leaves the guest to the next node on this machine. Any thread; only for a guest that was
   * adopted.
   */
  void handOver() {
    handedOver = true;
    doorbell.ring();
  }

  private NodeException notPublished(String why) {
    String rest =
        tree.backlog() + " batches of guest " + manifest.name() + " are not published: " + why;
    return new NodeException(
        ExitCode.CLUSTER_UNAVAILABLE,
        manifest.embedded()
            ? rest
            : rest
                + "; they are kept in "
                + directory
                + " and the next node on this machine publishes them");
  }

  /** Passes a signal to the guest. Any thread. */
  void signal(int number) {
    signals.add(number);
    doorbell.ring();
  }

  /** There may be something to do. Any thread. */
  void wake() {
    doorbell.ring();
  }

  NodeProgress progress() {
    return tree.progress().withWireBytes(publisher.wireBytes());
  }

  /** Any thread. */
  NodeLoad load() {
    return tree.load();
  }

  private void handleSignals() throws NodeException {
    for (Integer signal; (signal = signals.poll()) != null; ) {
      boolean again = signalsSeen++ > 0;
      if (!tree.isAlive()) {
        if (again) {
          throw notPublished("interrupted");
        }
      } else if (again) {
        kill();
      } else {
        boolean key = terminal && signal == Signals.INTERRUPT;
        if (!key) {
          process.signal(signal);
          for (ProcessIdentity child : tree.liveProcesses()) {
            if (!process.is(child)) {
              Signals.send(child, signal);
            }
          }
          killDue = true;
          killAt = clock.nanos() + GRACE.toNanos();
        }
      }
    }
    if (killDue && clock.nanos() - killAt >= 0) {
      killDue = false;
      if (tree.isAlive()) {
        kill();
      }
    }
  }

  private void kill() {
    process.signal(Signals.KILL);
    List<ProcessIdentity> others = new ArrayList<>(tree.liveProcesses());
    others.addAll(processes.mapping(directory));
    others.forEach(processes::kill);
  }

  /** After a failure: the guest must not go on untraced, or held for ever. */
  private void endGuest() {
    if (isAnyAlive()) {
      process.signal(Signals.TERMINATE);
      tree.liveProcesses().forEach(child -> Signals.send(child, Signals.TERMINATE));
      awaitEnd(GRACE);
    }
    kill();
    awaitEnd(LAST_GRACE);
  }

  private boolean isAnyAlive() {
    return tree.liveProcesses().stream().anyMatch(processes::isAlive)
        || process != RootProcess.OF_ANOTHER_NODE && process.exitCode().isEmpty();
  }

  private void awaitEnd(Duration most) {
    long deadline = clock.nanos() + most.toNanos();
    while (isAnyAlive() && clock.nanos() - deadline < 0) {
      doorbell.beat(clock.micros());
      doorbell.await(doorbell.word(), Duration.ofMillis(20));
    }
  }
}
