// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.write;

import io.tracefleet.archive.store.ArchiveStore;
import io.tracefleet.archive.store.StoreLocation;
import io.tracefleet.schemas.serde.RegistrySettings;
import io.tracefleet.schemas.serde.SchemaRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** An archiver in a JVM of its own, to be killed. */
public final class ArchiverProcess {
  private ArchiverProcess() {}

  /** Arguments: bootstrap, registry, archive, endpoint or nothing. Writes as often as it can. */
  public static void main(String[] arguments) throws Exception {
    try (SchemaRegistry registry =
            SchemaRegistry.connect(RegistrySettings.of(arguments[1]), Duration.ofSeconds(10));
        ArchiveStore store =
            StoreLocation.parse(arguments[2], arguments.length > 3 ? arguments[3] : null)
                .openToWrite();
        Archiver archiver =
            Archiver.open(
                // A guest that is slow for a moment is archived as it stands, again and again.
                settings(arguments[0]).withUnfinished(Duration.ofMillis(300), Duration.ofHours(1)),
                store,
                registry.serdes())) {
      archiver.run(() -> false);
    }
  }

  static ArchiverSettings settings(String bootstrap) {
    return ArchiverSettings.of(bootstrap, Map.of())
        .withChunks(1 << 20, Duration.ofMillis(100))
        .withPartBytes(1 << 20);
  }

  /** Starts it; its output goes to a file. */
  static Process start(Path directory, int number, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    // A killed process leaves its copy of DuckDB's library here.
    command.add("-Djava.io.tmpdir=" + directory);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(ArchiverProcess.class.getName());
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("archiver-" + number + ".log").toFile())
        .start();
  }
}
