// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import static io.tracefleet.cli.console.TextTable.grouped;

import io.tracefleet.archive.store.ArchiveException;
import io.tracefleet.archive.store.ArchiveStore;
import io.tracefleet.archive.store.StoreLocation;
import io.tracefleet.archive.write.ArchiveProgress;
import io.tracefleet.archive.write.Archiver;
import io.tracefleet.archive.write.ArchiverSettings;
import io.tracefleet.cli.console.Console;
import io.tracefleet.node.config.ClusterAccess;
import java.time.Duration;

/**
 * Archives a cluster as it is now, unfinished runs too, for commands whose cluster is about to go.
 * Stateless.
 */
final class ArchiveWriter {
  private ArchiveWriter() {}

  /** Returns what was done. */
  static ArchiveProgress writeAll(StoreLocation location, ClusterAccess access, Console console)
      throws ArchiveException, InterruptedException {
    console.progress("archiving");
    try (ClusterSession session = ClusterSession.open(access);
        ArchiveStore store = location.openToWrite();
        Archiver archiver =
            Archiver.open(
                ArchiverSettings.of(access.bootstrap(), access.clientProperties())
                    .withUnfinished(Duration.ZERO, Duration.ofHours(1)),
                store,
                session.serdes())) {
      archiver.runOnce(() -> false);
      console.info("archived to " + store.location() + ": " + summary(archiver.progress()));
      return archiver.progress();
    }
  }

  /** One line. */
  static String summary(ArchiveProgress progress) {
    return grouped(progress.completed())
        + (progress.completed() == 1 ? " run" : " runs")
        + " completed, "
        + grouped(progress.batches())
        + " batches with "
        + grouped(progress.payloadBytes())
        + " bytes written, "
        + grouped(progress.unfinished().size())
        + " as they stand, "
        + grouped(progress.openRuns())
        + " not complete"
        + (progress.refused() == 0 ? "" : ", " + grouped(progress.refused()) + " records refused")
        + (progress.lost() == 0
            ? ""
            : ", " + grouped(progress.lost()) + " batches had been deleted from Kafka before");
  }
}
