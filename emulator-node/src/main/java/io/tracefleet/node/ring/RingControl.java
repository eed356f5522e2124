// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.ring;

import io.tracefleet.node.config.TraceMode;
import io.tracefleet.node.config.TraceWish;
import io.tracefleet.node.config.TraceWish.AddressRange;
import io.tracefleet.node.config.TraceWish.Window;
import io.tracefleet.node.ring.RingLayout.Control;
import io.tracefleet.node.ring.RingLayout.Header;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The node's side of a ring's control block; see plugin/ring.h. Used by one thread. */
final class RingControl {
  private static final int WINDOW_SIZE = 24;

  private final Path path;
  private final SharedMemory memory;

  RingControl(Path path, SharedMemory memory) {
    this.path = path;
    this.memory = memory;
  }

  /**
   * Says what is to be traced from now on.
   *
   * @return number of the change
   */
  int want(TraceWish wish) {
    int writing = next() - 1;
    memory.setIntVolatile(Header.WISH + Control.WANTED, writing);
    setInt(Control.MODE, code(wish.mode()));
    setInt(Control.RANGE_COUNT, wish.ranges().size());
    setInt(Control.VCPU_COUNT, wish.vcpus().size());
    setInt(Control.WINDOW_COUNT, wish.windows().size());
    for (int i = 0; i < wish.ranges().size(); i++) {
      memory.setLong(Header.WISH + Control.RANGES + 16L * i, wish.ranges().get(i).begin());
      memory.setLong(Header.WISH + Control.RANGES + 16L * i + 8, wish.ranges().get(i).end());
    }
    for (int i = 0; i < wish.vcpus().size(); i++) {
      setInt(Control.VCPUS + 4 * i, wish.vcpus().get(i));
    }
    for (int i = 0; i < wish.windows().size(); i++) {
      long at = Header.WISH + Control.WINDOWS + (long) WINDOW_SIZE * i;
      memory.setLong(at, wish.windows().get(i).from());
      memory.setLong(at + 8, wish.windows().get(i).count());
      memory.setLong(at + 16, wish.windows().get(i).every());
    }
    memory.setIntVolatile(Header.WISH + Control.WANTED, writing + 1);
    memory.wake(Header.WISH + Control.WANTED, Integer.MAX_VALUE);
    return writing + 1;
  }

  /** Number of the change that was asked for last, 0: none; odd if a node died while it wrote. */
  int wanted() {
    return getInt(Control.WANTED);
  }

  /** Number of the change that {@link #want} asks for next. */
  int next() {
    return (wanted() | 1) + 1;
  }

  /** Number of the change that is in force; 0: none. */
  int applied() {
    return memory.getIntAcquire(Header.WISH + Control.APPLIED);
  }

  /** When it came into force, microseconds since the epoch. */
  long appliedMicros() {
    return memory.getLong(Header.WISH + Control.APPLIED_MICROS);
  }

  /** What the block says, which is in force unless a change is under way. */
  TraceWish content() throws RingException {
    try {
      return read();
    } catch (IllegalArgumentException e) {
      throw new RingException("ring " + path + ": " + e.getMessage(), e);
    }
  }

  private TraceWish read() throws RingException {
    List<AddressRange> ranges = new ArrayList<>();
    int rangeCount = count("range_count", Control.RANGE_COUNT, RingLayout.CONTROL_RANGES);
    for (int i = 0; i < rangeCount; i++) {
      ranges.add(
          new AddressRange(
              memory.getLong(Header.WISH + Control.RANGES + 16L * i),
              memory.getLong(Header.WISH + Control.RANGES + 16L * i + 8)));
    }
    List<Integer> vcpus = new ArrayList<>();
    int vcpuCount = count("vcpu_count", Control.VCPU_COUNT, RingLayout.CONTROL_VCPUS);
    for (int i = 0; i < vcpuCount; i++) {
      vcpus.add(getInt(Control.VCPUS + 4 * i));
    }
    List<Window> windows = new ArrayList<>();
    int windowCount = count("window_count", Control.WINDOW_COUNT, RingLayout.CONTROL_WINDOWS);
    for (int i = 0; i < windowCount; i++) {
      long at = Header.WISH + Control.WINDOWS + (long) WINDOW_SIZE * i;
      windows.add(new Window(memory.getLong(at), memory.getLong(at + 8), memory.getLong(at + 16)));
    }
    return new TraceWish(mode(getInt(Control.MODE)), ranges, vcpus, windows, 0, "");
  }

  private int count(String name, int offset, int most) throws RingException {
    int count = getInt(offset);
    if (count < 0 || count > most) {
      throw new RingException("ring " + path + ": " + name + " is " + count);
    }
    return count;
  }

  TraceMode mode(int code) throws RingException {
    return switch (code) {
      case RingLayout.MODE_FULL -> TraceMode.FULL;
      case RingLayout.MODE_COUNT -> TraceMode.COUNT;
      case RingLayout.MODE_OFF -> TraceMode.OFF;
      default -> throw new RingException("ring " + path + ": mode is " + code);
    };
  }

  private static int code(TraceMode mode) {
    return switch (mode) {
      case FULL -> RingLayout.MODE_FULL;
      case COUNT -> RingLayout.MODE_COUNT;
      case OFF -> RingLayout.MODE_OFF;
    };
  }

  private int getInt(int offset) {
    return memory.getIntVolatile(Header.WISH + offset);
  }

  private void setInt(int offset, int value) {
    memory.setIntRelease(Header.WISH + offset, value);
  }
}
