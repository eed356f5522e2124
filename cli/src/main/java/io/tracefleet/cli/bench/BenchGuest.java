// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.bench;

import java.nio.file.Path;
import java.util.List;

/**
 * A guest of the benchmark.
 *
 * @param id short name, unique
 * @param title what it is, for people
 * @param command QEMU and its arguments
 * @param program the guest's own command line where it can also run without QEMU, else empty
 * @param vcpus that it uses
 * @param files what has to be there
 * @param variant chooses its cases
 */
public record BenchGuest(
    String id,
    String title,
    List<String> command,
    List<String> program,
    int vcpus,
    List<Path> files,
    Variant variant) {
  /** Which cases a guest is measured in. */
  public enum Variant {
    /** All of Tracefleet's, and stock plugins that are not too slow. */
    MAIN,
    /** Tracefleet's without counting blocks only. */
    USER,
    /** Takes long, so as user without count mode alone; with stock plugins for machines. */
    SYSTEM,
    /** Tiny, for tools that are hundreds of times slower. */
    SMALL
  }

  public BenchGuest {
    command = List.copyOf(command);
    program = List.copyOf(program);
    files = List.copyOf(files);
  }

  /** QEMU's name or path. */
  public String qemu() {
    return command.get(0);
  }
}
