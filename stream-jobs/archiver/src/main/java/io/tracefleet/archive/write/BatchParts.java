// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.write;

import io.tracefleet.archive.store.ArchiveException;
import io.tracefleet.archive.store.ArchiveException.Kind;
import io.tracefleet.archive.store.ArchiveStore;
import io.tracefleet.archive.table.ArchiveTable;
import io.tracefleet.archive.table.Duck;
import io.tracefleet.archive.table.Layout;
import io.tracefleet.archive.table.RowGroups;
import io.tracefleet.codec.Aggregator;
import io.tracefleet.codec.BatchCounts;
import io.tracefleet.codec.TraceFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts the chunks of a run together to few files, each (vCPU, sequence) once. What is already in
 * the run's files stays there, so that doing it again after a crash adds only what is missing. Used
 * by one thread.
 */
final class BatchParts {
  private static final int MEMORY_MEBIBYTES = 384;

  private final Duck duck;
  private final ArchiveStore store;
  private final long partBytes;

  private BatchParts(Duck duck, ArchiveStore store, long partBytes) {
    this.duck = duck;
    this.store = store;
    this.partBytes = partBytes;
  }

  /**
   * @param runId the run
   * @param chunks names of its chunks, by partition and offset
   * @param temporary directory for what does not fit into the memory
   * @param partBytes size of a file
   */
  static void write(
      ArchiveStore store, String runId, List<String> chunks, Path temporary, long partBytes)
      throws SQLException, ArchiveException, IOException {
    if (chunks.isEmpty()) {
      return;
    }
    // One for each run: closing it gives back all of its memory.
    try (Duck duck = Duck.open(null, temporary, MEMORY_MEBIBYTES, 2)) {
      duck.run("SET preserve_insertion_order = false"); // row groups of a size need it
      duck.run("CREATE TABLE skipped (kafka_partition INTEGER, kafka_offset BIGINT)");
      duck.run("CREATE TABLE kept (vcpu INTEGER, sequence BIGINT)");
      new BatchParts(duck, store, partBytes).write(runId, chunks);
    }
  }

  private void write(String runId, List<String> chunks)
      throws SQLException, ArchiveException, IOException {
    String directory = Layout.directory(ArchiveTable.BATCHES, runId);
    List<Path> parts = new ArrayList<>();
    int next = 0;
    for (String name : store.list(directory)) {
      parts.add(store.local(name));
      next = Math.max(next, number(name) + 1);
    }
    if (!parts.isEmpty()) {
      duck.run(
          "INSERT INTO kept SELECT vcpu, sequence FROM read_parquet(" + Duck.files(parts) + ")");
    }
    List<Path> all = new ArrayList<>();
    for (String name : chunks) {
      all.add(store.local(name));
    }
    skipDuplicates(all);
    List<Path> group = new ArrayList<>();
    long bytes = 0;
    for (Path chunk : all) {
      group.add(chunk);
      bytes += Files.size(chunk);
      if (bytes >= partBytes) {
        next += writePart(group, directory + Layout.part(next));
        group.clear();
        bytes = 0;
      }
    }
    if (!group.isEmpty()) {
      writePart(group, directory + Layout.part(next));
    }
  }

  private int writePart(List<Path> chunks, String name)
      throws SQLException, ArchiveException, IOException {
    Path file = store.work().resolve("part.parquet");
    // Only where there is something to leave out: a join holds payloads back.
    String without = "";
    if (duck.run("SELECT count(*) FROM skipped") > 0) {
      without += " ANTI JOIN skipped USING (kafka_partition, kafka_offset)";
    }
    if (duck.run("SELECT count(*) FROM kept") > 0) {
      without += " ANTI JOIN kept USING (vcpu, sequence)";
    }
    if (!(without.isEmpty() && joined(chunks, file)) && copy(chunks, without, file) == 0) {
      Files.deleteIfExists(file);
      return 0;
    }
    store.put(name, file);
    return 1;
  }

  /** Large chunks as they are, and the small ones as one: most of a run is not compressed again. */
  private boolean joined(List<Path> chunks, Path file)
      throws SQLException, ArchiveException, IOException {
    List<Path> pieces = new ArrayList<>();
    List<Path> small = new ArrayList<>();
    for (Path chunk : chunks) {
      (RowGroups.areLarge(chunk) ? pieces : small).add(chunk);
    }
    if (pieces.isEmpty()) {
      return false;
    }
    Path rest = store.work().resolve("rest.parquet");
    try {
      if (!small.isEmpty()) {
        copy(small, "", rest);
        pieces.add(rest);
      }
      return RowGroups.join(pieces, file);
    } finally {
      Files.deleteIfExists(rest);
    }
  }

  private long copy(List<Path> chunks, String without, Path file) throws SQLException {
    return duck.run(
        "COPY (SELECT * FROM read_parquet(%s) %s) TO %s %s"
            .formatted(Duck.files(chunks), without, Duck.literal(file), BatchBuffer.COPY_OPTIONS));
  }

  /**
   * Of batches that arrived more than once, one stays: the first that can be read, as in the jobs.
   */
  private void skipDuplicates(List<Path> chunks) throws SQLException {
    String from = " FROM read_parquet(" + Duck.files(chunks) + ")";
    List<long[]> copies = new ArrayList<>();
    try (Statement statement = duck.connection().createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT vcpu, sequence, kafka_partition, kafka_offset"
                    + from
                    + " QUALIFY count(*) OVER (PARTITION BY vcpu, sequence) > 1"
                    + " ORDER BY vcpu, sequence, kafka_offset")) {
      while (rows.next()) {
        copies.add(new long[] {rows.getLong(1), rows.getLong(2), rows.getLong(3), rows.getLong(4)});
      }
    }
    int begin = 0;
    while (begin < copies.size()) {
      int end = begin + 1;
      while (end < copies.size()
          && copies.get(end)[0] == copies.get(begin)[0]
          && copies.get(end)[1] == copies.get(begin)[1]) {
        end++;
      }
      int stays = begin;
      for (int i = begin; i < end; i++) {
        if (readable(from, copies.get(i))) {
          stays = i;
          break;
        }
      }
      for (int i = begin; i < end; i++) {
        if (i != stays) {
          duck.run(
              "INSERT INTO skipped VALUES (%d, %d)".formatted(copies.get(i)[2], copies.get(i)[3]));
        }
      }
      begin = end;
    }
  }

  private boolean readable(String from, long[] copy) throws SQLException {
    try (PreparedStatement statement =
        duck.connection()
            .prepareStatement(
                "SELECT payload" + from + " WHERE kafka_partition = ? AND kafka_offset = ?")) {
      statement.setInt(1, (int) copy[2]);
      statement.setLong(2, copy[3]);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return false;
        }
        byte[] payload = row.getBytes(1);
        new Aggregator().fold(payload, 0, payload.length, new BatchCounts());
        return true;
      }
    } catch (TraceFormatException e) {
      return false;
    }
  }

  private int number(String name) throws ArchiveException {
    try {
      return Integer.parseInt(name.substring(name.length() - 13, name.length() - 8));
    } catch (NumberFormatException e) {
      throw new ArchiveException(
          Kind.STORE,
          "File %s of archive %s is not one of its own: move it away."
              .formatted(name, store.location()),
          e);
    }
  }
}
