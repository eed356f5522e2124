// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.qemu;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A process that a reused pid cannot be mistaken for.
 *
 * @param pid as this process sees it
 * @param start field 22 of /proc/PID/stat, clock ticks since boot
 */
public record ProcessIdentity(long pid, long start) {
  private static final Path PROC = Path.of("/proc");

  /** This process. */
  public static ProcessIdentity self() {
    long pid = ProcessHandle.current().pid();
    return of(pid).orElseThrow(() -> new IllegalStateException("/proc is not mounted"));
  }

  /** The process that has {@code pid} now. */
  public static Optional<ProcessIdentity> of(long pid) {
    String[] fields = stat(pid);
    return fields == null
        ? Optional.empty()
        : Optional.of(new ProcessIdentity(pid, Long.parseLong(fields[19])));
  }

  /** Whether it still runs; a zombie does not, unless only its first thread has ended. */
  public boolean isAlive() {
    String[] fields = stat(pid);
    if (fields == null || Long.parseLong(fields[19]) != start) {
      return false;
    }
    char state = fields[0].charAt(0);
    if (state == 'X') {
      return false;
    }
    return state != 'Z' || threads() > 1;
  }

  /**
   * Whether it has a file mapped whose path begins with {@code prefix}; empty if that cannot be
   * told.
   */
  public Optional<Boolean> maps(Path prefix) {
    try {
      String maps =
          new String(Files.readAllBytes(PROC.resolve(pid + "/maps")), StandardCharsets.ISO_8859_1);
      return Optional.of(
          maps.contains(
              " "
                  + new String(
                      prefix.toString().getBytes(StandardCharsets.UTF_8),
                      StandardCharsets.ISO_8859_1)));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /**
   * Processes that have a file below {@code directory} mapped, this one left out, as far as this
   * user may see.
   */
  public static Stream<ProcessIdentity> mapping(Path directory) {
    long self = ProcessHandle.current().pid();
    return ProcessHandle.allProcesses()
        .filter(handle -> handle.pid() != self)
        .flatMap(handle -> of(handle.pid()).stream())
        .filter(process -> process.maps(Path.of(directory + "/")).orElse(false));
  }

  private long threads() {
    try (Stream<Path> tasks = Files.list(PROC.resolve(pid + "/task"))) {
      return tasks.count();
    } catch (IOException e) {
      return 0;
    }
  }

  /** Fields from the third on: [0] is the state, [19] the start. */
  private static String[] stat(long pid) {
    try {
      String line =
          new String(Files.readAllBytes(PROC.resolve(pid + "/stat")), StandardCharsets.ISO_8859_1);
      String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ");
      return fields.length > 19 ? fields : null;
    } catch (IOException | StringIndexOutOfBoundsException e) {
      return null;
    }
  }
}
