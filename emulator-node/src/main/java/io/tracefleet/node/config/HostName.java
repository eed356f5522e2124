// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** This host's name, as far as it can be a node's name. */
final class HostName {
  private HostName() {}

  static String get() {
    try {
      String name =
          Files.readString(Path.of("/proc/sys/kernel/hostname"))
              .trim()
              .replaceAll("[^A-Za-z0-9._-]", "-");
      return name.isEmpty() ? "node" : name.substring(0, Math.min(64, name.length()));
    } catch (IOException e) {
      return "node";
    }
  }
}
