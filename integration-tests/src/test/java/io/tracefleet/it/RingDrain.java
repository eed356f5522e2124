// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import com.sun.jna.Function;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The plainest emulator node there can be: empties the rings of a directory, without Kafka. Offsets
 * are those of ring.h. One thread uses it.
 */
final class RingDrain {
  private static final VarHandle INT =
      MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final Function SYSCALL = NativeLibrary.getInstance("c").getFunction("syscall");
  private static final long SYS_FUTEX =
      System.getProperty("os.arch").equals("amd64") ? 202 : 98; // x86-64, else the generic number
  private static final int FUTEX_WAKE = 1;
  private static final int SLOT = 512;
  private static final long MAX_UINT = 0xffffffffL;

  /** What one vCPU slot said while its batches were read. */
  private static final class Stream {
    long nextSequence;
    long encoded;
    long droppedInstructions;
    long droppedBatches;
    long droppedBlocks;
    long droppedAccesses;
    long executed;
    final TreeMap<Long, byte[]> early = new TreeMap<>();
  }

  /** What threads that have exited had counted in line at one place. */
  private record Settled(long[] counts, long[][] calls, long sequence) {
    static final Settled NOTHING = new Settled(new long[0], new long[0][], 0);

    long count(int counter) {
      return counter < counts.length ? counts[counter] : 0;
    }

    long call(int index, int what) {
      return index < calls.length ? calls[index][what] : 0;
    }
  }

  /** One ring file. */
  final class Ring {
    final Path file;
    final int pid;
    final String runId;
    final String parentRunId;
    final boolean system;
    final NaiveTrace trace = new NaiveTrace();
    final List<String> errors = new ArrayList<>();
    long batches;
    long rescued;
    long payloadBytes;
    long details;
    private final long processStart;
    private final MappedByteBuffer map;
    private final int slots;
    private final int descriptors;
    private final int buffers;
    private final int bufferSize;
    private final int bufferCount;
    private final Map<Integer, Stream> streams = new TreeMap<>();
    private final Map<Integer, Settled> settled = new TreeMap<>();
    private boolean finished;

    Ring(Path file) throws IOException {
      this.file = file;
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        map = channel.map(FileChannel.MapMode.READ_WRITE, 0, channel.size());
      }
      map.order(ByteOrder.LITTLE_ENDIAN);
      check(map.getLong(0) == 0x0100474e49524654L, "bad magic");
      check(map.getInt(8) == 2, "ring version " + map.getInt(8));
      runId = uuid(16);
      parentRunId = uuid(32);
      pid = map.getInt(48);
      slots = map.getInt(52);
      processStart = map.getLong(56);
      descriptors = Math.toIntExact(map.getLong(72));
      buffers = Math.toIntExact(map.getLong(80));
      bufferSize = map.getInt(88);
      bufferCount = map.getInt(92);
      system = map.getInt(136) != 0;
    }

    private String uuid(int at) {
      long high = Long.reverseBytes(map.getLong(at));
      long low = Long.reverseBytes(map.getLong(at + 8));
      return high == 0 && low == 0 ? null : new java.util.UUID(high, low).toString();
    }

    private void check(boolean good, String message) {
      if (!good) {
        throw new IllegalStateException(file + ": " + message);
      }
    }

    /** Reads and frees every sealed buffer; true if there was one. */
    boolean drain() {
      boolean any = false;
      forEachTally(this::settle);
      for (int d = 0; d < bufferCount; d++) {
        int descriptor = descriptors + 64 * d;
        if ((int) INT.getAcquire(map, descriptor) != 2) {
          continue;
        }
        any = true;
        int slot = map.getInt(descriptor + 4);
        int buffer = buffers + d * bufferSize;
        take(slot, copy(buffer, buffer, true), false);
        INT.setRelease(map, descriptor, 0);
        INT.getAndAdd(map, 324, 1);
        if ((int) INT.getVolatile(map, 328) != 0) {
          wake(map, 324);
        }
      }
      return any;
    }

