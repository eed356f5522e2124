// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.see;

import io.tracefleet.archive.read.ArchiveDatabase;
import io.tracefleet.archive.store.ArchiveStore;
import io.tracefleet.archive.store.StoreLocation;
import java.nio.file.Path;

/** How long group-bys over an archive take, as {@code tracefleet sql} asks them. Stateless. */
final class SqlQuestions {
  static final String BY_RUN =
      "SELECT run_id, sum(executions * instructions) AS weight FROM hot_blocks GROUP BY run_id"
          + " ORDER BY weight DESC LIMIT 10";
  static final String BY_BLOCK =
      "SELECT vaddr, sum(executions * instructions) AS weight FROM hot_blocks GROUP BY vaddr"
          + " ORDER BY weight DESC LIMIT 10";

  private static final int MEMORY_MEBIBYTES = 1024;
  private static final int WARM = 2;

  private SqlQuestions() {}

  /** Asks a database that was just opened, opening included; then asks the same one again. */
  static void measure(
      Path archive, String query, SeeResult.Gathering to, SeeFigure first, SeeFigure warm)
      throws Exception {
    long begun = System.nanoTime();
    try (ArchiveStore store = StoreLocation.parse(archive.toString(), null).openToRead();
        ArchiveDatabase database = ArchiveDatabase.open(store, MEMORY_MEBIBYTES, query, null)) {
      database.duck().run(query);
      to.add(first, (System.nanoTime() - begun) / 1e9);
      for (int i = 0; i < WARM; i++) {
        begun = System.nanoTime();
        database.duck().run(query);
        to.add(warm, (System.nanoTime() - begun) / 1e9);
      }
    }
  }
}
