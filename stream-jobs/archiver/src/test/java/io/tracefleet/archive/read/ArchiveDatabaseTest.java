// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tracefleet.archive.store.ArchiveException;
import io.tracefleet.archive.store.ArchiveStore;
import io.tracefleet.archive.store.StoreLocation;
import io.tracefleet.archive.table.ArchiveTable;
import io.tracefleet.archive.table.Duck;
import io.tracefleet.archive.table.Layout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An archive made by hand: one run that is complete, one that is not. */
class ArchiveDatabaseTest {
  private static final String COMPLETE = "01972d2f-0001-7000-8000-000000000001";
  private static final String OPEN = "01972d2f-0002-7000-8000-000000000002";

  @TempDir Path root;

  @BeforeEach
  void makeArchive() throws Exception {
    try (Duck duck = Duck.open(null, null, 256, 1)) {
      write(duck, ArchiveTable.RUNS, Layout.runFile(COMPLETE), "'" + COMPLETE + "' AS run_id");
      write(duck, ArchiveTable.BATCHES, part(COMPLETE), batch(COMPLETE, 0, 5, 0));
      // A killed archiver left these behind: they do not count twice.
      write(duck, ArchiveTable.BATCHES, chunk(COMPLETE, 0), batch(COMPLETE, 0, 5, 0));
      write(duck, ArchiveTable.BATCHES, part(OPEN), batch(OPEN, 0, 7, 1));
      write(duck, ArchiveTable.BATCHES, chunk(OPEN, 1), batch(OPEN, 0, 7, 1));
      write(duck, ArchiveTable.BATCHES, chunk(OPEN, 2), batch(OPEN, 0, 7, 2));
      write(duck, ArchiveTable.BATCHES, chunk(OPEN, 3), batch(OPEN, 1, 9, 3));
    }
  }

  private static String part(String runId) {
    return Layout.directory(ArchiveTable.BATCHES, runId) + Layout.part(0);
  }

  private static String chunk(String runId, long offset) {
    return Layout.chunk("topic", runId, 0, offset);
  }

  private static String batch(String runId, long sequence, long instructions, long offset) {
    return "'%s' AS run_id, 0 AS vcpu, %d::BIGINT AS sequence, %d::BIGINT AS instructions, 0 AS kafka_partition, %d::BIGINT AS kafka_offset"
        .formatted(runId, sequence, instructions, offset);
  }

  private void write(Duck duck, ArchiveTable table, String name, String columns) throws Exception {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    duck.run("CREATE OR REPLACE TABLE t (" + table.columns() + ")");
    duck.run("INSERT INTO t BY NAME SELECT " + columns);
    duck.run("COPY t TO " + Duck.literal(file) + " (FORMAT parquet)");
  }

  private long ask(String query) throws Exception {
    try (ArchiveStore store = StoreLocation.parse(root.toString(), null).openToRead();
        ArchiveDatabase database = ArchiveDatabase.open(store, 256, query, null)) {
      return database.duck().run(query);
    }
  }

  @Test
  void eachBatchIsThereOnce() throws Exception {
    assertThat(ask("SELECT count(*) FROM batches")).isEqualTo(3);
    assertThat(ask("SELECT sum(instructions) FROM batches WHERE run_id = '" + OPEN + "'"))
        .isEqualTo(16);
    assertThat(ask("SELECT sum(instructions) FROM batches WHERE run_id = '" + COMPLETE + "'"))
        .isEqualTo(5);
  }

  @Test
  void tablesWithoutRowsAreThere() throws Exception {
    for (ArchiveTable table : ArchiveTable.values()) {
      assertThat(
              ask(
                  "SELECT count(*) FROM (SELECT %s, date FROM %s)"
                      .formatted(table.columnNames(), table.tableName())))
          .isNotNegative();
    }
    assertThat(ask("SELECT sum(runs) FROM nodes")).isEqualTo(1);
    assertThat(ask("SELECT count(*) FROM runs WHERE date = DATE '2025-06-02'")).isZero();
  }

  @Test
  void addressesAreShownAsTheyAre() throws Exception {
    assertThat(ask("SELECT count(*) FROM runs WHERE address(-2130706432) = '0xffffffff81000000'"))
        .isEqualTo(1);
  }

  @Test
  void nothingElseCanBeReadOrLoaded() throws Exception {
    Path secret = Files.writeString(root.resolveSibling("secret.csv"), "a\n1\n");
    try {
      for (String query :
          new String[] {
            "SELECT * FROM read_csv('" + secret + "')",
            "COPY (SELECT 1) TO '" + root.resolveSibling("stolen.csv") + "'",
            "ATTACH '" + root.resolveSibling("other.duckdb") + "'",
            "INSTALL httpfs",
            "LOAD httpfs",
            "SET enable_external_access = true",
            "SELECT * FROM read_parquet('http://127.0.0.1:1/x.parquet')"
          }) {
        assertThatThrownBy(() -> ask(query)).as(query).isInstanceOf(java.sql.SQLException.class);
      }
    } finally {
      Files.delete(secret);
    }
  }

  @Test
  void noArchiveIsSaidSo() {
    assertThatThrownBy(
            () -> StoreLocation.parse(root.resolve("none").toString(), null).openToRead())
        .isInstanceOf(ArchiveException.class)
        .hasMessageContaining("There is no archive");
  }
}
