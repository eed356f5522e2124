// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.ring;

import io.tracefleet.node.config.NodeException;
import io.tracefleet.node.config.TraceWish;
import io.tracefleet.node.config.WhenFull;
import io.tracefleet.node.ring.RingLayout.Header;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * Takes batches out of one ring: each slot's in the order of their sequences, each buffer back to
 * the plugin once its batch has arrived, and in the end what a dead process left open.
 */
public final class RingReader implements AutoCloseable {
  private final RingFile ring;
  private final String runId;
  private final BitSet taken = new BitSet();
  private final Map<Integer, SlotState> slots = new TreeMap<>();
  private final Deque<RingBatch> ready = new ArrayDeque<>();
  private final Deque<RingBatch> failed = new ArrayDeque<>();
  private final Map<Integer, TallyStream> tallies = new TreeMap<>();
  private int inFlight;
  private boolean completed;
  private long payloadBytes;

  /** What is known of one slot. */
  private static final class SlotState {
    /** Batches that wait for one with a lower sequence, by sequence. */
    final TreeMap<Long, RingBatch> parked = new TreeMap<>();

    long nextSequence;
    int vcpu;
    int generations;

    /** Executed up to the end of the last batch that was found, rescued ones included. */
    long executed;

    long encoded;
    long dropped;
    long droppedBatches;
    long published;
    long batches;
  }

  private RingReader(RingFile ring) {
    this.ring = ring;
    this.runId = ring.runId();
  }

  /** A ring that nobody has read before. */
  public static RingReader open(Path path) throws RingException {
    return new RingReader(RingFile.open(path));
  }

  /** A ring that another node has read in part: what that node freed has arrived. */
  public static RingReader adopt(Path path) throws RingException {
    RingReader reader = open(path);
    boolean adopted = false;
    try {
      reader.resume();
      reader.resumeTallies();
      adopted = true;
      return reader;
    } finally {
      if (!adopted) {
        reader.close();
      }
    }
  }

  /**
   * Sequences and totals of batches that are gone, from what every batch says about those before
   * it.
   */
  private void resume() throws RingException {
    for (int index : ring.usedSlots()) {
      // Read before the buffers: all with a lower sequence are sealed by now and will be found.
      SlotView view = ring.slot(index);
      SlotState slot = slot(index);
      slot.nextSequence = view.sequence();
      slot.encoded = view.sealedInstructions();
      slot.executed = view.executedInstructions();
      slot.dropped = slot.executed - slot.encoded - view.droppedInstructions();
      slot.vcpu = view.vcpu();
      slot.generations = view.generation() + 1;
    }
    findSealed(true);
    for (SlotState slot : slots.values()) {
      if (!slot.parked.isEmpty()) {
        RingBatch first = slot.parked.firstEntry().getValue();
        slot.nextSequence = first.sequence();
        slot.encoded = first.sealedBefore();
        slot.executed = first.firstInstruction();
        slot.dropped = slot.executed - slot.encoded - first.droppedInstructions();
      }
      slot.published = slot.encoded;
      slot.batches = slot.nextSequence;
    }
  }

  private void resumeTallies() throws RingException {
    for (TallyStream tally : tallyStreams()) {
      resume(tally);
    }
  }

  private void resume(TallyStream tally) throws RingException {
    SlotState slot = slot(tally.slot());
    List<RingBatch> again = new ArrayList<>();
    tally.takeOver().ifPresent(again::add);
    if (!tally.isClosed()) {
      slot.nextSequence = tally.nextSequence();
      slot.encoded = tally.sentInstructions();
      slot.executed = slot.encoded;
    } else {
      again.addAll(tally.rest(false));
    }
    ready.addAll(again);
    slot.encoded -= again.stream().mapToLong(RingBatch::instructions).sum();
    slot.published = slot.encoded;
    slot.batches = slot.nextSequence - again.size();
  }

