// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A second reader of the trace format, written from docs/trace-format.md alone: it visits every
 * event and adds one. Slow, plain, and independent of the product's decoder, so that a mistake in
 * either shows. Not thread-safe.
 */
final class NaiveTrace {
  private static final int HEADER = 320;
  private static final int END = -1;

  /** Counts of one life of one vCPU. */
  private static final class Life {
    long instructions;
    long blocks;
    long idles;
    long resumes;
    final long[][] accesses = new long[2][8];
  }

  private static final class Traffic {
    long reads;
    long writes;
    long readBytes;
    long writeBytes;

    void add(boolean store, long bytes) {
      if (store) {
        writes++;
        writeBytes += bytes;
      } else {
        reads++;
        readBytes += bytes;
      }
    }
  }

  private record LifeKey(int vcpu, int generation) {}

  private record BlockKey(long vaddr, long instructions) {}

  private record DeviceKey(int vcpu, boolean io, String name) {}

  private record PageKey(int vcpu, long page) {}

  private final Map<LifeKey, Life> lives = new HashMap<>();
  private final Map<BlockKey, long[]> blocks =
      new HashMap<>(); // executions, dispatched instructions
  private final Map<Integer, BlockKey> running =
      new HashMap<>(); // by vCPU, at the end of its last batch
  private boolean counted;
  private final Map<DeviceKey, Traffic> devices = new HashMap<>();
  private final Map<PageKey, Traffic> pages = new HashMap<>();
  private final Map<Long, long[]> syscalls = new HashMap<>();

  private byte[] bytes;
  private final int[] at = new int[8];
  private final int[] end = new int[8];

