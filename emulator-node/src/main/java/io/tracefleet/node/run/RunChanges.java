// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.run;

import io.tracefleet.node.config.TraceWish;
import io.tracefleet.node.ring.AppliedChange;
import io.tracefleet.node.ring.RingException;
import io.tracefleet.node.ring.RingReader;
import io.tracefleet.schemas.TraceChange;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Passes on to one ring what the fleet wants traced, one change after the other, and keeps what was
 * done, over the deaths of nodes:
 *
 * <pre>
 *   wish ──▶ noted beside the ring ──▶ told to the ring ──▶ obeyed ──▶ noted again ──▶ in the run's record
 * </pre>
 *
 * <p>Until the next wish is told, the ring says whether and when the last one was obeyed. So a node
 * may be killed at any of these arrows: the next one finds each change once.
 */
final class RunChanges {
  /** Between changes: each has all of the guest's code translated again. */
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  /**
   * What changes may take in a run's record, which has to fit into Kafka's 1 MiB together with the
   * totals of some thousand vCPUs.
   */
  static final int RECORD_BYTES_MOST = 512 << 10;

  private final RingReader reader;
  private final TraceWishes wishes;
  private final Consumer<String> warning;
  private final Path file;
  private final NodeClock.Every due;
  private final Deque<MadeChange> made = new ArrayDeque<>();
  private int recordBytes;
  private long leftOut;
  private TraceWish asStarted;

  /** In force until {@code asked} is. */
  private TraceWish traced;

  private boolean unsure; // whether that is really in force
  private TraceWish asked;
  private int number; // of what is or was asked last
  private boolean failing;

  RunChanges(RingReader reader, TraceWishes wishes, NodeClock clock, Consumer<String> warning)
      throws RingException {
    this.reader = reader;
    this.wishes = wishes;
    this.warning = warning;
    this.file = ChangeNotes.beside(reader.path());
    this.due = new NodeClock.Every(clock, INTERVAL);
    resume();
  }

  private void resume() throws RingException {
    Optional<ChangeNotes> notes = Optional.empty();
    String broken = null;
    try {
      notes = ChangeNotes.read(file);
    } catch (IOException e) {
      broken = e.getMessage();
    }
    int wanted = reader.wanted();
    boolean torn = (wanted & 1) != 0; // by a node that was killed while it wrote
    int told = wanted & ~1;
    asStarted =
        notes.isPresent()
            ? notes.get().asStarted()
            : wanted == 0 ? reader.traced() : TraceWish.of(reader.info().mode());
    traced = asStarted;
    notes.ifPresent(this::take);
    int unknown = (told - number) / 2;
    boolean stranger = // a node that knows no notes asked for it
        told == number && asked != null && !torn && !reader.traced().tracesAs(asked);
    if (told - number > 0 && asked != null || stranger) {
      unknown++;
    }
    if (told - number < 0) {
      unknown = 0;
      asked = null; // it never came to that
    } else if (unknown > 0) {
      asked = null;
      traced = torn ? traced : reader.traced();
    }
    unsure = torn && (unknown > 0 || notes.isEmpty());
    number = told;
    if (broken != null || unknown > 0) {
      warning.accept(
          "run "
              + reader.info().runId()
              + ": "
              + (broken != null
                  ? broken
                  : notes.isPresent()
                      ? file.getFileName() + " is older than its ring"
                      : "the dead node that steered it made no notes beside its ring")
              + "; "
              + (unknown == 0
                  ? "it told of no change"
                  : "changes that are missing in the run's record: " + unknown));
    }
  }

  private void take(ChangeNotes notes) {
    leftOut = notes.leftOut();
    notes.made().forEach(this::keep);
    if (!made.isEmpty()) {
      traced = made.getLast().to();
    }
    asked = notes.asked();
    number = notes.number();
  }

  /**
   * One round.
   *
   * @return whether a change was made
   */
  boolean step() throws RingException {
    Optional<AppliedChange> change = asked == null ? Optional.empty() : reader.applied(number);
    if (change.isPresent()) {
      keep(new MadeChange(traced.mode(), asked, change.get().micros(), change.get().vcpus()));
      traced = asked;
      asked = null;
      note();
    }
    if (wishes.areKnown()) {
      TraceWish wish = wishes.wish().orElse(asStarted);
      if (asked == null
          && !reader.isCompleted()
          && (unsure || !wish.tracesAs(traced))
          && due.isDue()) {
        ask(wish);
      }
    }
    return change.isPresent();
  }

  private void ask(TraceWish wish) {
    number = reader.nextChange();
    asked = wish;
    unsure = false;
    note();
    reader.want(wish);
  }

  private void keep(MadeChange change) {
    made.addLast(change);
    recordBytes += change.recordBytesMost();
    while (recordBytes > RECORD_BYTES_MOST && made.size() > 1) {
      recordBytes -= made.removeFirst().recordBytesMost();
      leftOut++;
    }
  }

  private void note() {
    try {
      new ChangeNotes(ChangeNotes.VERSION, asStarted, leftOut, List.copyOf(made), number, asked)
          .write(file);
      failing = false;
    } catch (IOException e) {
      if (!failing) {
        warning.accept(
            "changes of what is traced cannot be noted in "
                + file
                + ": "
                + e
                + "; should this node be killed now, they are missing in the run's record");
      }
      failing = true;
    }
  }

  /** All that were made, in order, but for those that are {@link #leftOut}. */
  List<TraceChange> records() {
    return made.stream().map(RunRecords::change).toList();
  }

  /** How many came before those, because a record would be too long with them. */
  long leftOut() {
    return leftOut;
  }
}
