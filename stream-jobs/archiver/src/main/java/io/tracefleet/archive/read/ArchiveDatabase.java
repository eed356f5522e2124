// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.read;

import io.tracefleet.archive.store.ArchiveException;
import io.tracefleet.archive.store.ArchiveException.Kind;
import io.tracefleet.archive.store.ArchiveStore;
import io.tracefleet.archive.table.ArchiveTable;
import io.tracefleet.archive.table.Duck;
import io.tracefleet.archive.table.Layout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * An archive as a database: a view for each table, and {@code nodes}. It shows the runs that were
 * complete when it was opened, and the batches of the others as far as they had arrived, each once.
 * Its queries can read nothing but the archive, and load nothing. Used by one thread.
 */
public final class ArchiveDatabase implements AutoCloseable {
  /** The view that has no files of its own. */
  public static final String NODES = "nodes";

  private static final String NODES_QUERY =
      """
      SELECT node, count(*) AS runs, count(*) FILTER (parent_run_id IS NULL) AS root_runs,
        min(started_at) AS first_started_at, max(ended_at) AS last_ended_at,
        sum(executed)::BIGINT AS executed, list(DISTINCT qemu_version) AS qemu_versions,
        list(DISTINCT plugin_version) AS plugin_versions
      FROM runs GROUP BY node
      """;

  /** Chunks may hold a batch twice; the rows without their payloads tell which. */
  private static final String OPEN_BATCHES =
      """
      SELECT * FROM open_chunks ANTI JOIN
        (SELECT run_id, kafka_partition, kafka_offset FROM open_chunks QUALIFY row_number() OVER
          (PARTITION BY run_id, vcpu, sequence ORDER BY kafka_offset) > 1)
        USING (run_id, kafka_partition, kafka_offset)
      """;

  private final Duck duck;
  private final Path temporary;

  private ArchiveDatabase(Duck duck, Path temporary) {
    this.duck = duck;
    this.temporary = temporary;
  }

  /**
   * @param store stays the caller's, and must stay open
   * @param memoryMebibytes bound of the database's memory, outside of the heap
   * @param query what will be asked, so that only its tables are fetched; null: anything
   * @param output file that a query may write, or null
   */
  public static ArchiveDatabase open(
      ArchiveStore store, int memoryMebibytes, String query, Path output) throws ArchiveException {
    Path temporary = null;
    Duck duck = null;
    ArchiveDatabase database = null;
    try {
      temporary = Files.createTempDirectory("tracefleet-sql-");
      duck =
          Duck.open(null, temporary, memoryMebibytes, Runtime.getRuntime().availableProcessors());
      database = new ArchiveDatabase(duck, temporary);
      Set<Path> directories = database.createViews(store, wanted(query));
      directories.add(temporary);
      lock(duck, directories, output);
      return database;
    } catch (SQLException | IOException e) {
      if (database != null) {
        database.close();
      }
      throw new ArchiveException(
          Kind.STORE, "Archive " + store.location() + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** Which tables a query may mean: those that it names. */
  private static Predicate<String> wanted(String query) {
    if (query == null) {
      return table -> true;
    }
    String text = query.toLowerCase(Locale.ROOT);
    return table ->
        Pattern.compile("\\b" + table + "\\b").matcher(text).find()
            || table.equals("runs") && text.contains(NODES);
  }

  private Set<Path> createViews(ArchiveStore store, Predicate<String> wanted)
      throws SQLException, ArchiveException {
    Set<Path> directories = new HashSet<>();
    // First what is open: a run that is completed meanwhile is then found in the second list.
    List<String> chunks = wanted.test("batches") ? store.list(Layout.OPEN) : List.of();
    Set<String> complete = new HashSet<>();
    for (String name : store.list(ArchiveTable.RUNS.tableName() + "/")) {
      complete.add(Layout.runOf(name));
    }
    Map<ArchiveTable, List<Path>> files = new EnumMap<>(ArchiveTable.class);
    for (ArchiveTable table : ArchiveTable.values()) {
      List<Path> local = new ArrayList<>();
      if (wanted.test(table.tableName())) {
        for (String name : store.list(table.tableName() + "/")) {
          if (complete.contains(Layout.runOf(name))) {
            local.add(store.local(name));
          }
        }
      }
      files.put(table, local);
    }
    List<Path> open = new ArrayList<>();
    for (String name : chunks) {
      String runId = Layout.runOf(name);
      if (runId != null && !complete.contains(runId)) {
        open.add(store.local(name));
      }
    }
    for (ArchiveTable table : ArchiveTable.values()) {
      List<Path> local = files.get(table);
      String query =
          local.isEmpty() ? null : "SELECT * FROM (%s)".formatted(complete(table, local));
      if (table == ArchiveTable.BATCHES && !open.isEmpty()) {
        duck.run(
            "CREATE VIEW open_chunks AS SELECT * EXCLUDE (run) FROM %s".formatted(parquet(open)));
        query = (query == null ? "" : query + " UNION ALL BY NAME ") + OPEN_BATCHES;
      }
      view(table, query);
      local.forEach(file -> directories.add(root(file)));
    }
    open.forEach(file -> directories.add(root(file)));
    duck.run("CREATE VIEW " + NODES + " AS " + NODES_QUERY);
    duck.run("CREATE MACRO address(x) AS '0x' || lower(to_hex(x::BIGINT))");
    return directories;
  }

  private void view(ArchiveTable table, String query) throws SQLException {
    if (query == null) {
      String name = "no_" + table.tableName();
      duck.run("CREATE TABLE %s (%s, date DATE)".formatted(name, table.columns()));
      query = "SELECT * FROM " + name;
    }
    duck.run("CREATE VIEW %s AS %s".formatted(table.tableName(), query));
  }

  /** The run's id is taken from the path, so that a condition on it passes over other files. */
  private static String complete(ArchiveTable table, List<Path> files) {
    return "SELECT * EXCLUDE (run) REPLACE (run AS run_id) FROM %s".formatted(parquet(files));
  }

  private static String parquet(List<Path> files) {
    return "read_parquet(%s, hive_partitioning = true, hive_types = {'date': DATE, 'run': VARCHAR})"
        .formatted(Duck.files(files));
  }

  /** TABLE/date=.../run=.../FILE: the directory above the table. */
  private static Path root(Path file) {
    return file.getParent().getParent().getParent();
  }

  private static void lock(Duck duck, Set<Path> directories, Path output) throws SQLException {
    duck.run("SET allowed_directories = " + Duck.files(List.copyOf(directories)));
    if (output != null) {
      // While it is written, it has another name beside it.
      Path absolute = output.toAbsolutePath();
      duck.run(
          "SET allowed_paths = "
              + Duck.files(
                  List.of(absolute, absolute.resolveSibling("tmp_" + absolute.getFileName()))));
    }
    duck.run("SET allow_community_extensions = false");
    duck.run("SET enable_external_access = false");
    duck.run("SET lock_configuration = true");
  }

  /** The database. */
  public Duck duck() {
    return duck;
  }

  @Override
  public void close() {
    duck.close();
    try (var files = Files.list(temporary)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      // The system clears its temporary files.
    }
  }
}
