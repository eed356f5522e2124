// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import io.tracefleet.cli.bench.Part;
import java.lang.management.ManagementFactory;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/**
 * CPU time of this JVM by part. A thread's name says whose it is; what no Java thread spent is the
 * JVM's own. Threads that begin and end between two looks count as the JVM's. Used by one thread,
 * which is the node's.
 */
final class ThreadCpu {
  private static final double NANOS = 1e9;
  private static final com.sun.management.ThreadMXBean THREADS =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final com.sun.management.OperatingSystemMXBean SYSTEM =
      (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private final long self = Thread.currentThread().getId();
  private final long processBegin = SYSTEM.getProcessCpuTime();
  private final Map<Long, Long> begin = new HashMap<>();
  private final Map<Long, Long> latest = new HashMap<>();
  private final Map<Long, Part> parts = new HashMap<>();

  private ThreadCpu() {}

  static ThreadCpu begin() {
    ThreadCpu cpu = new ThreadCpu();
    cpu.look();
    cpu.begin.putAll(cpu.latest);
    return cpu;
  }

  /** Remembers what the threads spent so far, for those that are about to end. */
  void look() {
    long[] ids = THREADS.getAllThreadIds();
    long[] nanos = THREADS.getThreadCpuTime(ids);
    for (int i = 0; i < ids.length; i++) {
      if (nanos[i] >= 0) {
        latest.put(ids[i], nanos[i]);
      }
    }
    for (long id : ids) {
      if (!parts.containsKey(id)) {
        var info = THREADS.getThreadInfo(id);
        if (info != null) {
          parts.put(id, id == self ? Part.NODE : partOf(info.getThreadName()));
        }
      }
    }
  }

  /** Seconds since the beginning. */
  Map<Part, Double> end() {
    long process = SYSTEM.getProcessCpuTime() - processBegin;
    look();
    Map<Part, Long> nanos = new EnumMap<>(Part.class);
    long known = 0;
    for (Map.Entry<Long, Long> thread : latest.entrySet()) {
      long spent = thread.getValue() - begin.getOrDefault(thread.getKey(), 0L);
      nanos.merge(parts.getOrDefault(thread.getKey(), Part.JVM), spent, Long::sum);
      known += spent;
    }
    nanos.merge(Part.JVM, Math.max(0, process - known), Long::sum);
    Map<Part, Double> seconds = new EnumMap<>(Part.class);
    nanos.forEach((part, spent) -> seconds.put(part, spent / NANOS));
    return seconds;
  }

  /** Whose a thread of this name is. */
  static Part partOf(String name) {
    if (name.contains("tracefleet-node")) {
      return Part.NODE;
    }
    if (name.contains("tracefleet-jobs")) {
      return Part.JOBS;
    }
    if (name.startsWith("bench-")
        || name.startsWith("process reaper")
        || name.equals("Reference Handler")
        || name.equals("Finalizer")
        || name.equals("Signal Dispatcher")
        || name.equals("Common-Cleaner")) {
      return Part.JVM;
    }
    return Part.BROKER;
  }
}
