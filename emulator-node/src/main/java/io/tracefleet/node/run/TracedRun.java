// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.run;

import io.tracefleet.node.config.NodeException;
import io.tracefleet.node.publish.RunSource;
import io.tracefleet.node.publish.TracePublisher;
import io.tracefleet.node.qemu.ElfFile;
import io.tracefleet.node.qemu.ProcessIdentity;
import io.tracefleet.node.qemu.Signals;
import io.tracefleet.node.ring.BatchSink;
import io.tracefleet.node.ring.EndMark;
import io.tracefleet.node.ring.RingException;
import io.tracefleet.node.ring.RingInfo;
import io.tracefleet.node.ring.RingReader;
import io.tracefleet.node.ring.VcpuTally;
import io.tracefleet.schemas.Run;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;

/**
 * One traced process, from the moment its ring appears until its end record has arrived.
 *
 * <pre>
 *   NEW ── start record sent ──▶ ANNOUNCED ── arrived ──▶ LIVE ── process dead, what it left rescued, all arrived ──▶
 *     ENDING ── end record arrived ──▶ DONE
 * </pre>
 *
 * Batches flow before ENDING. A record that could not be sent takes its phase back.
 */
final class TracedRun implements AutoCloseable {
  private static final Duration LOOK_INTERVAL = Duration.ofMillis(20);

  private enum Phase {
    NEW,
    ANNOUNCED,
    LIVE,
    ENDING,
    DONE
  }

  private final GuestManifest guest;
  private final RingReader reader;
  private final TracePublisher publisher;
  private final Processes processes;
  private final NodeClock clock;
  private final NodeListener listener;
  private final NodeClock.Every look;
  private final boolean root;
  private RingInfo info;
  private BatchSink sink;
  private Phase phase = Phase.NEW;
  private RunRecords.End end;
  private Run endRecord;
  private List<VcpuTally> tallies = List.of();
  private final TraceWishes wishes;
  private final RunChanges changes;
  private boolean changesSent = true;
  private long missing;
  private long payloadBytes;

  TracedRun(
      GuestManifest guest,
      RingReader reader,
      TracePublisher publisher,
      Processes processes,
      NodeClock clock,
      NodeListener listener,
      TraceWishes wishes)
      throws NodeException {
    this.guest = guest;
    this.reader = reader;
    this.publisher = publisher;
    this.processes = processes;
    this.clock = clock;
    this.listener = listener;
    this.wishes = wishes;
    this.look = new NodeClock.Every(clock, LOOK_INTERVAL);
    readInfo();
    this.changes = new RunChanges(reader, wishes, clock, listener::warning);
    this.root = info.runId().equals(guest.rootRunId());
  }

  /** To be asked before each round. */
  void requireWhole() throws RingException {
    reader.requireWhole();
  }

  private void readInfo() throws NodeException {
    info = reader.info();
    OptionalLong textOffset =
        info.image().isPresent()
            ? ElfFile.textOffset(Path.of(info.image().get()))
            : OptionalLong.empty();
    sink = publisher.sink(new RunSource(info, textOffset));
  }

  /**
   * One round.
   *
   * @param exitCode of the process that the node started, once that is known
   * @param treeEnded whether all other runs of the guest are done; asked of the root only
   * @return things done
   */
  int step(OptionalInt exitCode, BooleanSupplier treeEnded) throws NodeException {
    int work = 0;
    if (phase == Phase.NEW) {
      Run run = RunRecords.started(guest, info, changes);
      if (publisher.offer(run, () -> announced(run), () -> phase = Phase.NEW)) {
        phase = Phase.ANNOUNCED;
        work++;
      }
    }
    if (phase.compareTo(Phase.ENDING) < 0) {
      if (!reader.isCompleted() && hasEnded(exitCode)) {
        complete(exitCode);
        work++;
      }
      if (info.image().isEmpty() && reader.hasImage()) {
        readInfo();
      }
      work += followWishes();
      work += reader.poll(sink);
      tallies = reader.tallies();
      wishes.published(reader.payloadBytes() - payloadBytes);
      payloadBytes = reader.payloadBytes();
    }
    if (phase == Phase.LIVE && reader.isDone() && (!root || treeEnded.getAsBoolean())) {
      work += sendEnd(exitCode);
    }
    return work;
  }

  /** Passes on what the fleet wants traced, and says what was done. */
  private int followWishes() throws NodeException {
    int work = 0;
    if (changes.step()) {
      changesSent = false;
      work++;
    }
    if (!changesSent
        && phase == Phase.LIVE
        && publisher.offer(
            RunRecords.started(guest, info, changes), () -> {}, () -> changesSent = false)) {
      changesSent = true;
      work++;
    }
    return work;
  }

