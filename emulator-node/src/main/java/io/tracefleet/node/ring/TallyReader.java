// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.ring;

import io.tracefleet.node.ring.RingLayout.Tally;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes batches of codec 2 of what a vCPU has counted in line and nobody has sent yet. How the
 * counters are to be read, and why another node can make a batch again, is told in {@code
 * plugin/ring.h}.
 */
final class TallyReader {
  private static final int TRIES = 100;
  private static final int CALL_COUNTS = 3;

  /** Places of the sums that are noted as sent for the whole vCPU. */
  private static final int SENT_INSTRUCTIONS = 0;

  private static final int SENT_ACCESSES = 1;
  private static final int SENT_IDLES = SENT_ACCESSES + TallyBatch.KINDS;
  private static final int SENT_RESUMES = SENT_IDLES + 1;

  private final TallyMemory memory;

  TallyReader(TallyMemory memory) {
    this.memory = memory;
  }

  /** What all counters say at one time; the later of a block's counters are read before. */
  private final class Reading {
    final int blocks = memory.blocks();
    final long[] executions = new long[blocks];
    final long[] undispatched = new long[blocks];
    final long[] accesses = new long[TallyBatch.KINDS];

    Reading() throws RingException {
      for (int block = blocks - 1; block >= 0; block--) {
        int first = memory.firstCounter(block);
        long dispatched = 0;
        for (int counter = memory.endCounter(block) - 1; counter >= first; counter--) {
          long count = read(counter);
          dispatched += count * memory.weight(counter);
          executions[block] = count; // the last one that is read is the block's own
        }
        undispatched[block] = executions[block] * memory.instructions(block) - dispatched;
      }
      for (int counter = 0; counter < Tally.GENERIC; counter++) {
        read(counter);
      }
    }

    private long read(int counter) {
      long count = memory.count(counter);
      accesses[memory.loadShift(counter)] += count * memory.loads(counter);
      accesses[8 + memory.storeShift(counter)] += count * memory.stores(counter);
      return count;
    }
  }

  /**
   * The next batch of a process that runs on, noted as sent. Executions that may not have ended are
   * left for later, and so are blocks beyond what one batch holds. Where there is nothing left of a
   * thread that has exited, the plugin learns that.
   *
   * @return null if there is nothing, or if the plugin closes the tally
   */
  TallyBatch next() throws RingException {
    if (!memory.replaceState(RingLayout.TALLY_OPEN, RingLayout.TALLY_BUSY)) {
      return null;
    }
    try {
      // Before the counters: once it is settled, they may be the next thread's at any time.
      int generation = memory.generation();
      boolean ended = memory.hasEnded(generation);
      if (memory.isSettled(generation)) {
        return null;
      }
      long sequence = memory.sequence();
      SentPlaces totals = memory.sentTotals();
      TallyBatch batch =
          new TallyBatch(sequence, generation, totals.sum(sequence, SENT_INSTRUCTIONS));
      Reading now = new Reading();
      boolean doubts = false;
      for (int block = 0; block < now.blocks && !batch.isFull(); block++) {
        SentPlaces sent = memory.sentBlock(block);
        long before = sent.sum(sequence, 0);
        long doubtful = Math.min(now.executions[block], now.undispatched[block]);
        doubts |= doubtful > 0;
        long more = now.executions[block] - doubtful - before;
        if (more > 0) {
          add(batch, block, more, 0);
          sent.note(sequence, before + more);
        }
      }
      long[] accesses = new long[TallyBatch.KINDS];
      for (int kind = 0; kind < TallyBatch.KINDS; kind++) {
        long before = totals.sum(sequence, SENT_ACCESSES + kind);
        accesses[kind] = Math.max(before, now.accesses[kind]);
        batch.addAccesses(kind, accesses[kind] - before);
      }
      long idles = memory.idles();
      long resumes = memory.resumes();
      batch.addIdles(
          idles - totals.sum(sequence, SENT_IDLES), resumes - totals.sum(sequence, SENT_RESUMES));
      addSyscallsOf(batch, sequence);
      boolean empty = batch.isEmpty();
      if (!empty) {
        note(batch, accesses, idles, resumes);
      }
      if (ended && !doubts && !batch.isFull()) {
        memory.settle(generation);
      }
      return empty ? null : batch;
    } finally {
      memory.replaceState(RingLayout.TALLY_BUSY, RingLayout.TALLY_OPEN);
    }
  }

  /** What is sent with the batch, but for blocks and system calls, and that it is the last one. */
  private void note(TallyBatch batch, long[] accesses, long idles, long resumes) {
    long[] sums = new long[SENT_RESUMES + 1];
    sums[SENT_INSTRUCTIONS] = batch.firstInstruction() + batch.instructions();
    System.arraycopy(accesses, 0, sums, SENT_ACCESSES, accesses.length);
    sums[SENT_IDLES] = idles;
    sums[SENT_RESUMES] = resumes;
    memory.sentTotals().note(batch.sequence(), sums);
    memory.setSentGeneration(batch.generation());
    memory.setSequence(batch.sequence() + 1);
  }