  /** Of the vCPUs that count in line by now. */
  private Iterable<TallyStream> tallyStreams() throws RingException {
    if (tallies.size() < ring.tallyPlaces()) {
      for (TallyMemory memory : ring.tallies()) {
        if (!tallies.containsKey(memory.vcpu())) {
          tallies.put(memory.vcpu(), new TallyStream(this, ring, memory));
        }
      }
    }
    return tallies.values();
  }

  /** Batches that the tally made, which come before what the vCPU has sealed. */
  private void makeReady(List<RingBatch> tallied) {
    for (RingBatch batch : tallied) {
      SlotState slot = slot(batch.slot());
      slot.nextSequence = batch.sequence() + 1;
      slot.executed = batch.executedAfter();
      slot.vcpu = batch.vcpu();
      slot.generations = Math.max(slot.generations, batch.generation() + 1);
      ready.addLast(batch);
    }
  }

  /** What the header says; the image of a user-mode guest may become known later than the rest. */
  public RingInfo info() throws RingException {
    boolean image = !ring.headerText(Header.IMAGE, Header.IMAGE_SIZE).isEmpty();
    return new RingInfo(
        runId,
        ring.parentRunId(),
        ring.process(),
        ring.headerLong(Header.CREATED_MICROS),
        ring.headerText(Header.TARGET, Header.TARGET_SIZE),
        ring.headerInt(Header.API_MIN),
        ring.headerInt(Header.API_CURRENT),
        ring.headerInt(Header.SYSTEM_EMULATION) != 0,
        ring.headerInt(Header.SMP_VCPUS),
        ring.headerInt(Header.MAX_VCPUS),
        ring.control().mode(ring.headerInt(Header.MODE)),
        switch (ring.headerInt(Header.WHEN_FULL)) {
          case RingLayout.WHEN_FULL_BLOCK -> WhenFull.BLOCK;
          case RingLayout.WHEN_FULL_DROP -> WhenFull.DROP;
          default ->
              throw new RingException(
                  "ring " + ring.path() + ": when_full is " + ring.headerInt(Header.WHEN_FULL));
        },
        image ? Optional.of(ring.headerText(Header.IMAGE, Header.IMAGE_SIZE)) : Optional.empty(),
        known(Header.START_CODE),
        known(Header.END_CODE),
        known(Header.ENTRY_CODE));
  }

  /** What is traced, as long as no change is under way. */
  public TraceWish traced() throws RingException {
    return ring.control().content();
  }

  /** Number of the change that was asked for last, 0: none; odd if a node died while it wrote. */
  public int wanted() {
    return ring.control().wanted();
  }

  /** Number of the change that {@link #want} asks for next. */
  public int nextChange() {
    return ring.control().next();
  }

  /**
   * Asks the plugin to trace something else.
   *
   * @return number of the change
   */
  public int want(TraceWish wish) {
    return ring.control().want(wish);
  }

  /** The change with this number, once the plugin has made it. */
  public Optional<AppliedChange> applied(int number) throws RingException {
    if (ring.control().applied() != number) {
      return Optional.empty();
    }
    Map<Integer, AppliedChange.Counted> vcpus = new TreeMap<>();
    for (int index : ring.usedSlots()) {
      if (index < ring.vcpuSlots()) {
        SlotView slot = ring.slot(index);
        vcpus.put(index, new AppliedChange.Counted(slot.changedAt(), slot.changedPassed()));
      }
    }
    return Optional.of(new AppliedChange(number, ring.control().appliedMicros(), vcpus));
  }

  private OptionalLong known(int offset) {
    long value = ring.headerLong(offset);
    return value == 0 ? OptionalLong.empty() : OptionalLong.of(value);
  }

  String runId() {
    return runId;
  }

  /** The ring's file. */
  public Path path() {
    return ring.path();
  }