    private byte[] copy(int slotAt, int buffer, boolean withDrops) {
      int length = 320;
      int[] columns = new int[8];
      for (int c = 0; c < 8; c++) {
        columns[c] = buffer < 0 ? 0 : map.getInt(slotAt + 144 + 4 * c);
        length += columns[c];
      }
      byte[] all = new byte[SLOT + length];
      map.get(slotAt, all, 0, SLOT);
      map.get(slotAt + 64, all, SLOT, 320);
      int at = SLOT + 320;
      int offsets = map.getInt(slotAt + 64) == 2 ? 360 : 160; // by codec
      for (int c = 0; c < 8; c++) {
        if (columns[c] > 0) {
          map.get(buffer + map.getInt(offsets + 4 * c), all, at, columns[c]);
        }
        at += columns[c];
      }
      return all;
    }

    /** Keeps the order of sequences: a gap at the end is loss. */
    private void take(int slot, byte[] batch, boolean last) {
      Stream stream = streams.computeIfAbsent(slot, s -> new Stream());
      ByteBuffer b = ByteBuffer.wrap(batch).order(ByteOrder.LITTLE_ENDIAN);
      if (stream.early.put(b.getLong(16), batch) != null) {
        errors.add("slot " + slot + ": sequence " + b.getLong(16) + " came twice");
      }
      while (!stream.early.isEmpty() && (last || stream.early.firstKey() == stream.nextSequence)) {
        var entry = stream.early.pollFirstEntry();
        if (entry.getKey() != stream.nextSequence) {
          errors.add(
              "slot %d: sequence %d is missing before %d"
                  .formatted(slot, stream.nextSequence, entry.getKey()));
        }
        stream.nextSequence = entry.getKey() + 1;
        read(slot, stream, entry.getValue());
      }
    }

    private void read(int slot, Stream stream, byte[] batch) {
      ByteBuffer b = ByteBuffer.wrap(batch).order(ByteOrder.LITTLE_ENDIAN);
      byte[] payload = java.util.Arrays.copyOfRange(batch, SLOT, batch.length);
      batches++;
      payloadBytes += payload.length;
      if (slot == slots) {
        details += b.getInt(144);
        return;
      }
      String where = "slot " + slot + " sequence " + b.getLong(16) + ": ";
      if (b.getInt(4) != slot) {
        errors.add(where + "says vCPU " + b.getInt(4));
      }
      stream.droppedBatches += b.getLong(384);
      stream.droppedInstructions += b.getLong(392);
      stream.droppedBlocks += b.getLong(400);
      stream.droppedAccesses += b.getLong(408);
      long begin = stream.encoded + stream.droppedInstructions;
      if (b.getLong(40) != begin) {
        errors.add(where + "first instruction is " + b.getLong(40) + ", not " + begin);
      }
      try {
        stream.encoded += trace.add(b.getInt(4), b.getInt(8), payload);
      } catch (RuntimeException e) {
        errors.add(where + "flags " + b.getInt(68) + ": " + e);
        keep(where, payload);
      }
    }

    private void keep(String where, byte[] payload) {
      try {
        Path kept = directory.resolve(where.replaceAll("\\W+", "-") + pid + ".payload");
        Files.write(kept, payload);
        errors.add("kept " + kept);
      } catch (IOException e) {
        errors.add("could not keep the payload: " + e);
      }
    }

    private interface Taker {
      void take(int tally, int place);
    }

    /** What each vCPU counts in line. */
    private void forEachTally(Taker taker) {
      int tally = Math.toIntExact(map.getLong(336));
      int vcpus = (int) INT.getAcquire(map, 344) == 0 ? 0 : map.getInt(348);
      for (int i = 0; i < vcpus; i++) {
        int place = tally + 131072 * 24 + 262144 * 8 + i * 6393856;
        if ((int) INT.getAcquire(map, place) != 0) {
          taker.take(tally, place);
        }
      }
    }

