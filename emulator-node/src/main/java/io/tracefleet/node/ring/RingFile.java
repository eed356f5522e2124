// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.ring;

import io.tracefleet.node.qemu.ProcessIdentity;
import io.tracefleet.node.ring.RingLayout.Descriptor;
import io.tracefleet.node.ring.RingLayout.Header;
import io.tracefleet.node.ring.RingLayout.Slot;
import io.tracefleet.node.ring.RingLayout.Tally;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * One ring, mapped: a flyweight over {@link RingLayout}. What could lead outside the file is
 * checked once, in {@link #open}; what changes while the run goes on is checked where it is read.
 */
final class RingFile implements AutoCloseable {
  static final String SUFFIX = ".ring";
  private static final int VCPU_SLOTS_MOST = 1 << 16;
  private static final int BUFFERS_MOST = 1 << 16;
  private static final int SCAN_BYTES = 128 * RingLayout.SLOT_SIZE;

  private final Path path;
  private final SharedMemory memory;
  private final int vcpuSlots;
  private final long descriptorsOffset;
  private final long buffersOffset;
  private final int bufferSize;
  private final int bufferCount;
  private final Columns full;
  private final Columns count;

  private RingFile(Path path, SharedMemory memory, long fileSize) throws RingException {
    this.path = path;
    this.memory = memory;
    check(memory.getLongAcquire(Header.MAGIC) == RingLayout.MAGIC, "not a ring, or not finished");
    int version = memory.getInt(Header.VERSION);
    check(
        version == RingLayout.VERSION,
        "has ring layout "
            + version
            + ", this node reads "
            + RingLayout.VERSION
            + ": plugin and node are of different releases");
    check(
        memory.getInt(Header.HEADER_SIZE) == RingLayout.HEADER_SIZE,
        "header_size is " + memory.getInt(Header.HEADER_SIZE));
    vcpuSlots = memory.getInt(Header.VCPU_SLOTS);
    check(vcpuSlots > 0 && vcpuSlots <= VCPU_SLOTS_MOST, "vcpu_slots is " + vcpuSlots);
    descriptorsOffset = memory.getLong(Header.DESCRIPTORS_OFFSET);
    buffersOffset = memory.getLong(Header.BUFFERS_OFFSET);
    bufferSize = memory.getInt(Header.BUFFER_SIZE);
    bufferCount = memory.getInt(Header.BUFFER_COUNT);
    check(bufferCount > 0 && bufferCount <= BUFFERS_MOST, "buffer_count is " + bufferCount);
    check(
        bufferSize >= RingLayout.SLOT_SIZE && bufferSize % 4096 == 0,
        "buffer_size is " + bufferSize);
    long slotsEnd = RingLayout.HEADER_SIZE + (vcpuSlots + 1L) * RingLayout.SLOT_SIZE;
    check(
        descriptorsOffset >= slotsEnd
            && descriptorsOffset % 4 == 0
            && descriptorsOffset <= fileSize,
        "descriptors_offset is " + descriptorsOffset + ", the slots end at " + slotsEnd);
    long descriptorsEnd = descriptorsOffset + (long) bufferCount * RingLayout.DESCRIPTOR_SIZE;
    check(
        buffersOffset >= descriptorsEnd && buffersOffset % 4096 == 0 && buffersOffset <= fileSize,
        "buffers_offset is " + buffersOffset + ", the descriptors end at " + descriptorsEnd);
    long end = buffersOffset + (long) bufferCount * bufferSize;
    check(end <= fileSize, "its buffers end at " + end + ", the file at " + fileSize);
    full = columns(Header.COLUMN_OFFSET, Header.COLUMN_CAPACITY);
    count = columns(Header.COUNT_COLUMN_OFFSET, Header.COUNT_COLUMN_CAPACITY);
  }

  /** Where the columns of one codec are in a buffer, and how much each can take, bytes. */
  private record Columns(int[] offset, int[] capacity) {}

  private Columns columns(int offsetsAt, int capacitiesAt) throws RingException {
    int[] offset = new int[RingLayout.COLUMNS];
    int[] capacity = new int[RingLayout.COLUMNS];
    for (int c = 0; c < RingLayout.COLUMNS; c++) {
      offset[c] = memory.getInt(offsetsAt + 4 * c);
      capacity[c] = memory.getInt(capacitiesAt + 4 * c);
      check(
          capacity[c] >= 0
              && offset[c] >= RingLayout.SLOT_SIZE
              && (long) offset[c] + capacity[c] <= bufferSize,
          "column "
              + c
              + " is at "
              + offset[c]
              + " and "
              + capacity[c]
              + " long, a buffer is "
              + bufferSize);
    }
    return new Columns(offset, capacity);
  }

  private Columns columns(int codec) {
    return codec == RingLayout.CODEC_COUNT_1 ? count : full;
  }

  /** Maps a ring and checks that nothing in its header leads outside it. */
  static RingFile open(Path path) throws RingException {
    SharedMemory memory = null;
    try {
      long size = Files.size(path);
      if (size < RingLayout.HEADER_SIZE + 2L * RingLayout.SLOT_SIZE) {
        throw new RingException("ring " + path + ": too short, " + size + " bytes");
      }
      if (size > Integer.MAX_VALUE) {
        throw new RingException(
            "ring " + path + ": too long, " + size + " bytes; fewer than 2 GiB can be mapped");
      }
      memory = SharedMemory.map(path, size);
      RingFile ring = new RingFile(path, memory, size);
      memory = null;
      return ring;
    } catch (IOException e) {
      throw new RingException("ring " + path + ": " + e.getMessage(), e);
    } finally {
      if (memory != null) {
        memory.close();
      }
    }
  }

  private void check(boolean good, String what) throws RingException {
    if (!good) {
      throw new RingException("ring " + path + ": " + what);
    }
  }

  Path path() {
    return path;
  }

  String runId() {
    return uuid(Header.RUN_ID).toString();
  }

  /** The run that this one was forked from. */
  Optional<String> parentRunId() {
    UUID id = uuid(Header.PARENT_RUN_ID);
    return id.getMostSignificantBits() == 0 && id.getLeastSignificantBits() == 0
        ? Optional.empty()
        : Optional.of(id.toString());
  }

  ProcessIdentity process() {
    return new ProcessIdentity(
        memory.getInt(Header.PID) & 0xffffffffL, memory.getLong(Header.PROCESS_START));
  }

  int vcpuSlots() {
    return vcpuSlots;
  }

  /** Buffers that may be in use now; grows. */
  int bufferLimit() throws RingException {
    int limit = memory.getIntAcquire(Header.BUFFER_LIMIT);
    check(limit >= 0 && limit <= bufferCount, "buffer_limit is " + limit + " of " + bufferCount);
    return limit;
  }

  int bufferState(int buffer) {
    return memory.getIntAcquire(descriptor(buffer) + Descriptor.STATE);
  }

  /** Index of the slot whose batch is in {@code buffer}. */
  int bufferSlot(int buffer) throws RingException {
    int slot = memory.getInt(descriptor(buffer) + Descriptor.SLOT);
    check(
        slot >= 0 && slot <= vcpuSlots,
        "buffer " + buffer + " belongs to slot " + slot + " of " + vcpuSlots);
    return slot;
  }

  /** Gives a buffer back to the plugin. */
  void free(int buffer) {
    memory.setIntRelease(descriptor(buffer) + Descriptor.STATE, RingLayout.BUFFER_FREE);
    memory.addInt(Header.FREED, 1);
    if (memory.getIntVolatile(Header.FREED_WAITERS) != 0) {
      memory.wake(Header.FREED, Integer.MAX_VALUE);
    }
  }

  SlotView slot(int index) {
    return new SlotView(memory, RingLayout.HEADER_SIZE + (long) index * RingLayout.SLOT_SIZE);
  }

  SlotView snapshot(int buffer) {
    return new SlotView(memory, buffer(buffer));
  }

  /** Checks the column lengths of a batch. Returns the bytes of its payload. */
  int payloadSize(SlotView slot) throws RingException {
    int size = Slot.PAYLOAD_END - Slot.PAYLOAD_BEGIN;
    Columns columns = columns(slot.codec());
    boolean details = slot.codec() == RingLayout.CODEC_DETAIL_1;
    for (int c = 0; c < RingLayout.COLUMNS; c++) {
      int length = slot.columnLength(c);
      // Block details have one column, which may fill the buffer.
      int capacity = details && c == 0 ? bufferSize - columns.offset()[0] : columns.capacity()[c];
      check(
          length >= 0 && length <= capacity,
          "column " + c + " is " + length + " bytes of " + capacity);
      size += length;
    }
    return size;
  }

  /**
   * Copies a batch's columns to {@code to}; {@code lengths} were checked by {@link #payloadSize}.
   */
  void copyColumns(int codec, int buffer, int[] lengths, byte[] to, int begin) {
    Columns columns = columns(codec);
    int at = begin;
    for (int c = 0; c < RingLayout.COLUMNS; c++) {
      memory.get(buffer(buffer) + columns.offset()[c], to, at, lengths[c]);
      at += lengths[c];
    }
  }

  /**
   * Indices of the slots that were ever used. Read from the file, not through the mapping: touching
   * an empty page of the mapping would allocate it, and a ring has thousands of slots that no vCPU
   * ever had.
   */
  List<Integer> usedSlots() throws RingException {
    List<Integer> used = new ArrayList<>();
    try (FileChannel file = FileChannel.open(path)) {
      ByteBuffer chunk = ByteBuffer.allocate(SCAN_BYTES).order(ByteOrder.LITTLE_ENDIAN);
      for (int first = 0; first <= vcpuSlots; first += SCAN_BYTES / RingLayout.SLOT_SIZE) {
        int slots = Math.min(SCAN_BYTES / RingLayout.SLOT_SIZE, vcpuSlots + 1 - first);
        chunk.clear().limit(slots * RingLayout.SLOT_SIZE);
        long at = RingLayout.HEADER_SIZE + (long) first * RingLayout.SLOT_SIZE;
        while (chunk.hasRemaining()) {
          check(file.read(chunk, at + chunk.position()) > 0, "became shorter");
        }
        for (int i = 0; i < slots; i++) {
          if (chunk.getInt(i * RingLayout.SLOT_SIZE + Slot.STATE) != RingLayout.SLOT_UNUSED) {
            used.add(first + i);
          }
        }
      }
    } catch (IOException e) {
      throw new RingException("ring " + path + ": " + e.getMessage(), e);
    }
    return used;
  }

  /**
   * To be asked before each round: the JVM reports a page that is not there any more late, in
   * whatever the thread does then.
   *
   * @throws RingException if the guest cut the file short
   */
  void requireWhole() throws RingException {
    try {
      if (Files.size(path) < memory.size()) {
        throw RingException.cutShort(path, null);
      }
    } catch (NoSuchFileException e) {
      // Its pages stay as long as they are mapped.
    } catch (IOException e) {
      throw new RingException("ring " + path + ": " + e.getMessage(), e);
    }
  }

  /** Asks vCPUs to seal what is open. */
  void flush() {
    memory.addInt(Header.FLUSH_EPOCH, 1);
  }

  /** How many vCPUs may count in line; 0 if this process does not. */
  int tallyPlaces() throws RingException {
    if (memory.getIntAcquire(Header.TALLY_STATE) == RingLayout.TALLY_NONE) {
      return 0;
    }
    int places = memory.getInt(Header.TALLY_VCPUS);
    check(places >= 1 && places <= Tally.VCPUS_MOST, "tally_vcpus is " + places);
    return places;
  }

  /** The counters of each vCPU that counts in line by now, in the order of their places. */
  List<TallyMemory> tallies() throws RingException {
    int places = tallyPlaces();
    if (places == 0) {
      return List.of();
    }
    long offset = memory.getLong(Header.TALLY_OFFSET);
    long first = offset + Tally.SIZE;
    check(
        offset >= buffersOffset
            && offset % 4096 == 0
            && first + (long) places * Tally.VCPU_SIZE <= memory.size(),
        "tally_offset is " + offset);
    List<TallyMemory> tallies = new ArrayList<>();
    for (int place = 0; place < places; place++) {
      long counts = first + (long) place * Tally.VCPU_SIZE;
      if (memory.getIntAcquire(counts + Tally.IN_USE) != 0) {
        TallyMemory tally = new TallyMemory(this, memory, offset, counts);
        check(
            tally.vcpu() >= 0 && tally.vcpu() < vcpuSlots,
            "place " + place + " of the tally is of vCPU " + tally.vcpu());
        tallies.add(tally);
      }
    }
    return tallies;
  }

  /** Where the node says what is to be traced. */
  RingControl control() {
    return new RingControl(path, memory);
  }

  int end() {
    return memory.getIntAcquire(Header.END);
  }

  int exitCode() {
    return memory.getInt(Header.EXIT_CODE);
  }

  long heldNanos() {
    return memory.getLong(Header.HELD_NANOS);
  }

  int untracedChildren() {
    return memory.getIntAcquire(Header.UNTRACED_CHILDREN);
  }

  /** vCPUs that are held back now. */
  int heldVcpus() {
    return memory.getIntVolatile(Header.FREED_WAITERS);
  }

  int headerInt(int offset) {
    return memory.getInt(offset);
  }

  long headerLong(int offset) {
    return memory.getLong(offset);
  }

  String headerText(int offset, int size) {
    byte[] bytes = new byte[size];
    memory.get(offset, bytes, 0, size);
    int length = 0;
    while (length < size && bytes[length] != 0) {
      length++;
    }
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }

  private UUID uuid(int offset) {
    byte[] bytes = new byte[16];
    memory.get(offset, bytes, 0, 16);
    ByteBuffer id = ByteBuffer.wrap(bytes);
    return new UUID(id.getLong(0), id.getLong(8));
  }

  private long descriptor(int buffer) {
    return descriptorsOffset + (long) buffer * RingLayout.DESCRIPTOR_SIZE;
  }

  private long buffer(int buffer) {
    return buffersOffset + (long) buffer * bufferSize;
  }

  @Override
  public void close() {
    memory.close();
  }
}
