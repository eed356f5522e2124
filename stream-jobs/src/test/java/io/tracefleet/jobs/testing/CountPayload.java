// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.testing;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Writes payloads of codec 2 after docs/trace-format.md, independently of the encoder. */
public final class CountPayload {
  private static final int HEADER = 320;

  private final boolean system;
  private final ByteArrayOutputStream blockColumn = new ByteArrayOutputStream();
  private final ByteArrayOutputStream pageColumn = new ByteArrayOutputStream();
  private final ByteArrayOutputStream syscallColumn = new ByteArrayOutputStream();
  private final List<String> devices = new ArrayList<>();
  private final long[][] accessCounts = new long[2][8];

  private long instructions;
  private long blocks;
  private long accesses;
  private long idles;
  private long resumes;
  private long entries;
  private long returns;

  private CountPayload(boolean system) {
    this.system = system;
  }

  public static CountPayload user() {
    return new CountPayload(false);
  }

  public static CountPayload system() {
    return new CountPayload(true);
  }

  public CountPayload block(
      long vaddr, int hash, int instructionCount, int bytes, long executions) {
    put(
        blockColumn,
        little(32)
            .putLong(vaddr)
            .putInt(hash)
            .putShort((short) instructionCount)
            .putShort((short) bytes)
            .putLong(executions)
            .putLong(0));
    blocks += executions;
    instructions += executions * instructionCount;
    return this;
  }

  /**
   * Accesses by size; in system emulation {@link #ram} and {@link #device} must tell the same
   * number.
   */
  public CountPayload accesses(boolean store, int sizeShift, long count) {
    accessCounts[store ? 1 : 0][sizeShift] += count;
    accesses += count;
    return this;
  }

  public CountPayload ram(long page, long reads, long writes, long readBytes, long writeBytes) {
    return page(page, 0, reads, writes, readBytes, writeBytes);
  }

  public CountPayload device(
      String name, long reads, long writes, long readBytes, long writeBytes) {
    if (!devices.contains(name)) {
      devices.add(name);
    }
    return page(0, devices.indexOf(name) + 1, reads, writes, readBytes, writeBytes);
  }

  private CountPayload page(
      long page, int device, long reads, long writes, long readBytes, long writeBytes) {
    put(
        pageColumn,
        little(48)
            .putLong(page)
            .putInt(device)
            .putInt(0)
            .putLong(reads)
            .putLong(writes)
            .putLong(readBytes)
            .putLong(writeBytes));
    return this;
  }

  public CountPayload syscall(long number, long entered, long returned, long errors) {
    put(
        syscallColumn,
        little(32).putLong(number).putLong(entered).putLong(returned).putLong(errors));
    entries += entered;
    returns += returned;
    return this;
  }

  public CountPayload idle(long idleCount, long resumeCount) {
    idles += idleCount;
    resumes += resumeCount;
    return this;
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

  public boolean isSystem() {
    return system;
  }

  public byte[] bytes() {
    ByteArrayOutputStream deviceColumn = new ByteArrayOutputStream();
    for (String device : devices) {
      byte[] name = device.getBytes(StandardCharsets.UTF_8);
      deviceColumn.write(name.length);
      deviceColumn.writeBytes(name);
    }
    byte[][] columns = {
      blockColumn.toByteArray(),
      pageColumn.toByteArray(),
      deviceColumn.toByteArray(),
      syscallColumn.toByteArray()
    };
    ByteBuffer header = little(HEADER);
    header.putInt(2).putInt(system ? 4 : 0);
    header.putLong(instructions).putLong(blocks).putLong(accesses);
    header.putInt(0).putInt(0).putLong(0);
    header.putLong(idles).putLong(resumes).putLong(entries).putLong(returns);
    for (int column = 0; column < 8; column++) {
      header.putInt(column < columns.length ? columns[column].length : 0);
    }
    header.position(192);
    for (long[] direction : accessCounts) {
      for (long count : direction) {
        header.putLong(count);
      }
    }
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(header.array());
    for (byte[] column : columns) {
      all.writeBytes(column);
    }
    return all.toByteArray();
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void put(ByteArrayOutputStream column, ByteBuffer record) {
    column.writeBytes(record.array());
  }
}
