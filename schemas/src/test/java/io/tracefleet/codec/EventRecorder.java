// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

import java.util.ArrayList;
import java.util.List;

/** Keeps the events that a decoder delivers. */
final class EventRecorder implements TraceVisitor {
  private final List<Event.Code> codes = new ArrayList<>();
  private final List<String> devices = new ArrayList<>();
  private final List<Event> events = new ArrayList<>();

  static List<Event> decode(byte[] payload) throws TraceFormatException {
    EventRecorder recorder = new EventRecorder();
    new FullDecoder().decode(payload, 0, payload.length, recorder);
    return recorder.events;
  }

  List<Event> events() {
    return events;
  }

  @Override
  public void definition(int index, long vaddr, int instructions, int bytes, int codeHash) {
    if (index != codes.size()) {
      throw new AssertionError("definition " + index);
    }
    codes.add(new Event.Code(vaddr, instructions, bytes, codeHash));
  }

  @Override
  public void device(int index, String name) {
    if (index != devices.size()) {
      throw new AssertionError("device " + index);
    }
    devices.add(name);
  }

  @Override
  public void block(int index) {
    events.add(new Event.Block(codes.get(index)));
  }

  @Override
  public void access(int index, int instruction, int info, long vaddr, int device, long physical) {
    String name =
        device == DEVICE_NONE
            ? null
            : device == DEVICE_RAM ? Event.Access.RAM : devices.get(device);
    events.add(new Event.Access(codes.get(index), instruction, info, vaddr, name, physical));
  }

  @Override
  public void partial(int index, int dispatched) {
    events.add(new Event.Partial(dispatched));
  }

  @Override
  public void syscall(long number) {
    events.add(new Event.Syscall(number));
  }

  @Override
  public void syscallReturn(long number, long value) {
    events.add(new Event.SyscallReturn(number, value));
  }
}