  /** System calls, unless the vCPU is counting some just now: then they come later. */
  private void addSyscallsOf(TallyBatch batch, long sequence) throws RingException {
    for (int tries = 0; tries < TRIES; tries++) {
      int version = memory.version();
      int calls = memory.syscalls();
      long[][] counts = new long[calls][];
      for (int call = 0; call < calls; call++) {
        counts[call] = syscall(call);
      }
      if (version % 2 == 0 && memory.version() == version) {
        for (int call = 0; call < calls; call++) {
          if (addSyscall(batch, call, counts[call], sequence)) {
            memory.sentSyscall(call).note(sequence, counts[call]);
          }
        }
        return;
      }
    }
  }

  private long[] syscall(int call) {
    long[] counts = new long[CALL_COUNTS];
    for (int what = 0; what < CALL_COUNTS; what++) {
      counts[what] = memory.syscallCount(call, what);
    }
    return counts;
  }

  private boolean addSyscall(TallyBatch batch, int call, long[] counts, long sequence) {
    SentPlaces sent = memory.sentSyscall(call);
    long entries = counts[0] - sent.sum(sequence, 0);
    long returns = counts[1] - sent.sum(sequence, 1);
    long errors = counts[2] - sent.sum(sequence, 2);
    batch.addSyscall(memory.syscallNumber(call), entries, returns, errors);
    return entries != 0 || returns != 0 || errors != 0;
  }

  private void add(TallyBatch batch, int block, long executions, long undispatched) {
    batch.addBlock(
        memory.vaddr(block),
        memory.codeHash(block),
        memory.instructions(block),
        memory.bytes(block),
        executions,
        undispatched);
  }

  /** The batch that another node noted as sent and that may never have arrived, made again. */
  TallyBatch again(long sequence) throws RingException {
    SentPlaces totals = memory.sentTotals();
    TallyBatch batch =
        new TallyBatch(sequence, memory.sentGeneration(), totals.sum(sequence, SENT_INSTRUCTIONS));
    int blocks = memory.blocks();
    for (int block = 0; block < blocks; block++) {
      SentPlaces sent = memory.sentBlock(block);
      add(batch, block, sent.sum(sequence + 1, 0) - sent.sum(sequence, 0), 0);
    }
    for (int kind = 0; kind < TallyBatch.KINDS; kind++) {
      batch.addAccesses(
          kind,
          totals.sum(sequence + 1, SENT_ACCESSES + kind)
              - totals.sum(sequence, SENT_ACCESSES + kind));
    }
    batch.addIdles(
        totals.sum(sequence + 1, SENT_IDLES) - totals.sum(sequence, SENT_IDLES),
        totals.sum(sequence + 1, SENT_RESUMES) - totals.sum(sequence, SENT_RESUMES));
    for (int call = 0; call < memory.syscalls(); call++) {
      SentPlaces sent = memory.sentSyscall(call);
      long[] counts = new long[CALL_COUNTS];
      for (int what = 0; what < CALL_COUNTS; what++) {
        counts[what] = sent.sum(sequence + 1, what);
      }
      addSyscall(batch, call, counts, sequence);
    }
    return batch;
  }

  /**
   * All that was not sent, once nothing is counted any more: the same batches whenever this is
   * called, one for every {@code BATCH} blocks, but at least one.
   */
  List<TallyBatch> rest() throws RingException {
    long sequence = memory.sequence();
    SentPlaces totals = memory.sentTotals();
    long instructions = totals.sum(sequence, SENT_INSTRUCTIONS);
    Reading now = new Reading();
    List<TallyBatch> batches = new ArrayList<>();
    int block = 0;
    do {
      TallyBatch batch =
          new TallyBatch(sequence + batches.size(), memory.generation(), instructions);
      if (batches.isEmpty()) {
        for (int kind = 0; kind < TallyBatch.KINDS; kind++) {
          batch.addAccesses(kind, now.accesses[kind] - totals.sum(sequence, SENT_ACCESSES + kind));
        }
        batch.addIdles(
            memory.idles() - totals.sum(sequence, SENT_IDLES),
            memory.resumes() - totals.sum(sequence, SENT_RESUMES));
        for (int call = 0; call < memory.syscalls(); call++) {
          addSyscall(batch, call, syscall(call), sequence);
        }
      }
      int end = Math.min(now.blocks, block + Tally.BATCH);
      for (; block < end; block++) {
        SentPlaces sent = memory.sentBlock(block);
        add(batch, block, now.executions[block] - sent.sum(sequence, 0), now.undispatched[block]);
      }
      instructions += batch.instructions();
      batches.add(batch);
    } while (block < now.blocks);
    return batches;
  }
}
