// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.bench;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** CPU time of processes, user and system together. Stateless. */
public final class CpuClock {
  private static final Function GETRUSAGE = NativeLibrary.getInstance("c").getFunction("getrusage");
  private static final int RUSAGE_CHILDREN = -1;
  private static final int RUSAGE_SIZE = 144;
  private static final double MICROS = 1e6;

  /** What Linux reports in /proc, whatever the kernel's own tick is. */
  private static final double TICKS_PER_SECOND = 100;

  private CpuClock() {}

  /** Seconds of all child processes that have ended, and of theirs. */
  public static double endedChildren() {
    try (Memory usage = new Memory(RUSAGE_SIZE)) {
      int failed = GETRUSAGE.invokeInt(new Object[] {RUSAGE_CHILDREN, usage});
      if (failed != 0) {
        throw new IllegalStateException("getrusage failed");
      }
      // struct timeval ru_utime, ru_stime
      return usage.getLong(0) + usage.getLong(16) + (usage.getLong(8) + usage.getLong(24)) / MICROS;
    }
  }

  /** Seconds of a living process, to 10 ms; 0 if there is none. */
  public static double process(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      // The command's name may hold anything, so count from behind it.
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
    } catch (IOException e) {
      return 0;
    }
  }
}