    /** Another thread with the vCPU's index may wait for this. */
    private void settle(int tally, int place) {
      int generation = (int) INT.getAcquire(map, place + 368);
      boolean ended = (int) INT.getAcquire(map, place + 372) == generation + 1;
      if (!ended
          || (int) INT.getAcquire(map, place + 376) == generation + 1
          || !(boolean) INT.compareAndSet(map, 344, 1, 2)) {
        return;
      }
      long undispatched = takeTally(tally, place);
      int used = 16;
      for (int i = 0; i < map.getInt(352); i++) {
        used = map.getInt(tally + 24 * i + 16) + map.getInt(tally + 24 * i + 20);
      }
      check(undispatched == 0, "a thread ended in the middle of a block");
      long[] counts = new long[used];
      for (int c = 0; c < used; c++) {
        counts[c] = map.getLong(place + 4296704 + 8 * c);
      }
      long[][] calls = new long[map.getInt(place + 8)][3];
      for (int i = 0; i < calls.length; i++) {
        for (int what = 0; what < 3; what++) {
          calls[i][what] = map.getLong(place + 4096 + 96 * i + 8 + 8 * what);
        }
      }
      Settled before = settled.getOrDefault(place, Settled.NOTHING);
      settled.put(place, new Settled(counts, calls, before.sequence() + 1));
      map.putLong(place + 16, before.sequence() + 1);
      INT.setRelease(map, place + 376, generation + 1);
      INT.setRelease(map, 344, 1);
    }

    /**
     * All of one vCPU that is not settled, as one batch of codec 2 without a bound.
     *
     * @return instructions of started blocks that were not dispatched
     */
    private long takeTally(int tally, int place) {
      Settled before = settled.getOrDefault(place, Settled.NOTHING);
      int vcpu = map.getInt(place + 4);
      int counters = tally + 131072 * 24;
      int counts = place + 4296704;
      int blocks = map.getInt(352);
      int calls = map.getInt(place + 8);
      ByteBuffer batch =
          ByteBuffer.allocate(SLOT + 320 + 32 * (blocks + calls)).order(ByteOrder.LITTLE_ENDIAN);
      batch.position(SLOT + 320);
      long executed = 0;
      long executions = 0;
      long undispatched = 0;
      long[] accesses = new long[16];
      int used = 16;
      for (int i = 0; i < blocks; i++) {
        int block = tally + 24 * i;
        int size = map.getShort(block + 12) & 0xffff;
        int first = map.getInt(block + 16);
        used = first + map.getInt(block + 20);
        long dispatched = 0;
        for (int c = first; c < used; c++) {
          long n = map.getLong(counts + 8 * c) - before.count(c);
          dispatched += n * (map.getShort(counters + 8 * c) & 0xffff);
        }
        long times = map.getLong(counts + 8 * first) - before.count(first);
        undispatched += times * size - dispatched;
        batch.putLong(map.getLong(block)).putInt(map.getInt(block + 8));
        batch.putShort((short) size).putShort(map.getShort(block + 14));
        batch.putLong(times).putLong(times * size - dispatched);
        executed += dispatched;
        executions += times;
      }
      long all = 0;
      for (int c = 0; c < used; c++) {
        long n = map.getLong(counts + 8 * c) - before.count(c);
        int counter = counters + 8 * c;
        accesses[map.get(counter + 4)] += n * map.get(counter + 2);
        accesses[8 + map.get(counter + 5)] += n * map.get(counter + 3);
        all += n * (map.get(counter + 2) + map.get(counter + 3));
      }
      long entries = 0;
      long returns = 0;
      for (int i = 0; i < calls; i++) {
        int call = place + 4096 + 96 * i;
        batch.putLong(map.getLong(call));
        for (int what = 0; what < 3; what++) {
          batch.putLong(map.getLong(call + 8 + 8 * what) - before.call(i, what));
        }
        entries += map.getLong(call + 8) - before.call(i, 0);
        returns += map.getLong(call + 16) - before.call(i, 1);
      }
      batch.putInt(4, vcpu).putInt(8, map.getInt(place + 368));
      batch.putInt(SLOT, 2).putInt(SLOT + 4, map.getInt(4096 + SLOT * vcpu + 68) & 4);
      batch.putLong(SLOT + 48, map.getLong(place + 32)).putLong(SLOT + 56, map.getLong(place + 40));
      batch.putLong(SLOT + 8, executed).putLong(SLOT + 16, executions);
      batch.putLong(SLOT + 24, all).putLong(SLOT + 64, entries).putLong(SLOT + 72, returns);
      batch.putInt(SLOT + 80, 32 * blocks).putInt(SLOT + 92, 32 * calls);
      for (int kind = 0; kind < 16; kind++) {
        batch.putLong(SLOT + 192 + 8 * kind, accesses[kind]);
      }
      Stream stream = streams.computeIfAbsent(vcpu, s -> new Stream());
      if (map.getInt(344) == 4) {
        // So many sequences are reserved for it.
        stream.nextSequence = before.sequence() + map.getInt(356) - 1L;
      } else {
        map.putLong(4096 + SLOT * vcpu + 416, stream.encoded + executed);
      }
      batch.putLong(16, stream.nextSequence).putLong(40, stream.encoded);
      take(vcpu, batch.array(), false);
      return undispatched;
    }

