// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.see;

import io.tracefleet.archive.table.ArchiveTable;
import io.tracefleet.archive.table.Duck;
import io.tracefleet.archive.table.Layout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;

/** An archive of many runs with nothing but hot blocks, the same each time. Stateless. */
final class SyntheticArchive {
  static final int ROWS_OF_RUN = 10_000;

  private static final int MEMORY_MEBIBYTES = 512;
  private static final int THREADS = 2;

  /** As the archiver writes: sorted by key. Of a block's 100,000 addresses each run has a tenth. */
  private static final String HOT_BLOCKS =
      """
      COPY (SELECT '%1$s' AS run_id, (i %% 4)::INTEGER AS vcpu,
          (4194304 + 16 * (hash(i, %2$d) %% 100000))::BIGINT AS vaddr,
          (hash(i, 1) %% 2147483647)::INTEGER AS code_hash, (1 + i %% 20)::INTEGER AS instructions,
          (4 + i %% 80)::INTEGER AS bytes, (hash(i, %2$d, 2) %% 1000000)::BIGINT AS executions
        FROM range(%3$d) t(i) ORDER BY ALL) TO %4$s (FORMAT parquet, COMPRESSION zstd)
      """;

  private SyntheticArchive() {}

  static void write(Path root, int runs) throws SQLException, IOException {
    try (Duck duck = Duck.open(null, null, MEMORY_MEBIBYTES, THREADS)) {
      duck.run("CREATE TABLE run (" + ArchiveTable.RUNS.columns() + ")");
      for (int run = 0; run < runs; run++) {
        String runId = String.format("01972d2f-%04x-7000-8000-%012x", run, run);
        Path hot =
            root.resolve(Layout.directory(ArchiveTable.HOT_BLOCKS, runId)).resolve(Layout.part(0));
        Files.createDirectories(hot.getParent());
        duck.run(HOT_BLOCKS.formatted(runId, run, ROWS_OF_RUN, Duck.literal(hot)));
        duck.run("TRUNCATE run");
        duck.run(
            "INSERT INTO run BY NAME SELECT '%s' AS run_id, 'node-%d' AS node"
                .formatted(runId, run % 10));
        Path file = root.resolve(Layout.runFile(runId));
        Files.createDirectories(file.getParent());
        duck.run("COPY run TO " + Duck.literal(file) + " (FORMAT parquet, COMPRESSION zstd)");
      }
    }
  }
}
