// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.see;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tracefleet.archive.store.ArchiveStore;
import io.tracefleet.archive.store.StoreLocation;
import io.tracefleet.archive.write.ArchiveProgress;
import io.tracefleet.archive.write.Archiver;
import io.tracefleet.archive.write.ArchiverSettings;
import io.tracefleet.schemas.serde.RegistrySettings;
import io.tracefleet.schemas.serde.SchemaRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Archives a cluster several times, each time anew, in a JVM of its own, and writes what it did as
 * JSON. Arguments: brokers, registry, an empty directory, how many times, file for the JSON.
 */
public final class ArchiverMain {
  /**
   * @param seconds from reading the first record until the runs were complete
   * @param payloadBytes archived
   * @param open runs that are not complete
   */
  record Done(double seconds, long payloadBytes, int open) {}

  private ArchiverMain() {}

  /** Ends when it has done so. */
  public static void main(String[] arguments) throws Exception {
    try (SchemaRegistry registry =
        SchemaRegistry.connect(RegistrySettings.of(arguments[1]), Duration.ofSeconds(10))) {
      List<Done> all = new ArrayList<>();
      for (int i = 0; i < Integer.parseInt(arguments[3]); i++) {
        Path archive = Path.of(arguments[2]).resolve("archive-" + i);
        all.add(archive(arguments[0], registry, archive));
        SeeBenchmarks.delete(archive);
      }
      Files.write(Path.of(arguments[4]), new ObjectMapper().writeValueAsBytes(all));
    }
  }

  private static Done archive(String bootstrap, SchemaRegistry registry, Path to) throws Exception {
    try (ArchiveStore store = StoreLocation.parse(to.toString(), null).openToWrite();
        Archiver archiver =
            Archiver.open(ArchiverSettings.of(bootstrap, Map.of()), store, registry.serdes())) {
      long begun = System.nanoTime();
      archiver.runOnce(() -> false);
      double seconds = (System.nanoTime() - begun) / 1e9;
      ArchiveProgress progress = archiver.progress();
      return new Done(seconds, progress.payloadBytes(), progress.openRuns());
    }
  }
}
