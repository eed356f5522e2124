// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.ring;

import io.tracefleet.node.ring.RingLayout.Slot;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** A batch in a ring: its header's values, and its payload as long as the ring is open. */
public final class RingBatch {
  /** Bytes of a payload before its columns. */
  private static final int PAYLOAD_HEADER = Slot.PAYLOAD_END - Slot.PAYLOAD_BEGIN;

  private final RingReader reader;
  private final SlotView header;
  private final int slot;
  private final int buffer;
  private final boolean rescued;
  private final boolean scrap;
  private final int[] columnLengths = new int[RingLayout.COLUMNS];
  private final int vcpu;
  private final int generation;
  private final long sequence;
  private final long openedMicros;
  private final long sealedMicros;
  private final long firstInstruction;
  private final int codec;
  private final int flags;
  private final long instructions;
  private final long blocks;
  private final long accesses;
  private final long droppedBatches;
  private final long droppedInstructions;
  private final long droppedBlocks;
  private final long droppedAccesses;
  private final long passedInstructions;

  /** Of a batch that was made here; null if the ring holds it. */
  private final byte[] made;

  private boolean counted;

  /**
   * @param buffer where the columns are, NO_BUFFER for a batch that has none
   * @param scrap the slot's counts are of a batch that had no buffer: they count as dropped
   */
  private RingBatch(
      RingReader reader,
      RingFile ring,
      SlotView header,
      int slot,
      int buffer,
      boolean rescued,
      boolean scrap,
      long sealedMicros)
      throws RingException {
    this.reader = reader;
    this.header = header;
    this.slot = slot;
    this.buffer = buffer;
    this.rescued = rescued;
    this.scrap = scrap;
    this.sealedMicros = sealedMicros;
    made = null;
    vcpu = header.vcpu();
    generation = header.generation();
    sequence = header.sequence();
    codec = header.codec();
    boolean full = buffer != RingLayout.NO_BUFFER;
    openedMicros = full || scrap ? header.openedMicros() : sealedMicros;
    flags =
        header.flags() & ~RingLayout.SLOT_FLAG_SCRAP
            | (rescued ? RingLayout.SLOT_FLAG_UNSEALED : 0);
    instructions = full ? header.dispatched() : 0;
    blocks = full ? header.blocks() : 0;
    accesses = full ? header.accesses() : 0;
    firstInstruction = header.executedInstructions() + (scrap ? header.dispatched() : 0);
    droppedBatches = header.droppedBatches() + (scrap ? 1 : 0);
    droppedInstructions = header.droppedInstructions() + (scrap ? header.dispatched() : 0);
    droppedBlocks = header.droppedBlocks() + (scrap ? header.blocks() : 0);
    droppedAccesses = header.droppedAccesses() + (scrap ? header.accesses() : 0);
    passedInstructions = header.passedInstructions();
    if (full) {
      ring.payloadSize(header);
      for (int c = 0; c < RingLayout.COLUMNS; c++) {
        columnLengths[c] = header.columnLength(c);
      }
    }
  }

  private RingBatch(
      RingReader reader,
      RingFile ring,
      int slot,
      TallyBatch tally,
      boolean last,
      long openedMicros,
      long micros) {
    this.reader = reader;
    this.slot = slot;
    this.openedMicros = openedMicros;
    header = ring.slot(slot);
    buffer = RingLayout.NO_BUFFER;
    rescued = last;
    scrap = false;
    sealedMicros = micros;
    flags = header.flags() & RingLayout.SLOT_FLAG_SYSTEM;
    made = tally.payload(flags);
    vcpu = slot;
    generation = tally.generation();
    sequence = tally.sequence();
    codec = RingLayout.CODEC_COUNT_1;
    instructions = tally.instructions();
    blocks = tally.blocks();
    accesses = tally.accesses();
    firstInstruction = tally.firstInstruction();
    droppedBatches = 0;
    droppedInstructions = 0;
    droppedBlocks = 0;
    droppedAccesses = 0;
    passedInstructions = 0;
  }

  /**
   * What was counted in line by the vCPU of {@code slot}.
   *
   * @param last whether the process is dead
   */
  static RingBatch tallied(
      RingReader reader,
      RingFile ring,
      int slot,
      TallyBatch tally,
      boolean last,
      long openedMicros,
      long micros) {
    return new RingBatch(reader, ring, slot, tally, last, openedMicros, micros);
  }

