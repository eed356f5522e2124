// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.export;

import io.tracefleet.codec.FullDecoder;
import io.tracefleet.codec.MemInfo;
import io.tracefleet.codec.PayloadHeader;
import io.tracefleet.codec.TraceFormatException;
import io.tracefleet.codec.TraceVisitor;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Gives the events of a payload their instruction numbers. A block's number is how many
 * instructions the vCPU had dispatched when it began; an access has the number of the instruction
 * that makes it, a system call that behind its block.
 */
final class EventRows implements TraceVisitor {
  /** What a sink throws, through a decoder that does not know it. */
  private static final class Failed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Failed(Exception cause) {
      super(cause);
    }
  }

  /** Nobody wants what is behind. */
  private static final class Enough extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Enough() {
      super(null, null, false, false);
    }
  }

  private final PayloadHeader header = new PayloadHeader();
  private final FullDecoder decoder = new FullDecoder();
  private final EventSink sink;
  private final long from;
  private final long to;

  private final List<String> devices = new ArrayList<>();
  private long[] vaddrs = new long[64];
  private int[] sizes = new int[64];
  private int vcpu;
  private int generation;
  private int current;
  private long blockStart;
  private long next;
  private long written;

  /**
   * @param from first instruction number wanted
   * @param to first one that is not
   */
  EventRows(EventSink sink, long from, long to) {
    this.sink = sink;
    this.from = from;
    this.to = to;
  }

  /** Rows written. */
  long written() {
    return written;
  }

  /**
   * @param firstInstruction instructions that the vCPU had dispatched before this batch
   */
  void add(int index, int inGeneration, long firstInstruction, byte[] payload)
      throws TraceFormatException, IOException, SQLException {
    header.wrap(payload, 0, payload.length);
    vcpu = index;
    generation = inGeneration;
    current = -1;
    devices.clear();
    next = firstInstruction + header.leading();
    blockStart = next;
    try {
      decoder.decode(payload, 0, payload.length, this);
    } catch (Enough e) {
      return;
    } catch (Failed e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw (SQLException) e.getCause();
    }
  }

  @Override
  public void definition(int index, long vaddr, int instructions, int bytes, int codeHash) {
    if (index >= vaddrs.length) {
      vaddrs = Arrays.copyOf(vaddrs, 2 * index);
      sizes = Arrays.copyOf(sizes, 2 * index);
    }
    vaddrs[index] = vaddr;
    sizes[index] = instructions;
  }

  @Override
  public void device(int index, String name) {
    devices.add(name);
  }

  @Override
  public void block(int index) {
    current = index;
    blockStart = next;
    next += sizes[index];
    if (blockStart >= to) {
      throw new Enough();
    }
    row(
        blockStart,
        EventSink.BLOCK,
        vaddrs[index],
        sizes[index],
        EventSink.NONE,
        null,
        EventSink.NONE,
        EventSink.NONE);
  }

  @Override
  public void partial(int index, int dispatched) {
    next += dispatched - sizes[index];
  }

  @Override
  public void access(int index, int instruction, int info, long vaddr, int device, long physical) {
    // Of a block begun in an earlier batch only the end is known, which is where this one begins.
    long start = index == current ? blockStart : (current < 0 ? next : blockStart) - sizes[index];
    row(
        start + instruction,
        MemInfo.store(info) ? EventSink.STORE : EventSink.LOAD,
        vaddr,
        MemInfo.size(info),
        device == DEVICE_NONE ? EventSink.NONE : physical,
        device == DEVICE_NONE ? null : device == DEVICE_RAM ? "RAM" : devices.get(device),
        EventSink.NONE,
        EventSink.NONE);
  }

  @Override
  public void syscall(long number) {
    row(
        next,
        EventSink.SYSCALL,
        EventSink.NONE,
        EventSink.NONE,
        EventSink.NONE,
        null,
        number,
        EventSink.NONE);
  }

  @Override
  public void syscallReturn(long number, long value) {
    row(
        next,
        EventSink.SYSCALL_RETURN,
        EventSink.NONE,
        EventSink.NONE,
        EventSink.NONE,
        null,
        number,
        value);
  }

  private void row(
      long instruction,
      int kind,
      long vaddr,
      long size,
      long physical,
      String device,
      long number,
      long value) {
    if (instruction < from || instruction >= to) {
      return;
    }
    try {
      sink.event(vcpu, generation, instruction, kind, vaddr, size, physical, device, number, value);
      written++;
    } catch (IOException | SQLException e) {
      throw new Failed(e);
    }
  }
}
