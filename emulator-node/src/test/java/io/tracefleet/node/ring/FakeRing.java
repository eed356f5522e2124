// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.ring;

import io.tracefleet.node.config.TraceMode;
import io.tracefleet.node.qemu.ProcessIdentity;
import io.tracefleet.node.ring.RingLayout.Descriptor;
import io.tracefleet.node.ring.RingLayout.Header;
import io.tracefleet.node.ring.RingLayout.Slot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * A ring as the plugin writes it, by the layout: opens batches, adds to them, seals them, dies in
 * the middle. Batches go into buffers as the plugin would take them: the first that is free.
 */
public final class FakeRing {
  public static final int SLOTS = 4;
  public static final int BUFFER_SIZE = 8192;
  public static final int COLUMN_SIZE = 900;
  public static final int DETAIL_SLOT = SLOTS;
  private static final int DESCRIPTORS =
      RingLayout.HEADER_SIZE + (SLOTS + 1) * RingLayout.SLOT_SIZE;
  private static final int BUFFERS = 16384;

  private final Path path;
  private final MappedByteBuffer bytes;

  private FakeRing(Path path, MappedByteBuffer bytes) {
    this.path = path;
    this.bytes = bytes;
  }

  /** A ring in {@code directory}, ready. */
  public static FakeRing create(
      Path directory, String runId, String parentRunId, ProcessIdentity process, int buffers) {
    Path path = directory.resolve(runId + RingFile.SUFFIX);
    try (FileChannel file =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      MappedByteBuffer bytes =
          file.map(FileChannel.MapMode.READ_WRITE, 0, BUFFERS + (long) buffers * BUFFER_SIZE);
      bytes.order(ByteOrder.LITTLE_ENDIAN);
      FakeRing ring = new FakeRing(path, bytes);
      ring.put(Header.VERSION, RingLayout.VERSION);
      ring.put(Header.HEADER_SIZE, RingLayout.HEADER_SIZE);
      ring.putUuid(Header.RUN_ID, runId);
      if (parentRunId != null) {
        ring.putUuid(Header.PARENT_RUN_ID, parentRunId);
      }
      ring.put(Header.PID, (int) process.pid());
      ring.putLong(Header.PROCESS_START, process.start());
      ring.putLong(Header.CREATED_MICROS, 1_700_000_000_000_000L);
      ring.put(Header.VCPU_SLOTS, SLOTS);
      ring.putLong(Header.DESCRIPTORS_OFFSET, DESCRIPTORS);
      ring.putLong(Header.BUFFERS_OFFSET, BUFFERS);
      ring.put(Header.BUFFER_SIZE, BUFFER_SIZE);
      ring.put(Header.BUFFER_COUNT, buffers);
      ring.put(Header.BUFFER_LIMIT, buffers);
      ring.putText(Header.TARGET, "x86_64");
      ring.put(Header.API_CURRENT, 1);
      ring.put(Header.MODE, RingLayout.MODE_FULL);
      ring.put(Header.WHEN_FULL, RingLayout.WHEN_FULL_BLOCK);
      ring.put(Header.WISH + RingLayout.Control.MODE, RingLayout.MODE_FULL);
      for (int c = 0; c < RingLayout.COLUMNS; c++) {
        ring.put(Header.COLUMN_OFFSET + 4 * c, RingLayout.SLOT_SIZE + c * COLUMN_SIZE);
        ring.put(Header.COLUMN_CAPACITY + 4 * c, COLUMN_SIZE);
        ring.put(Header.COUNT_COLUMN_OFFSET + 4 * c, RingLayout.SLOT_SIZE + c * COLUMN_SIZE);
        ring.put(Header.COUNT_COLUMN_CAPACITY + 4 * c, COLUMN_SIZE);
      }
      for (int slot = 0; slot <= SLOTS; slot++) {
        ring.put(slot(slot) + Slot.BUFFER, RingLayout.NO_BUFFER);
        ring.put(slot(slot) + Slot.VCPU, slot == DETAIL_SLOT ? -1 : slot);
        ring.put(
            slot(slot) + Slot.CODEC,
            slot == DETAIL_SLOT ? RingLayout.CODEC_DETAIL_1 : RingLayout.CODEC_FULL_1);
      }
      ring.putLong(Header.MAGIC, RingLayout.MAGIC);
      return ring;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Path path() {
    return path;
  }

  /** Number of the change that the node wants. */
  public int wanted() {
    return get(Header.WISH + RingLayout.Control.WANTED);
  }

  /** The node was killed when it had come so far; odd: it was writing. */
  public void wanted(int number) {
    put(Header.WISH + RingLayout.Control.WANTED, number);
  }

  /** Makes this the only range of the control block, however wrong. */
  public void wantedRange(long begin, long end) {
    put(Header.WISH + RingLayout.Control.RANGE_COUNT, 1);
    putLong(Header.WISH + RingLayout.Control.RANGES, begin);
    putLong(Header.WISH + RingLayout.Control.RANGES + 8, end);
  }

  /** What the node wants traced. */
  public TraceMode wantedMode() throws RingException {
    try (RingReader reader = RingReader.open(path)) {
      return reader.traced().mode();
    }
  }

  /** What the node wants is in force. */
  public void obeys(long micros) {
    for (int slot = 0; slot < SLOTS; slot++) {
      putLong(slot(slot) + Slot.CHANGED_AT, getLong(slot(slot) + Slot.EXECUTED_INSTRUCTIONS));
    }
    putLong(Header.WISH + RingLayout.Control.APPLIED_MICROS, micros);
    put(Header.WISH + RingLayout.Control.APPLIED, wanted());
  }

  /** Opens a batch. Returns its buffer, or -1 if all are taken. */
  public int open(int slot) {
    put(slot(slot) + Slot.STATE, RingLayout.SLOT_LIVE);
    putLong(
        slot(slot) + Slot.OPENED_MICROS,
        1_700_000_000_000_000L + getLong(slot(slot) + Slot.SEQUENCE));
    putLong(slot(slot) + Slot.FIRST_INSTRUCTION, getLong(slot(slot) + Slot.EXECUTED_INSTRUCTIONS));
    for (int buffer = 0; buffer < get(Header.BUFFER_LIMIT); buffer++) {
      if (get(descriptor(buffer) + Descriptor.STATE) == RingLayout.BUFFER_FREE) {
        put(descriptor(buffer) + Descriptor.STATE, RingLayout.BUFFER_OPEN);
        put(descriptor(buffer) + Descriptor.SLOT, slot);
        put(slot(slot) + Slot.BUFFER, buffer);
        return buffer;
      }
    }
    put(slot(slot) + Slot.FLAGS, get(slot(slot) + Slot.FLAGS) | RingLayout.SLOT_FLAG_SCRAP);
    return -1;
  }

  /** Adds to the open batch: counts, and {@code text} to a column. */
  public FakeRing add(
      int slot, long instructions, long blocks, long accesses, int column, String text) {
    byte[] more = text.getBytes(StandardCharsets.UTF_8);
    return add(slot, instructions, blocks, accesses, column, more);
  }

  public FakeRing add(
      int slot, long instructions, long blocks, long accesses, int column, byte[] more) {
    int at = slot(slot);
    int length = get(at + Slot.COLUMN_LENGTH + 4 * column);
    if (get(at + Slot.BUFFER) != RingLayout.NO_BUFFER) {
      bytes.put(
          BUFFERS
              + get(at + Slot.BUFFER) * BUFFER_SIZE
              + RingLayout.SLOT_SIZE
              + column * COLUMN_SIZE
              + length,
          more);
    }
    put(at + Slot.COLUMN_LENGTH + 4 * column, length + more.length);
    putLong(at + Slot.INSTRUCTIONS, getLong(at + Slot.INSTRUCTIONS) + instructions);
    putLong(at + Slot.BLOCKS, getLong(at + Slot.BLOCKS) + blocks);
    putLong(at + Slot.ACCESSES, getLong(at + Slot.ACCESSES) + accesses);
    return this;
  }

  /** Instructions of the block that is running. */
  public FakeRing running(int slot, int progress, int of) {
    put(slot(slot) + Slot.PROGRESS, progress);
    put(slot(slot) + Slot.BLOCK_INSTRUCTIONS, of);
    return this;
  }

  /** Seals the open batch, or drops it if it has no buffer. */
  public FakeRing seal(int slot) {
    if (get(slot(slot) + Slot.BUFFER) != RingLayout.NO_BUFFER) {
      snapshot(slot);
      put(slot(slot) + Slot.BUFFER, RingLayout.NO_BUFFER);
      startOver(slot, false);
    } else {
      startOver(slot, true);
    }
    return this;
  }

  /**
   * The first half of {@link #seal}: a process killed now leaves a slot that names a sealed buffer.
   */
  public FakeRing snapshot(int slot) {
    int at = slot(slot);
    int buffer = get(at + Slot.BUFFER);
    putLong(at + Slot.INSTRUCTIONS, getLong(at + Slot.INSTRUCTIONS) + get(at + Slot.PROGRESS));
    put(at + Slot.PROGRESS, 0);
    putLong(at + Slot.SEALED_MICROS, getLong(at + Slot.OPENED_MICROS) + 7);
    byte[] copy = new byte[RingLayout.SLOT_SIZE];
    bytes.get(at, copy);
    bytes.put(BUFFERS + buffer * BUFFER_SIZE, copy);
    put(descriptor(buffer) + Descriptor.STATE, RingLayout.BUFFER_SEALED);
    return this;
  }

  private void startOver(int slot, boolean dropped) {
    int at = slot(slot);
    long instructions = getLong(at + Slot.INSTRUCTIONS);
    add(at + Slot.EXECUTED_INSTRUCTIONS, instructions);
    if (dropped) {
      add(at + Slot.DROPPED_BATCHES, 1);
      add(at + Slot.DROPPED_INSTRUCTIONS, instructions);
      add(at + Slot.DROPPED_BLOCKS, getLong(at + Slot.BLOCKS));
      add(at + Slot.DROPPED_ACCESSES, getLong(at + Slot.ACCESSES));
    } else {
      add(at + Slot.SEALED_INSTRUCTIONS, instructions);
      for (int field = Slot.DROPPED_BATCHES; field <= Slot.DROPPED_ACCESSES; field += 8) {
        putLong(at + field, 0);
      }
      add(at + Slot.SEQUENCE, 1);
    }
    for (int field = Slot.INSTRUCTIONS; field <= Slot.ACCESSES; field += 8) {
      putLong(at + field, 0);
    }
    for (int c = 0; c < RingLayout.COLUMNS; c++) {
      put(at + Slot.COLUMN_LENGTH + 4 * c, 0);
    }
    put(at + Slot.FLAGS, get(at + Slot.FLAGS) & ~RingLayout.SLOT_FLAG_SCRAP);
  }

  /** Opens, fills and seals a batch of {@code instructions}. */
  public FakeRing batch(int slot, long instructions) {
    open(slot);
    add(slot, instructions, 1, 2, 1, "batch of " + instructions);
    return seal(slot);
  }

  /** A new thread has the slot's index. */
  public FakeRing generation(int slot, int generation) {
    put(slot(slot) + Slot.GENERATION, generation);
    return this;
  }

  public FakeRing exits(int code) {
    put(Header.EXIT_CODE, code);
    put(Header.END, RingLayout.END_EXIT);
    return this;
  }

  public FakeRing execs() {
    put(Header.END, RingLayout.END_EXEC);
    return this;
  }

  public int bufferState(int buffer) {
    return get(descriptor(buffer) + Descriptor.STATE);
  }

  public FakeRing bufferState(int buffer, int state) {
    put(descriptor(buffer) + Descriptor.STATE, state);
    return this;
  }

  public int freed() {
    return get(Header.FREED);
  }

  public int flushEpoch() {
    return get(Header.FLUSH_EPOCH);
  }

  public FakeRing put(int offset, int value) {
    bytes.putInt(offset, value);
    return this;
  }

  public FakeRing putLong(int offset, long value) {
    bytes.putLong(offset, value);
    return this;
  }

  public FakeRing putText(int offset, String text) {
    bytes.put(offset, text.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  private void putUuid(int offset, String id) {
    UUID uuid = UUID.fromString(id);
    bytes.put(
        offset,
        ByteBuffer.allocate(16)
            .putLong(uuid.getMostSignificantBits())
            .putLong(uuid.getLeastSignificantBits())
            .array());
  }

  private void add(int offset, long value) {
    putLong(offset, getLong(offset) + value);
  }

  int get(int offset) {
    return bytes.getInt(offset);
  }

  long getLong(int offset) {
    return bytes.getLong(offset);
  }

  static int slot(int index) {
    return RingLayout.HEADER_SIZE + index * RingLayout.SLOT_SIZE;
  }

  static int descriptor(int index) {
    return DESCRIPTORS + index * RingLayout.DESCRIPTOR_SIZE;
  }
}