  /** What {@code buffer} holds, which is SEALED. */
  static RingBatch sealed(RingReader reader, RingFile ring, int slot, int buffer)
      throws RingException {
    SlotView header = ring.snapshot(buffer);
    return new RingBatch(reader, ring, header, slot, buffer, false, false, header.sealedMicros());
  }

  /** What a dead process left in a slot. */
  static RingBatch rescued(
      RingReader reader, RingFile ring, int slot, int buffer, boolean scrap, long nowMicros)
      throws RingException {
    return new RingBatch(reader, ring, ring.slot(slot), slot, buffer, true, scrap, nowMicros);
  }

  /** True if nothing happened in it and nothing was dropped before it. */
  boolean isEmpty() {
    return instructions == 0
        && blocks == 0
        && accesses == 0
        && droppedBatches == 0
        && (buffer == RingLayout.NO_BUFFER || header.otherEvents() == 0 && columnBytes() == 0);
  }

  private int columnBytes() {
    int bytes = 0;
    for (int length : columnLengths) {
      bytes += length;
    }
    return bytes;
  }

  int slot() {
    return slot;
  }

  /** True if it was made of counters, not found in the ring. */
  boolean isTallied() {
    return made != null;
  }

  int buffer() {
    return buffer;
  }

  /** True the first time: a batch that is offered again after a failure was read only once. */
  boolean countOnce() {
    boolean first = !counted;
    counted = true;
    return first;
  }

  /** Executed by this vCPU index at the end of the batch. */
  long executedAfter() {
    return firstInstruction + instructions;
  }

  /** Instructions of batches sealed before it. */
  long sealedBefore() {
    return header.sealedInstructions();
  }

  public String runId() {
    return reader.runId();
  }

  /** True for block details, which are the run's and no vCPU's. */
  public boolean isDetail() {
    return codec == RingLayout.CODEC_DETAIL_1;
  }

  public int vcpu() {
    return vcpu;
  }

  public int generation() {
    return generation;
  }

  public long sequence() {
    return sequence;
  }

  public long openedMicros() {
    return openedMicros;
  }

  public long sealedMicros() {
    return sealedMicros;
  }

  /** Dispatched by this vCPU index before this batch. */
  public long firstInstruction() {
    return firstInstruction;
  }

  public int codec() {
    return codec;
  }

  public long instructions() {
    return instructions;
  }

  public long blocks() {
    return blocks;
  }

  public long accesses() {
    return accesses;
  }

  public long droppedBatches() {
    return droppedBatches;
  }

  public long droppedInstructions() {
    return droppedInstructions;
  }

  public long droppedBlocks() {
    return droppedBlocks;
  }

  public long droppedAccesses() {
    return droppedAccesses;
  }

  /** Passed over outside windows by this vCPU index, all until the batch was sealed. */
  public long passedInstructions() {
    return passedInstructions;
  }

  public boolean rescued() {
    return rescued;
  }

  /** Bytes of the payload. */
  public int payloadSize() {
    return made != null ? made.length : PAYLOAD_HEADER + columnBytes();
  }

  /** Copies the payload's {@link #payloadSize} bytes to {@code to}, from {@code at} on. */
  public void copyPayload(byte[] to, int at) {
    if (made != null) {
      System.arraycopy(made, 0, to, at, made.length);
      return;
    }
    header.copyPayloadHeader(to, at);
    ByteBuffer payload =
        ByteBuffer.wrap(to, at, PAYLOAD_HEADER).slice().order(ByteOrder.LITTLE_ENDIAN);
    payload.putInt(Slot.CODEC - Slot.PAYLOAD_BEGIN, codec);
    payload.putInt(Slot.FLAGS - Slot.PAYLOAD_BEGIN, flags);
    if (buffer == RingLayout.NO_BUFFER) {
      Arrays.fill(to, at + Slot.INSTRUCTIONS - Slot.PAYLOAD_BEGIN, at + PAYLOAD_HEADER, (byte) 0);
      return;
    }
    for (int c = 0; c < RingLayout.COLUMNS; c++) {
      payload.putInt(Slot.COLUMN_LENGTH - Slot.PAYLOAD_BEGIN + 4 * c, columnLengths[c]);
    }
    reader.copyColumns(codec, buffer, columnLengths, to, at + PAYLOAD_HEADER);
  }

  /** It has arrived: the buffer goes back to the plugin. */
  public void acknowledged() {
    reader.release(this);
  }

  /** It could not be sent, but may be later: it is offered again. */
  public void failed() {
    reader.retry(this);
  }
}