  /**
   * Offers what is sealed to {@code sink}, until it has no room.
   *
   * @return batches that it took
   */
  public int poll(BatchSink sink) throws NodeException {
    if (!completed) {
      for (TallyStream tally : tallyStreams()) {
        makeReady(tally.restIfClosed());
        if (tally.isAwaited()) {
          tally.next().ifPresent(batch -> makeReady(List.of(batch)));
        }
      }
      findSealed(false);
      slots.values().forEach(slot -> makeReady(slot, false));
    }
    int count = 0;
    for (Deque<RingBatch> next; !(next = failed.isEmpty() ? ready : failed).isEmpty(); ) {
      RingBatch batch = next.peekFirst();
      if (!sink.offer(batch)) {
        break;
      }
      next.removeFirst();
      inFlight++;
      count++;
      if (batch.countOnce()) {
        SlotState slot = slot(batch.slot());
        slot.encoded += batch.instructions();
        slot.dropped += batch.droppedInstructions();
        slot.droppedBatches += batch.droppedBatches();
      }
    }
    return count;
  }

  private void findSealed(boolean resuming) throws RingException {
    int limit = ring.bufferLimit();
    for (int buffer = 0; buffer < limit; buffer++) {
      if (ring.bufferState(buffer) == RingLayout.BUFFER_SEALED && !taken.get(buffer)) {
        int index = ring.bufferSlot(buffer);
        SlotState slot = slot(index);
        RingBatch batch = RingBatch.sealed(this, ring, index, buffer);
        taken.set(buffer);
        if (batch.isDetail() != (index == ring.vcpuSlots())) {
          throw new RingException(
              "ring " + ring.path() + ": slot " + index + " has a batch of codec " + batch.codec());
        }
        if (!resuming && batch.sequence() < slot.nextSequence
            || slot.parked.put(batch.sequence(), batch) != null) {
          throw new RingException(
              "ring "
                  + ring.path()
                  + ": slot "
                  + index
                  + " has two batches with sequence "
                  + batch.sequence());
        }
      }
    }
  }

  private void makeReady(SlotState slot, boolean whateverIsMissing) {
    while (!slot.parked.isEmpty()
        && (whateverIsMissing || slot.parked.firstKey() == slot.nextSequence)) {
      RingBatch batch = slot.parked.pollFirstEntry().getValue();
      slot.nextSequence = batch.sequence() + 1;
      slot.executed = batch.executedAfter();
      slot.vcpu = batch.vcpu();
      slot.generations = Math.max(slot.generations, batch.generation() + 1);
      ready.addLast(batch);
    }
  }

  /**
   * The process is dead: nothing changes any more, and what it left open becomes a batch. To be
   * called once.
   *
   * @return batches that are missing between others; a plugin that works leaves none
   */
  public int complete(long nowMicros) throws RingException {
    for (TallyStream tally : tallyStreams()) {
      makeReady(tally.restIfClosed());
    }
    findSealed(false);
    int missing = 0;
    for (SlotState slot : slots.values()) {
      makeReady(slot, false);
      while (!slot.parked.isEmpty()) {
        missing += (int) (slot.parked.firstKey() - slot.nextSequence);
        slot.nextSequence = slot.parked.firstKey();
        makeReady(slot, false);
      }
    }
    for (TallyStream tally : tallies.values()) {
      makeReady(tally.rest(true));
    }
    for (int index : ring.usedSlots()) {
      rescue(index, nowMicros);
    }
    completed = true;
    return missing;
  }

  private void rescue(int index, long nowMicros) throws RingException {
    SlotView view = ring.slot(index);
    SlotState slot = slot(index);
    if (view.sequence() < slot.nextSequence) {
      // Killed between sealing the batch and starting the next one: all that the slot says is in
      // that batch.
      return;
    }
    int buffer = view.buffer();
    boolean open =
        buffer >= 0
            && buffer < ring.bufferLimit()
            && ring.bufferState(buffer) == RingLayout.BUFFER_OPEN
            && ring.bufferSlot(buffer) == index;
    boolean scrap = !open && (view.flags() & RingLayout.SLOT_FLAG_SCRAP) != 0;
    RingBatch batch =
        RingBatch.rescued(
            this, ring, index, open ? buffer : RingLayout.NO_BUFFER, scrap, nowMicros);
    slot.executed = batch.executedAfter();
    slot.vcpu = batch.vcpu();
    slot.generations = Math.max(slot.generations, batch.generation() + 1);
    if (!batch.isEmpty()) {
      slot.nextSequence++;
      ready.addLast(batch);
    }
  }

