// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.bench;

import io.tracefleet.archive.read.ArchiveDatabase;
import io.tracefleet.archive.store.ArchiveStore;
import io.tracefleet.archive.store.StoreLocation;
import io.tracefleet.archive.table.ArchiveTable;
import io.tracefleet.archive.table.Duck;
import io.tracefleet.archive.table.Layout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Group-bys over 1,000 runs with 10,000 hot blocks each. Argument: a directory for the archive,
 * which is made if it is not there (about 100 MB).
 */
public final class SqlBenchmark {
  private static final int RUNS = 1_000;
  private static final int ROWS = 10_000;
  private static final int TRIES = 5;

  private static final String[] QUERIES = {
    "SELECT count(*) FROM hot_blocks",
    "SELECT vaddr, sum(executions * instructions) AS weight FROM hot_blocks GROUP BY vaddr"
        + " ORDER BY weight DESC LIMIT 10",
    "SELECT run_id, sum(executions * instructions) FROM hot_blocks GROUP BY run_id",
    "SELECT r.node, sum(h.executions) FROM hot_blocks h JOIN runs r USING (run_id) GROUP BY 1"
  };

  private SqlBenchmark() {}

  /** Prints a line for each query. */
  public static void main(String[] arguments) throws Exception {
    Path root = Path.of(arguments[0]);
    if (!Files.isDirectory(root)) {
      generate(root);
    }
    for (String query : QUERIES) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < TRIES; i++) {
        long begun = System.nanoTime();
        try (ArchiveStore store = StoreLocation.parse(root.toString(), null).openToRead();
            ArchiveDatabase database = ArchiveDatabase.open(store, 1024, query, null)) {
          long opened = System.nanoTime();
          database.duck().run(query);
          long done = System.nanoTime();
          line.append(
              String.format(
                  Locale.ROOT, "  %.2f + %.2f s", (opened - begun) / 1e9, (done - opened) / 1e9));
        }
      }
      System.out.println("open + query:" + line + "  " + query);
    }
  }

  private static void generate(Path root) throws Exception {
    try (Duck duck = Duck.open(null, null, 512, 2)) {
      duck.run("CREATE TABLE run (" + ArchiveTable.RUNS.columns() + ")");
      for (int run = 0; run < RUNS; run++) {
        String runId = String.format("01972d2f-%04x-7000-8000-%012x", run % 65536, run);
        Path hot = root.resolve(Layout.directory(ArchiveTable.HOT_BLOCKS, runId));
        Files.createDirectories(hot);
        duck.run(
            """
            COPY (SELECT '%s' AS run_id, (i %% 4)::INTEGER AS vcpu,
                (4194304 + 16 * (hash(i) %% 100000))::BIGINT AS vaddr,
                (hash(i, 1) %% 2147483647)::INTEGER AS code_hash, (1 + i %% 20)::INTEGER AS instructions,
                (4 + i %% 80)::INTEGER AS bytes, (hash(i, %d) %% 1000000)::BIGINT AS executions
              FROM range(%d) t(i)) TO '%s' (FORMAT parquet, COMPRESSION zstd)
            """
                .formatted(runId, run, ROWS, hot.resolve(Layout.part(0))));
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
