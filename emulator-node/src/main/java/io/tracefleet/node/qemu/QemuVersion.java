// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.qemu;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The first line of {@code qemu --version}.
 *
 * @param text the whole number, such as 7.2.22
 * @param target of a qemu-user, else null
 */
record QemuVersion(String text, int major, int minor, String target) {
  private static final Pattern LINE =
      Pattern.compile(
          "(?:QEMU emulator|qemu-([a-z0-9_]+)) version ((\\d{1,3})\\.(\\d{1,3})(?:\\.\\d+)*)(?:[^0-9.].*)?",
          Pattern.DOTALL);

  static Optional<QemuVersion> parse(String output) {
    Matcher matcher = LINE.matcher(output.strip());
    return matcher.matches()
        ? Optional.of(
            new QemuVersion(
                matcher.group(2),
                Integer.parseInt(matcher.group(3)),
                Integer.parseInt(matcher.group(4)),
                matcher.group(1)))
        : Optional.empty();
  }

  boolean systemEmulation() {
    return target == null;
  }
}
