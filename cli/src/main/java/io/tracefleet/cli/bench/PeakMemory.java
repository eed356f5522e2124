// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * Follows the most memory that a process had, as long as it lives: Linux keeps the peak, and this
 * looks at it every 20 ms. Has a thread of its own; {@link #close} ends it.
 */
public final class PeakMemory implements AutoCloseable {
  private static final long INTERVAL_MILLIS = 20;
  private static final String PEAK = "VmHWM:";

  private final Path status;
  private final Thread thread;
  private volatile long peak = -1;

  private PeakMemory(long pid) {
    this.status = Path.of("/proc/" + pid + "/status");
    this.thread = new Thread(this::follow, "bench-memory");
    thread.setDaemon(true);
  }

  /** Begins to follow a process. */
  public static PeakMemory of(long pid) {
    PeakMemory memory = new PeakMemory(pid);
    memory.thread.start();
    return memory;
  }

  /** Forgets the peak that this process had so far; false if the kernel does not let it. */
  public static boolean resetOwn() {
    try {
      Files.write(Path.of("/proc/self/clear_refs"), "5".getBytes(StandardCharsets.US_ASCII));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** This process's own peak, bytes. */
  public static OptionalLong own() {
    return read(Path.of("/proc/self/status"));
  }

  private void follow() {
    try {
      while (true) {
        OptionalLong now = read(status);
        if (now.isEmpty()) {
          return; // it has ended
        }
        peak = Math.max(peak, now.getAsLong());
        Thread.sleep(INTERVAL_MILLIS);
      }
    } catch (InterruptedException e) {
      // closed
    }
  }

  private static OptionalLong read(Path status) {
    try {
      return parse(Files.readString(status, StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  /** The peak in a {@code /proc/PID/status}; a process that has ended has none. */
  static OptionalLong parse(String status) {
    return status
        .lines()
        .filter(line -> line.startsWith(PEAK))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
        .findFirst();
  }

  /** The most that was seen, bytes; empty if the process had ended before it was looked at. */
  public OptionalLong peak() {
    return peak < 0 ? OptionalLong.empty() : OptionalLong.of(peak);
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
