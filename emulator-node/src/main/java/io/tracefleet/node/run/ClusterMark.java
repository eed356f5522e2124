// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Which Kafka cluster a guest's rings are for: the cluster's id in a file beside them. A node that
 * adopts them must not publish them to another one. Stateless.
 */
final class ClusterMark {
  private static final String FILE = "cluster";

  private ClusterMark() {}

  static void write(Path directory, String clusterId) throws IOException {
    Files.writeString(directory.resolve(FILE), clusterId + "\n");
  }

  /** Empty if a node wrote the directory that made no such file. */
  static Optional<String> read(Path directory) throws IOException {
    try {
      return Optional.of(Files.readString(directory.resolve(FILE)).strip())
          .filter(id -> !id.isEmpty());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }
}
