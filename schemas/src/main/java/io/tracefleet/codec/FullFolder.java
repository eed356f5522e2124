// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

import java.util.Arrays;

/** Folds payloads of codec 1. */
final class FullFolder implements TraceVisitor {
  private final FullDecoder decoder = new FullDecoder();
  private final BatchCounts batch = new BatchCounts();
  private long[] vaddr = new long[64];
  private int[] instructions = new int[64];
  private int[] codeBytes = new int[64];
  private int[] codeHash = new int[64];
  private byte[][] names = new byte[16][];

  /** Checks all, then adds all but the header's sums. */
  void fold(PayloadHeader header, BatchCounts into) throws TraceFormatException {
    batch.clear();
    decoder.decode(header.array(), header.arrayOffset(), header.length(), this);
    into.add(batch);
  }

  @Override
  public void definition(int index, long address, int count, int bytes, int hash) {
    if (index >= vaddr.length) {
      vaddr = Arrays.copyOf(vaddr, 2 * index);
      instructions = Arrays.copyOf(instructions, 2 * index);
      codeBytes = Arrays.copyOf(codeBytes, 2 * index);
      codeHash = Arrays.copyOf(codeHash, 2 * index);
    }
    vaddr[index] = address;
    instructions[index] = count;
    codeBytes[index] = bytes;
    codeHash[index] = hash;
  }

  @Override
  public void device(int index, String name) {
    if (index >= names.length) {
      names = Arrays.copyOf(names, 2 * index);
    }
    names[index] = name.getBytes(java.nio.charset.StandardCharsets.UTF_8);
  }

  @Override
  public void block(int index) {
    batch.addBlock(vaddr[index], codeHash[index], instructions[index], codeBytes[index], 1, 0);
  }

  @Override
  public void partial(int index, int dispatched) {
    batch.addBlock(
        vaddr[index],
        codeHash[index],
        instructions[index],
        codeBytes[index],
        0,
        instructions[index] - dispatched);
  }

  @Override
  public void access(
      int index, int instruction, int info, long address, int device, long physical) {
    long store = MemInfo.store(info) ? 1 : 0;
    long load = 1 - store;
    long size = MemInfo.size(info);
    batch.loads += load;
    batch.stores += store;
    batch.loadBytes += load * size;
    batch.storeBytes += store * size;
    if (device == DEVICE_RAM) {
      batch.addRam(load, store, load * size, store * size);
      batch.addPage(physical & ~0xfffL, load, store, load * size, store * size);
    } else if (device != DEVICE_NONE) {
      byte[] name = names[device];
      batch.addDevice(name, 0, name.length, load, store, load * size, store * size);
    }
  }

  @Override
  public void syscall(long number) {
    batch.addSyscall(number, 1, 0, 0);
  }

  @Override
  public void syscallReturn(long number, long value) {
    batch.addSyscall(number, 0, 1, BatchCounts.isError(value) ? 1 : 0);
  }
}