  private void announced(Run run) {
    phase = Phase.LIVE;
    listener.runStarted(run);
  }

  private boolean hasEnded(OptionalInt exitCode) {
    if (root && exitCode.isPresent()) {
      return true;
    }
    if (!look.isDue()) {
      return false;
    }
    ProcessIdentity process = info.process();
    return !processes.isAlive(process)
        || reader.endMark() == EndMark.EXEC
            && !processes.maps(process, reader.path()).orElse(false);
  }

  private void complete(OptionalInt exitCode) throws NodeException {
    missing = reader.complete(clock.micros());
    if (missing > 0) {
      listener.warning("run " + info.runId() + ": " + missing + " batches are missing in its ring");
    }
    end = end(clock.micros(), exitCode);
  }

  private RunRecords.End end(long atMicros, OptionalInt exitCode) {
    EndMark mark = reader.endMark();
    Integer code = root && exitCode.isPresent() ? (Integer) exitCode.getAsInt() : null;
    return switch (mark) {
      case EXEC -> new RunRecords.End(atMicros, code, "exec");
      case DETACHED -> new RunRecords.End(atMicros, code, "detached");
      case EXIT -> {
        int own = reader.exitCode() & 0xff;
        yield code == null || code == own
            ? new RunRecords.End(atMicros, own, "exit")
            : byCode(atMicros, code);
      }
      case NONE ->
          code == null ? new RunRecords.End(atMicros, null, "killed") : byCode(atMicros, code);
    };
  }

  private static RunRecords.End byCode(long atMicros, int code) {
    int signal = code - Signals.EXIT_BASE;
    if (signal == Signals.KILL) {
      return new RunRecords.End(atMicros, code, "killed");
    }
    return new RunRecords.End(atMicros, code, signal > 0 && signal <= 64 ? "signal" : "exit");
  }

  private int sendEnd(OptionalInt exitCode) throws NodeException {
    if (root) {
      // After an execve the process went on; its exit code is known only now.
      end = end(end.atMicros(), exitCode);
    }
    endRecord =
        RunRecords.ended(
            guest,
            info,
            changes,
            end,
            tallies,
            tallies.stream().mapToLong(VcpuTally::batches).sum(),
            reader.payloadBytes(),
            root ? publisher.wireBytes() : 0,
            reader.heldNanos());
    if (!publisher.offer(endRecord, this::ended, () -> phase = Phase.LIVE)) {
      return 0;
    }
    phase = Phase.ENDING;
    return 1;
  }

  private void ended() {
    phase = Phase.DONE;
    for (VcpuTally tally : tallies) {
      if (tally.executed() != tally.encoded() + tally.dropped() + tally.passed()
          || tally.encoded() != tally.published()) {
        listener.warning(
            "run "
                + info.runId()
                + ", vCPU "
                + tally.vcpu()
                + ": executed "
                + tally.executed()
                + " instructions, but encoded "
                + tally.encoded()
                + ", dropped "
                + tally.dropped()
                + (tally.passed() == 0 ? "" : ", passed over " + tally.passed())
                + " and published "
                + tally.published());
      }
    }
    listener.runEnded(endRecord);
  }

  void flush() throws NodeException {
    if (!reader.isCompleted()) {
      reader.flush();
    }
  }

  boolean isRoot() {
    return root;
  }

  /** True once the process is known to be dead. */
  boolean isCompleted() {
    return reader.isCompleted();
  }

  boolean isDone() {
    return phase == Phase.DONE;
  }

  /** The end record, once done. */
  Run endRecord() {
    return endRecord;
  }

  ProcessIdentity process() {
    return info.process();
  }

  Path path() {
    return reader.path();
  }

  int backlog() {
    return reader.backlog();
  }

  long heldNanos() {
    return reader.heldNanos();
  }

  int untracedChildren() {
    return reader.untracedChildren();
  }

  long droppedBatches() {
    return tallies.stream().mapToLong(VcpuTally::droppedBatches).sum();
  }

  long droppedInstructions() {
    return tallies.stream().mapToLong(VcpuTally::dropped).sum();
  }

  /** Batches that its ring should have had, known once it is completed. */
  long missingBatches() {
    return missing;
  }

  int heldVcpus() {
    // Of a process that was killed while it was held, the count stays.
    return reader.isCompleted() ? 0 : reader.heldVcpus();
  }

  int buffersTaken() {
    return reader.buffersTaken();
  }

  int buffers() throws RingException {
    return reader.buffers();
  }

  @Override
  public void close() {
    reader.close();
  }
}