  private SlotState slot(int index) {
    return slots.computeIfAbsent(
        index,
        i -> {
          SlotState slot = new SlotState();
          slot.vcpu = i;
          return slot;
        });
  }

  void release(RingBatch batch) {
    inFlight--;
    SlotState slot = slot(batch.slot());
    slot.published += batch.instructions();
    slot.batches++;
    if (!batch.isDetail()) {
      payloadBytes += batch.payloadSize();
    }
    if (batch.isTallied()) {
      tallies.get(batch.slot()).arrived(batch);
    } else if (!batch.rescued()) {
      taken.clear(batch.buffer());
      ring.free(batch.buffer());
    }
  }

  void retry(RingBatch batch) {
    inFlight--;
    failed.addLast(batch);
  }

  void copyColumns(int codec, int buffer, int[] lengths, byte[] to, int at) {
    ring.copyColumns(codec, buffer, lengths, to, at);
  }

  /** Asks vCPUs to seal what is open, and takes what is counted in line. */
  public void flush() throws RingException {
    ring.flush();
    if (!completed) {
      for (TallyStream tally : tallyStreams()) {
        tally.next().ifPresent(batch -> makeReady(List.of(batch)));
      }
    }
  }

  /** True after {@link #complete} when everything has arrived. */
  public boolean isDone() {
    return completed && backlog() == 0;
  }

  /** True after {@link #complete}. */
  public boolean isCompleted() {
    return completed;
  }

  /** Batches that were found and have not arrived. */
  public int backlog() {
    return failed.size() + ready.size() + inFlight;
  }

  /** Bytes of the payloads of the vCPUs' batches that have arrived. */
  public long payloadBytes() {
    return payloadBytes;
  }

  /** Whether the header names the guest's program yet. */
  public boolean hasImage() {
    return (ring.headerInt(Header.IMAGE) & 0xff) != 0;
  }

  /** What the process said about its end. */
  public EndMark endMark() {
    return switch (ring.end()) {
      case RingLayout.END_EXIT -> EndMark.EXIT;
      case RingLayout.END_EXEC -> EndMark.EXEC;
      case RingLayout.END_DETACHED -> EndMark.DETACHED;
      default -> EndMark.NONE;
    };
  }

  /** Argument of exit_group; with {@link EndMark#EXIT} only. */
  public int exitCode() {
    return ring.exitCode();
  }

  /** Nanoseconds that vCPUs were held back by a full ring. */
  public long heldNanos() {
    return ring.heldNanos();
  }

  /** Forked children of this process that found no room for a ring of their own. */
  public int untracedChildren() {
    return ring.untracedChildren();
  }

  /** vCPUs that are held back by a full ring now. */
  public int heldVcpus() {
    return ring.heldVcpus();
  }

  /** To be asked before each round; see {@link RingFile#requireWhole}. */
  public void requireWhole() throws RingException {
    ring.requireWhole();
  }

  /** Buffers that hold a batch which has not arrived. */
  public int buffersTaken() {
    return taken.cardinality();
  }

  /** Buffers that may be used now. */
  public int buffers() throws RingException {
    return ring.bufferLimit();
  }

  /** One tally per vCPU that did something, by index. */
  public List<VcpuTally> tallies() {
    List<VcpuTally> tallies = new ArrayList<>();
    slots.forEach(
        (index, slot) -> {
          long passed = index < ring.vcpuSlots() ? ring.slot(index).passedInstructions() : 0;
          boolean idle =
              slot.executed == 0
                  && slot.batches == 0
                  && slot.dropped == 0
                  && slot.encoded == 0
                  && passed == 0;
          if (index < ring.vcpuSlots() && !idle) {
            tallies.add(
                new VcpuTally(
                    slot.vcpu,
                    Math.max(1, slot.generations),
                    slot.executed + passed,
                    slot.encoded,
                    slot.dropped,
                    slot.published,
                    slot.batches,
                    slot.droppedBatches,
                    passed));
          }
        });
    return tallies;
  }

  @Override
  public void close() {
    ring.close();
  }
}
