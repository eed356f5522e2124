// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.ring;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The batches of what one vCPU counts in line, in order: one at a time while that goes on, and the
 * rest once the plugin has closed the tally or the process is dead. The vCPU's own batches follow.
 */
final class TallyStream {
  private final RingReader reader;
  private final RingFile ring;
  private final TallyMemory memory;
  private final TallyReader tally;
  private long openedMicros;
  private boolean restMade;
  private int restBatches;
  private int restInFlight;

  /** A generation that left a block midway: what it counted is told apart only when all ends. */
  private int unsettled = -1;

  TallyStream(RingReader reader, RingFile ring, TallyMemory memory) {
    this.reader = reader;
    this.ring = ring;
    this.memory = memory;
    openedMicros = ring.headerLong(RingLayout.Header.CREATED_MICROS);
    tally = new TallyReader(memory);
  }

  int slot() {
    return memory.vcpu();
  }

  boolean isClosed() {
    return memory.state() == RingLayout.TALLY_CLOSED;
  }

  /**
   * What a dead node may not have sent.
   *
   * @return the batch that it noted last, if that has not arrived
   */
  Optional<RingBatch> takeOver() throws RingException {
    memory.replaceState(RingLayout.TALLY_BUSY, RingLayout.TALLY_OPEN);
    long sequence = memory.sequence();
    restMade = isClosed() && memory.arrived() >= sequence + memory.rest();
    return memory.arrived() < sequence
        ? Optional.of(batch(tally.again(sequence - 1), false))
        : Optional.empty();
  }

  /** Instructions in batches that were noted as sent. */
  long sentInstructions() {
    return memory.sentTotals().sum(memory.sequence(), 0);
  }

  /** Sequence of the next batch, or of the one after the rest. */
  long nextSequence() throws RingException {
    return memory.sequence() + (restMade ? memory.rest() : 0);
  }

  /** Whether its thread has exited, and another one with its index may be waiting. */
  boolean isAwaited() {
    int generation = memory.generation();
    return memory.hasEnded(generation)
        && !memory.isSettled(generation)
        && generation != unsettled
        && memory.arrived() == memory.sequence();
  }

  /** What was counted since the last batch; nothing before that one has arrived. */
  Optional<RingBatch> next() throws RingException {
    if (isClosed() || memory.arrived() < memory.sequence()) {
      return Optional.empty();
    }
    boolean awaited = isAwaited();
    int generation = memory.generation();
    TallyBatch batch = tally.next();
    if (batch == null && awaited && !isClosed() && !memory.isSettled(generation)) {
      unsettled = generation;
    }
    return batch == null ? Optional.empty() : Optional.of(batch(batch, false));
  }

  /** All that was not sent, the first time that this is called after the tally was closed. */
  List<RingBatch> restIfClosed() throws RingException {
    return isClosed() ? rest(false) : List.of();
  }

  /**
   * All that was not sent, the first time; nothing may be counted any more.
   *
   * @param dead whether the process is
   */
  List<RingBatch> rest(boolean dead) throws RingException {
    List<RingBatch> batches = new ArrayList<>();
    if (!restMade) {
      restMade = true;
      for (TallyBatch batch : tally.rest()) {
        // Sequences of a closed tally are taken, whatever is in the batches.
        if (isClosed() || !batch.isEmpty()) {
          batches.add(batch(batch, dead));
        }
      }
      restBatches = batches.size();
      restInFlight = restBatches;
    }
    return batches;
  }

  void arrived(RingBatch batch) {
    if (batch.sequence() < memory.sequence()) {
      memory.setArrived(batch.sequence() + 1);
    } else if (--restInFlight == 0 && isClosed()) {
      memory.setArrived(memory.sequence() + restBatches);
    }
  }

  private RingBatch batch(TallyBatch batch, boolean dead) {
    Instant now = Instant.now();
    long micros = now.getEpochSecond() * 1_000_000 + now.getNano() / 1000;
    RingBatch made = RingBatch.tallied(reader, ring, slot(), batch, dead, openedMicros, micros);
    openedMicros = micros;
    return made;
  }
}
