// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.k8s;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What is on PATH. */
final class Programs {
  private Programs() {}

  static Optional<Path> find(String name) {
    return List.of(System.getenv("PATH").split(":")).stream()
        .map(directory -> Path.of(directory, name))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
