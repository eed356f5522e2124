// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

import java.util.Arrays;

/** The devices that the physical column names, and their traffic. */
final class DeviceTable {
  private final ColumnReader physical;
  private final Traffic traffic = new Traffic();
  private int[] nameAt = new int[16];
  private int[] nameLength = new int[16];
  private int size;

  /**
   * @param physical the column where the names are
   */
  DeviceTable(ColumnReader physical) {
    this.physical = physical;
  }

  void start() {
    size = 0;
  }

  /** Reads a name, that of the next device. */
  int name() throws TraceFormatException {
    int device = size;
    if (device == PayloadHeader.MAX_DEVICES) {
      throw physical.error("more than " + PayloadHeader.MAX_DEVICES + " devices");
    }
    if (device == nameAt.length) {
      nameAt = Arrays.copyOf(nameAt, 2 * device);
      nameLength = Arrays.copyOf(nameLength, 2 * device);
    }
    nameLength[device] = physical.varint(PayloadHeader.MAX_DEVICE_NAME, "a device name's length");
    nameAt[device] = physical.position();
    physical.skip(nameLength[device]);
    traffic.start(device);
    size++;
    return device;
  }

  int size() {
    return size;
  }

  void count(int device, int kind) {
    traffic.count(device, kind, 1);
  }

  void addTo(BatchCounts into) {
    for (int device = 0; device < size; device++) {
      into.addDevice(
          physical.array(),
          nameAt[device],
          nameLength[device],
          traffic.reads(device),
          traffic.writes(device),
          traffic.readBytes(device),
          traffic.writeBytes(device));
      traffic.addTo(into, device);
    }
  }
}
