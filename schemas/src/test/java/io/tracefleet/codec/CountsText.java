// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Counts as text, one sorted line for each, so that two ways of counting can be compared and read.
 */
final class CountsText {
  private final Map<String, long[]> lines = new TreeMap<>();

  private CountsText() {}

  /** Counts events one by one, in the plainest way. */
  static String of(List<Event> events) {
    CountsText text = new CountsText();
    Event.Code current = null;
    for (Event event : events) {
      if (event instanceof Event.Block block) {
        current = block.code();
        text.add(name(current), 1, 0);
        text.add("blocks", 1);
      } else if (event instanceof Event.Partial partial) {
        text.add(name(current), 0, current.instructions() - partial.dispatched());
      } else if (event instanceof Event.Access access) {
        text.access(access);
      } else if (event instanceof Event.Syscall call) {
        text.add("syscall " + call.number(), 1, 0, 0);
        text.add("syscalls", 1, 0);
      } else if (event instanceof Event.SyscallReturn call) {
        long value = call.value();
        boolean error = value < 0 && value > -4096 && value != -512 && value != -513;
        text.add("syscall " + call.number(), 0, 1, error ? 1 : 0);
        text.add("syscalls", 0, 1);
      }
    }
    return text.toString();
  }

  static String of(BatchCounts counts) {
    CountsText text = new CountsText();
    for (int i = 0; i < counts.blockCount(); i++) {
      text.add(
          name(
              new Event.Code(
                  counts.blockVaddr(i),
                  counts.blockInstructions(i),
                  counts.blockBytes(i),
                  counts.blockCodeHash(i))),
          counts.blockExecutions(i),
          counts.blockUndispatched(i));
    }
    text.add("blocks", counts.blocks());
    text.add("loads", counts.loads(), counts.loadBytes());
    text.add("stores", counts.stores(), counts.storeBytes());
    text.add("RAM reads", counts.ramReads(), counts.ramReadBytes());
    text.add("RAM writes", counts.ramWrites(), counts.ramWriteBytes());
    for (int i = 0; i < counts.pageCount(); i++) {
      String page = "page 0x" + Long.toHexString(counts.pageAddress(i));
      text.add(page + " reads", counts.pageReads(i), counts.pageReadBytes(i));
      text.add(page + " writes", counts.pageWrites(i), counts.pageWriteBytes(i));
    }
    for (int i = 0; i < counts.deviceCount(); i++) {
      String device = "device " + counts.deviceName(i);
      text.add(device + " reads", counts.deviceReads(i), counts.deviceReadBytes(i));
      text.add(device + " writes", counts.deviceWrites(i), counts.deviceWriteBytes(i));
    }
    for (int i = 0; i < counts.syscallCount(); i++) {
      text.add(
          "syscall " + counts.syscallNumber(i),
          counts.syscallEntries(i),
          counts.syscallReturns(i),
          counts.syscallErrors(i));
    }
    text.add("syscalls", counts.syscalls(), counts.syscallReturns());
    return text.toString();
  }

  /** Takes the undispatched instructions out, which depend on where batches end. */
  static String withoutUndispatched(String text) {
    return text.replaceAll("(?m)^(block .*: \\d+) \\d+$", "$1");
  }

  private static String name(Event.Code code) {
    return String.format(
        "block 0x%016x %08x %d %d", code.vaddr(), code.hash(), code.instructions(), code.bytes());
  }

  private void access(Event.Access access) {
    boolean store = (access.info() & 64) != 0;
    long size = 1L << (access.info() & 15);
    add(store ? "stores" : "loads", 1, size);
    String direction = store ? " writes" : " reads";
    if (Event.Access.RAM.equals(access.device())) {
      add("RAM" + direction, 1, size);
      add("page 0x" + Long.toHexString(access.physical() & -4096) + direction, 1, size);
    } else if (access.device() != null) {
      add("device " + access.device() + direction, 1, size);
    }
  }

  private void add(String line, long... counts) {
    long[] sums = lines.computeIfAbsent(line, key -> new long[counts.length]);
    for (int i = 0; i < counts.length; i++) {
      sums[i] += counts[i];
    }
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    lines.forEach(
        (line, counts) -> {
          long all = 0;
          for (long count : counts) {
            all |= count;
          }
          if (all != 0) {
            text.append(line).append(':');
            for (long count : counts) {
              text.append(' ').append(count);
            }
            text.append('\n');
          }
        });
    return text.toString();
  }
}
