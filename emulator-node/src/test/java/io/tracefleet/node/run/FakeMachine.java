// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.run;

import io.tracefleet.node.qemu.ProcessIdentity;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Processes and time that a test moves by hand. */
final class FakeMachine implements Processes, NodeClock {
  final Set<ProcessIdentity> alive = new HashSet<>();
  final Set<ProcessIdentity> unmapped = new HashSet<>();
  final List<ProcessIdentity> stragglers = new ArrayList<>();
  final List<ProcessIdentity> killed = new ArrayList<>();
  private long nanos = 1_000_000_000_000L;

  ProcessIdentity start(long pid) {
    ProcessIdentity process = new ProcessIdentity(pid, pid * 10);
    alive.add(process);
    return process;
  }

  void advance(Duration time) {
    nanos += time.toNanos();
  }

  @Override
  public long micros() {
    return 1_800_000_000_000_000L + nanos / 1000;
  }

  @Override
  public long nanos() {
    return nanos;
  }

  @Override
  public boolean isAlive(ProcessIdentity process) {
    return alive.contains(process);
  }

  @Override
  public Optional<Boolean> maps(ProcessIdentity process, Path file) {
    return Optional.of(!unmapped.contains(process));
  }

  @Override
  public List<ProcessIdentity> mapping(Path directory) {
    return stragglers;
  }

  @Override
  public void kill(ProcessIdentity process) {
    killed.add(process);
  }
}