    /** What the dead process left: the open batches. */
    private void rescue() {
      forEachTally(this::takeTally);
      drain();
      for (Stream stream : streams.values()) {
        while (stream.early.containsKey(stream.nextSequence)) {
          byte[] next = stream.early.remove(stream.nextSequence);
          take(ByteBuffer.wrap(next).order(ByteOrder.LITTLE_ENDIAN).getInt(4), next, false);
        }
      }
      for (int slot = 0; slot <= slots; slot++) {
        int at = 4096 + SLOT * slot;
        int state = map.getInt(at);
        if (state == 0) {
          continue;
        }
        Stream stream = streams.computeIfAbsent(slot, s -> new Stream());
        int d = map.getInt(at + 12);
        int flags = map.getInt(at + 68);
        boolean open =
            Integer.toUnsignedLong(d) != MAX_UINT
                && map.getInt(descriptors + 64 * d) == 1
                && map.getInt(descriptors + 64 * d + 4) == slot;
        long openInstructions =
            open || (flags & 1) != 0
                ? map.getLong(at + 72) + Integer.toUnsignedLong(map.getInt(at + 96))
                : 0;
        stream.executed = map.getLong(at + 416) + openInstructions;
        if (open) {
          byte[] batch = copy(at, buffers + d * bufferSize, true);
          batch[SLOT + 4] |= 2;
          rescued++;
          take(slot, batch, true);
        } else {
          stream.droppedBatches += map.getLong(at + 384) + ((flags & 1) != 0 ? 1 : 0);
          stream.droppedInstructions +=
              map.getLong(at + 392) + ((flags & 1) != 0 ? openInstructions : 0);
          stream.droppedBlocks +=
              map.getLong(at + 400) + ((flags & 1) != 0 ? map.getLong(at + 80) : 0);
          stream.droppedAccesses +=
              map.getLong(at + 408) + ((flags & 1) != 0 ? map.getLong(at + 88) : 0);
        }
        if (!stream.early.isEmpty()) {
          byte[] any = stream.early.pollFirstEntry().getValue();
          take(slot, any, true);
        }
        if (slot < slots && stream.executed != stream.encoded + stream.droppedInstructions) {
          errors.add(
              "slot %d: executed %d is not encoded %d + dropped %d"
                  .formatted(slot, stream.executed, stream.encoded, stream.droppedInstructions));
        }
      }
      finished = true;
    }