  /**
   * Adds one payload.
   *
   * @return instructions dispatched in it
   * @throws IllegalStateException if it breaks the format
   */
  long add(int vcpu, int generation, byte[] payload) {
    bytes = payload;
    ByteBuffer header = ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN);
    int codec = header.getInt(0);
    boolean rescued = (header.getInt(4) & 2) != 0;
    boolean system = (header.getInt(4) & 4) != 0;
    long dispatched = header.getLong(8) + Integer.toUnsignedLong(header.getInt(32));
    int offset = HEADER;
    for (int c = 0; c < 8; c++) {
      at[c] = offset;
      offset += header.getInt(80 + 4 * c);
      end[c] = offset;
      check(
          end[c] >= at[c] && end[c] <= payload.length,
          "column " + c + " is longer than the payload");
    }
    Life life = lives.computeIfAbsent(new LifeKey(vcpu, generation), k -> new Life());
    life.instructions += dispatched;
    life.blocks += header.getLong(16);
    life.idles += header.getLong(48);
    life.resumes += header.getLong(56);
    switch (codec) {
      case 1 -> full(vcpu, life, header, rescued, system);
      case 2 -> count(vcpu, life, header);
      default -> throw new IllegalStateException("codec " + codec);
    }
    return dispatched;
  }

  // ---- codec 1 ----

  private void full(int vcpu, Life life, ByteBuffer header, boolean rescued, boolean system) {
    new Full(vcpu, life, header, system).run(rescued);
  }

  /** State of one batch of codec 1; the names are those of the format's page. */
  private final class Full {
    private final int vcpu;
    private final Life life;
    private final boolean system;
    private final long wantBlocks;
    private final long wantAccesses;
    private final long instructions;
    private final long progress;
    private final long blockInstructions;
    private final long leading;

    private int definitions;
    private long[] vaddr = new long[256];
    private long[] size = new long[256];
    private long[] executions = new long[256];
    private long[] missed = new long[256]; // instructions that were not dispatched
    private int[] successor = new int[256];
    private int[] successor2 = new int[256];
    private int[] first = new int[256];
    private int current = -1;
    private long partial = -1;
    private long ended; // instructions dispatched by blocks that have ended
    private long controlRun = -1;
    private long controlCode;
    private boolean controlOver;

    private int slots;
    private int[] slotBlock = new int[256];
    private int[] meta = new int[256];
    private long[] last = new long[256];
    private long[] stride = new long[256];
    private long[] stride2 = new long[256];
    private int[] next = new int[256];
    private int expected = END;
    private int previous = -1;
    private long miss;

    private final Map<Long, Long> mapping = new HashMap<>();
    private long cachedPage = -1;
    private long cachedMapping;
    private final List<Traffic> named = new ArrayList<>();
    private final List<Long> offsets = new ArrayList<>();
    private long physicalRun = -1;
    private boolean physicalOver;
    private Traffic ram;
    private long ramPage = -1;
    private Traffic ramTraffic;

    Full(int vcpu, Life life, ByteBuffer header, boolean system) {
      this.vcpu = vcpu;
      this.life = life;
      this.system = system;
      instructions = header.getLong(8);
      wantBlocks = header.getLong(16);
      wantAccesses = header.getLong(24);
      progress = Integer.toUnsignedLong(header.getInt(32));
      blockInstructions = Integer.toUnsignedLong(header.getInt(36));
      leading = header.getLong(40);
    }

    void run(boolean rescued) {
      long ends = 0;
      long accesses = 0;
      long run = -1;
      int code = 0;
      boolean over = false;
      while (ends < wantBlocks || accesses < wantAccesses) {
        if (run < 0 && !over) {
          if (at[2] < end[2]) {
            int token = bytes[at[2]++] & 0xff;
            run = token >> 2 == 63 ? 63 + varint(2) : token >> 2;
            code = token & 3;
          } else {
            over = true;
          }
        }
        if (over || run > 0) {
          run--;
          if (expected == END) {
            check(ends < wantBlocks, "more blocks ended than were executed");
            block();
            ends++;
          } else {
            int s = expected;
            last[s] += stride[s];
            previous = s;
            expected = next[s];
            access(last[s], meta[s]);
            accesses++;
          }
          continue;
        }
        run = -1;
        long what = code == 3 ? varint(2) : -1;
        if (what == 0) {
          check(expected != END, "END was expected");
          link(END);
          block();
          ends++;
          continue;
        }
        accesses++;
        if (what == 1) {
          check(current >= 0, "a slot before the first block");
          varint(2); // the instruction
          int m = bytes[at[2]++] & 0xff;
          miss += zigzag(2);
          int s = slots++;
          growSlots();
          slotBlock[s] = current;
          meta[s] = m;
          last[s] = miss;
          next[s] = END;
          link(s);
          follow(s);
          access(miss, m);
        } else if (what == 2) {
          long b = varint(2);
          if (b == 0) {
            define();
          } else {
            check(b <= definitions, "no block " + (b - 1));
          }
          varint(2);
          int m = bytes[at[2]++] & 0xff;
          miss += zigzag(2);
          access(miss, m);
        } else {
          int s = code == 3 ? (int) ((what - 3) / 2) : expected;
          check(s >= 0 && s < slots && slotBlock[s] == current, "no slot " + s + " in this block");
          long a = last[s];
          if (code == 2) {
            a += stride2[s];
          } else if (code == 3 && what % 2 == 1) {
            a += stride[s];
          } else {
            a = (code == 1 ? miss : a) + zigzag(2);
            miss = a;
          }
          if (code != 3 || what % 2 == 0) {
            stride2[s] = stride[s];
            stride[s] = a - last[s];
          }
          last[s] = a;
          link(s);
          follow(s);
          access(a, meta[s]);
        }
      }
      // What is left of the control column can only say that the last block was left midway.
      readControl();
      if (controlRun >= 0) {
        if (rescued && (controlRun != 0 || controlCode != 3)) {
          at[1] = end[1];
        } else {
          check(controlRun == 0 && controlCode == 3, "blocks after the last block");
          partial();
          controlRun = -1;
        }
      }
      dispatched(rescued);
      if (!rescued) {
        for (int c = 0; c < 4; c++) {
          check(at[c] == end[c], (end[c] - at[c]) + " bytes left in column " + c);
        }
      }
      syscalls(rescued);
      for (int b = 0; b < definitions; b++) {
        if (executions[b] > 0) {
          long[] n = blocks.computeIfAbsent(new BlockKey(vaddr[b], size[b]), k -> new long[2]);
          n[0] += executions[b];
          n[1] += executions[b] * size[b] - missed[b];
        }
      }
    }

    private void dispatched(boolean rescued) {
      BlockKey before = running.get(vcpu);
      long late = current < 0 ? instructions + progress : leading;
      if (before != null) {
        blocks.get(before)[1] += late;
      } else {
        check(late == 0, late + " instructions of a block that never began");
      }
      if (current < 0) {
        return;
      }
      running.put(vcpu, new BlockKey(vaddr[current], size[current]));
      missed[current] +=
          size[current]
              - (blockInstructions != 0 ? progress : partial >= 0 ? partial : size[current]);
      long all =
          leading
              + ended
              + (blockInstructions != 0 ? progress : partial >= 0 ? partial : size[current]);
      if (!rescued) {
        check(
            all == instructions + progress,
            "blocks have " + all + " instructions, the header says " + (instructions + progress));
      }
    }

    private void link(int s) {
      if (previous >= 0) {
        next[previous] = s;
      } else {
        first[current] = s;
      }
    }

    private void follow(int s) {
      previous = s;
      expected = next[s];
    }

    /** The next block executes. */
    private void block() {
      if (current >= 0) {
        // A partial token of the block that ends comes before the next block's token.
        readControl();
        while (controlRun == 0 && controlCode == 3) {
          partial();
          controlRun = -1;
          readControl();
        }
        ended += partial >= 0 ? partial : size[current];
        missed[current] += partial >= 0 ? size[current] - partial : 0;
      } else {
        readControl();
      }
      partial = -1;
      int b;
      if (controlRun > 0 || controlOver) {
        controlRun--;
        check(current >= 0 && successor[current] >= 0, "a predicted block without a prediction");
        b = successor[current];
      } else {
        check(controlCode != 3, "a partial block before the first");
        if (controlCode == 0) {
          check(current >= 0, "a second successor before the first block");
          b = successor2[current];
        } else {
          b = controlCode == 1 ? define() : (int) controlIndex;
        }
        check(b >= 0 && b < definitions, "no block " + b);
        if (current >= 0) {
          successor2[current] = successor[current];
        }
        controlRun = -1;
      }
      if (controlOver) {
        controlRun = -1;
      }
      if (current >= 0) {
        successor[current] = b;
      }
      current = b;
      executions[b]++;
      previous = -1;
      expected = first[b];
    }

    private void readControl() {
      if (controlRun < 0 && !controlOver) {
        if (at[1] < end[1]) {
          int token = bytes[at[1]++] & 0xff;
          controlRun = token >> 2 == 63 ? 63 + varint(1) : token >> 2;
          controlCode = token & 3;
          if (controlCode == 2) {
            controlIndex = varint(1);
          } else if (controlCode == 3) {
            controlPartial = varint(1);
          }
        } else {
          controlOver = true;
        }
      }
    }

    private long controlIndex;
    private long controlPartial;

    private void partial() {
      check(partial < 0, "two partials of one block");
      check(controlPartial <= size[current], "a partial longer than its block");
      partial = controlPartial;
    }

    private int define() {
      int b = definitions++;
      if (b == vaddr.length) {
        int n = 2 * b;
        vaddr = Arrays.copyOf(vaddr, n);
        size = Arrays.copyOf(size, n);
        executions = Arrays.copyOf(executions, n);
        missed = Arrays.copyOf(missed, n);
        successor = Arrays.copyOf(successor, n);
        successor2 = Arrays.copyOf(successor2, n);
        first = Arrays.copyOf(first, n);
      }
      vaddr[b] = zigzag(0) + (b > 0 ? vaddr[b - 1] : 0);
      size[b] = varint(0);
      varint(0); // bytes
      at[0] += 4; // hash
      successor[b] = -1;
      successor2[b] = -1;
      first[b] = END;
      return b;
    }

    private void growSlots() {
      if (slots >= last.length) {
        int n = 2 * slots;
        slotBlock = Arrays.copyOf(slotBlock, n);
        meta = Arrays.copyOf(meta, n);
        last = Arrays.copyOf(last, n);
        stride = Arrays.copyOf(stride, n);
        stride2 = Arrays.copyOf(stride2, n);
        next = Arrays.copyOf(next, n);
      }
    }

    private void access(long address, int m) {
      boolean store = (m & 0x40) != 0;
      int shift = m & 15;
      life.accesses[store ? 1 : 0][shift]++;
      if (system) {
        physical(address, store, 1L << shift);
      }
    }

    private void physical(long address, boolean store, long size) {
      if (physicalRun < 0 && !physicalOver) {
        if (at[3] < end[3]) {
          physicalRun = varint(3);
        } else {
          physicalOver = true;
        }
      }
      long page = address >>> 12;
      if (physicalOver || physicalRun > 0) {
        physicalRun--;
        if (page != cachedPage) {
          Long known = mapping.get(page);
          check(known != null, "a predicted physical address without a mapping");
          cachedPage = page;
          cachedMapping = known;
        }
      } else {
        physicalRun = -1;
        long code = varint(3);
        if (code == 0) {
          cachedMapping = zigzag(3) + (address & ~0xfffL);
          cachedPage = page;
          mapping.put(page, cachedMapping);
        } else {
          int d;
          if (code == 1) {
            int n = (int) varint(3);
            String name = new String(bytes, at[3], n, StandardCharsets.UTF_8);
            at[3] += n;
            d = named.size();
            named.add(device(vcpu, true, name));
            offsets.add(zigzag(3));
          } else {
            d = (int) (code - 2);
            check(d >= 0 && d < named.size(), "no device " + d);
            offsets.set(d, offsets.get(d) + zigzag(3));
          }
          named.get(d).add(store, size);
          return;
        }
      }
      if (ram == null) {
        ram = device(vcpu, false, "RAM");
      }
      ram.add(store, size);
      long physicalPage = (cachedMapping + (address & 0xfff)) & ~0xfffL;
      if (physicalPage != ramPage) {
        ramPage = physicalPage;
        ramTraffic = pages.computeIfAbsent(new PageKey(vcpu, physicalPage), k -> new Traffic());
      }
      ramTraffic.add(store, size);
    }

    private void syscalls(boolean rescued) {
      while (at[4] < end[4]) {
        varint(4);
        int kind = bytes[at[4]++];
        long number = zigzag(4);
        long[] counts = NaiveTrace.this.syscalls.computeIfAbsent(number, k -> new long[3]);
        if (kind == 0) {
          counts[0]++;
        } else {
          check(kind == 1, "syscall record of kind " + kind);
          long value = zigzag(4);
          counts[1]++;
          if (value >= -4095 && value <= -1 && value != -512 && value != -513) {
            counts[2]++;
          }
        }
      }
      check(rescued || at[4] == end[4], "bytes after the last syscall");
    }
  }

  // ---- codec 2 ----

  private void count(int vcpu, Life life, ByteBuffer b) {
    counted = true;
    for (int s = 0; s < 2; s++) {
      for (int k = 0; k < 8; k++) {
        life.accesses[s][k] += b.getLong(192 + 64 * s + 8 * k);
      }
    }
    for (int p = at[0]; p + 32 <= end[0]; p += 32) {
      BlockKey key = new BlockKey(b.getLong(p), Short.toUnsignedLong(b.getShort(p + 12)));
      blocks.computeIfAbsent(key, k -> new long[2])[0] += b.getLong(p + 16);
    }
    List<String> names = new ArrayList<>(List.of("RAM"));
    for (int p = at[2]; p < end[2]; ) {
      int n = bytes[p] & 0xff;
      names.add(new String(bytes, p + 1, n, StandardCharsets.UTF_8));
      p += 1 + n;
    }
    for (int p = at[1]; p + 48 <= end[1]; p += 48) {
      int d = b.getInt(p + 8);
      check(d >= 0 && d < names.size(), "no device " + d);
      add(device(vcpu, d > 0, names.get(d)), b, p + 16);
      if (d == 0) {
        PageKey key = new PageKey(vcpu, b.getLong(p));
        add(pages.computeIfAbsent(key, k -> new Traffic()), b, p + 16);
      }
    }
    for (int p = at[3]; p + 32 <= end[3]; p += 32) {
      long[] counts = syscalls.computeIfAbsent(b.getLong(p), k -> new long[3]);
      for (int i = 0; i < 3; i++) {
        counts[i] += b.getLong(p + 8 + 8 * i);
      }
    }
  }

  private static void add(Traffic t, ByteBuffer b, int p) {
    t.reads += b.getLong(p);
    t.writes += b.getLong(p + 8);
    t.readBytes += b.getLong(p + 16);
    t.writeBytes += b.getLong(p + 24);
  }

  // ---- helpers ----

  private Traffic device(int vcpu, boolean io, String name) {
    return devices.computeIfAbsent(new DeviceKey(vcpu, io, name), k -> new Traffic());
  }

  private long varint(int column) {
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      check(at[column] < end[column], "column " + column + " ends inside a number");
      byte b = bytes[at[column]++];
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw new IllegalStateException("a number of more than 10 bytes in column " + column);
  }

  private long zigzag(int column) {
    long v = varint(column);
    return (v >>> 1) ^ -(v & 1);
  }

  private static void check(boolean good, String message) {
    if (!good) {
      throw new IllegalStateException(message);
    }
  }

  Counts counts() {
    Counts counts = new Counts();
    lives.forEach(
        (k, l) -> {
          long[] n = new long[2];
          long[] size = new long[2];
          for (int s = 0; s < 2; s++) {
            for (int shift = 0; shift < 8; shift++) {
              n[s] += l.accesses[s][shift];
              size[s] += l.accesses[s][shift] << shift;
            }
          }
          counts.vcpu(
              k.vcpu,
              k.generation,
              l.instructions,
              l.blocks,
              n[0],
              n[1],
              size[0],
              size[1],
              l.idles,
              l.resumes);
        });
    blocks.forEach(
        (k, n) -> {
          counts.block(k.vaddr, k.instructions, n[0]);
          if (!counted) {
            counts.dispatched(k.vaddr, k.instructions, n[1]);
          }
        });
    devices.forEach(
        (k, t) ->
            counts.hwaddr(k.vcpu, k.io, k.name, t.reads, t.writes, t.readBytes, t.writeBytes));
    pages.forEach(
        (k, t) -> counts.page(k.vcpu, k.page, t.reads, t.writes, t.readBytes, t.writeBytes));
    syscalls.forEach((number, n) -> counts.syscall(number, n[0], n[1], n[2]));
    return counts;
  }
}
