// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** A name for a guest that has none: its program in user mode, else QEMU's. */
final class GuestName {
  /** Options of qemu-user that take a value. */
  private static final Set<String> WITH_VALUE =
      Set.of(
          "-0",
          "-B",
          "-D",
          "-E",
          "-L",
          "-R",
          "-U",
          "-cpu",
          "-d",
          "-dfilter",
          "-g",
          "-p",
          "-plugin",
          "-r",
          "-s",
          "-seed",
          "-trace",
          "-perfmap",
          "-jitdump",
          "-tb-size",
          "-rtsig-map");

  private GuestName() {}

  static String of(List<String> command) {
    String qemu = baseName(command.get(0));
    if (qemu.startsWith("qemu-system")) {
      return qemu;
    }
    for (int i = 1; i < command.size(); i++) {
      String argument = command.get(i);
      if (!argument.startsWith("-")) {
        return baseName(argument);
      }
      String option = argument.startsWith("--") ? argument.substring(1) : argument;
      if (option.equals("-")) {
        return i + 1 < command.size() ? baseName(command.get(i + 1)) : qemu;
      }
      if (WITH_VALUE.contains(option)) {
        i++;
      }
    }
    return qemu;
  }

  private static String baseName(String path) {
    Path name = Path.of(path).getFileName();
    return name == null ? path : name.toString();
  }
}