    /** True once the traced process is gone, or runs another program. */
    private boolean dead() throws IOException {
      Path proc = Path.of("/proc/" + pid);
      try {
        String stat = Files.readString(proc.resolve("stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        if (fields[0].equals("X") || Long.parseLong(fields[19]) != processStart) {
          return true;
        }
        if (fields[0].equals("Z")) {
          // Its first thread has ended; others may go on.
          try (java.util.stream.Stream<Path> threads = Files.list(proc.resolve("task"))) {
            return threads.count() <= 1;
          }
        }
        return map.getInt(224) == 2
            && !Files.readString(proc.resolve("maps")).contains(file.getFileName().toString());
      } catch (java.nio.file.NoSuchFileException e) {
        return true;
      } catch (IOException e) {
        if (String.valueOf(e.getMessage()).contains("No such process")) {
          return true;
        }
        throw e;
      }
    }

    long dropped(String what) {
      return streams.values().stream()
          .mapToLong(
              s ->
                  switch (what) {
                    case "batches" -> s.droppedBatches;
                    case "instructions" -> s.droppedInstructions;
                    case "blocks" -> s.droppedBlocks;
                    default -> s.droppedAccesses;
                  })
          .sum();
    }

    long executed() {
      return streams.values().stream().mapToLong(s -> s.executed).sum();
    }

    /** Reason and code that the process wrote about its own end. */
    String end() {
      String[] names = {"none", "exit", "exec", "detached"};
      int end = map.getInt(224);
      return end == 1 ? "exit " + map.getInt(228) : end < 4 ? names[end] : "end " + end;
    }

    long translations() {
      return map.getLong(272);
    }

    long definitions() {
      return map.getLong(280);
    }

    long heldNanos() {
      return map.getLong(288);
    }
  }

  private final Path directory;
  private final MappedByteBuffer doorbell;
  private final Map<Path, Ring> rings = new LinkedHashMap<>();
  private long lastFlush = System.nanoTime();

  /** Makes the doorbell; QEMU may be started then. */
  RingDrain(Path directory) throws IOException {
    this.directory = directory;
    try (FileChannel channel =
        FileChannel.open(
            directory.resolve("doorbell"),
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      doorbell = channel.map(FileChannel.MapMode.READ_WRITE, 0, 4096);
    }
    doorbell.order(ByteOrder.LITTLE_ENDIAN);
    doorbell.putInt(16, (int) ProcessHandle.current().pid());
    beat();
    doorbell.putLong(0, 0x01004c4c45424654L);
  }

  private void beat() {
    doorbell.putLong(24, System.currentTimeMillis() * 1000);
  }

  /** One round over all rings; true if something was read. */
  boolean round() throws IOException {
    beat();
    boolean any = false;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.ring")) {
      for (Path file : files) {
        if (!rings.containsKey(file)) {
          rings.put(file, new Ring(file));
          any = true;
        }
      }
    }
    boolean flush = System.nanoTime() - lastFlush > 500_000_000L;
    if (flush) {
      lastFlush = System.nanoTime();
    }
    for (Ring ring : rings.values()) {
      if (ring.finished) {
        continue;
      }
      if (flush) {
        INT.getAndAdd(ring.map, 320, 1);
      }
      boolean dead = ring.dead();
      any |= ring.drain();
      if (dead) {
        ring.rescue();
      }
    }
    return any;
  }

  /** True once every ring's process is gone and its ring was read to the end. */
  boolean finished() {
    return rings.values().stream().allMatch(r -> r.finished);
  }

  List<Ring> rings() {
    return List.copyOf(rings.values());
  }

  private static void wake(MappedByteBuffer map, int offset) {
    Pointer word = Native.getDirectBufferPointer(map).share(offset);
    SYSCALL.invokeLong(
        new Object[] {SYS_FUTEX, word, (long) FUTEX_WAKE, (long) Integer.MAX_VALUE, 0L, 0L, 0L});
  }
}
