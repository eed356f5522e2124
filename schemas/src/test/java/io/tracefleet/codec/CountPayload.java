// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Encodes events as one payload of codec 2. */
final class CountPayload {
  private final boolean system;
  private final Map<Event.Code, long[]> blocks = new LinkedHashMap<>();
  private final Map<List<Object>, long[]> pages = new LinkedHashMap<>();
  private final Map<Long, long[]> syscalls = new LinkedHashMap<>();
  private final List<String> devices = new ArrayList<>();
  private final long[] counts = new long[16];
  private long dispatched;
  private long executed;
  private long accesses;
  private long entries;
  private long returns;

  private CountPayload(boolean system) {
    this.system = system;
  }

  static byte[] of(List<Event> events, boolean system) {
    CountPayload payload = new CountPayload(system);
    Event.Code current = null;
    for (Event event : events) {
      if (event instanceof Event.Block block) {
        current = block.code();
        payload.blocks.computeIfAbsent(current, key -> new long[2])[0]++;
        payload.executed++;
        payload.dispatched += current.instructions();
      } else if (event instanceof Event.Partial partial) {
        long rest = current.instructions() - partial.dispatched();
        payload.blocks.get(current)[1] += rest;
        payload.dispatched -= rest;
      } else if (event instanceof Event.Access access) {
        payload.access(access);
      } else if (event instanceof Event.Syscall call) {
        payload.syscalls.computeIfAbsent(call.number(), key -> new long[3])[0]++;
        payload.entries++;
      } else if (event instanceof Event.SyscallReturn call) {
        long[] counts = payload.syscalls.computeIfAbsent(call.number(), key -> new long[3]);
        long value = call.value();
        counts[1]++;
        counts[2] += value < 0 && value > -4096 && value != -512 && value != -513 ? 1 : 0;
        payload.returns++;
      }
    }
    return payload.encode();
  }

  private void access(Event.Access access) {
    int store = (access.info() & 64) != 0 ? 1 : 0;
    int shift = access.info() & 15;
    counts[8 * store + shift]++;
    accesses++;
    if (!system) {
      return;
    }
    boolean ram = access.device().equals(Event.Access.RAM);
    if (!ram && !devices.contains(access.device())) {
      devices.add(access.device());
    }
    List<Object> key =
        List.of(
            ram ? access.physical() & -4096 : 0L, ram ? 0 : 1 + devices.indexOf(access.device()));
    long[] traffic = pages.computeIfAbsent(key, missing -> new long[4]);
    traffic[store]++;
    traffic[2 + store] += 1L << shift;
  }

  private byte[] encode() {
    ByteBuffer[] columns = new ByteBuffer[4];
    columns[0] = buffer(32 * blocks.size());
    blocks.forEach(
        (code, count) ->
            columns[0]
                .putLong(code.vaddr())
                .putInt(code.hash())
                .putShort((short) code.instructions())
                .putShort((short) code.bytes())
                .putLong(count[0])
                .putLong(count[1]));
    columns[1] = buffer(48 * pages.size());
    pages.forEach(
        (key, traffic) -> {
          columns[1].putLong((Long) key.get(0)).putInt((Integer) key.get(1)).putInt(0);
          for (long count : traffic) {
            columns[1].putLong(count);
          }
        });
    ByteArrayOutputStream names = new ByteArrayOutputStream();
    for (String device : devices) {
      byte[] name = device.getBytes(StandardCharsets.UTF_8);
      names.write(name.length);
      names.writeBytes(name);
    }
    columns[2] = ByteBuffer.wrap(names.toByteArray());
    columns[3] = buffer(32 * syscalls.size());
    syscalls.forEach(
        (number, count) ->
            columns[3].putLong(number).putLong(count[0]).putLong(count[1]).putLong(count[2]));
    byte[][] bytes = new byte[4][];
    for (int c = 0; c < bytes.length; c++) {
      bytes[c] = columns[c].array();
    }
    byte[] payload =
        TestEncoder.payload(
            new TestEncoder.Counts(dispatched, 0, 0, executed, accesses, entries, returns),
            0,
            system ? 4 : 0,
            bytes);
    ByteBuffer header = ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN);
    header.putInt(0, PayloadHeader.CODEC_COUNT);
    for (int i = 0; i < counts.length; i++) {
      header.putLong(192 + 8 * i, counts[i]);
    }
    return payload;
  }

  private static ByteBuffer buffer(int capacity) {
    return ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN);
  }
}
