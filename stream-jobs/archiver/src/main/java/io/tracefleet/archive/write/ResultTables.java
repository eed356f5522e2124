// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.write;

import io.tracefleet.archive.table.ArchiveTable;
import io.tracefleet.archive.table.Duck;
import io.tracefleet.schemas.Accounting;
import io.tracefleet.schemas.AccountingKey;
import io.tracefleet.schemas.BlockDetail;
import io.tracefleet.schemas.BlockKey;
import io.tracefleet.schemas.EpochMicros;
import io.tracefleet.schemas.HotBlock;
import io.tracefleet.schemas.HotBlockKey;
import io.tracefleet.schemas.Hwaddr;
import io.tracefleet.schemas.HwaddrKey;
import io.tracefleet.schemas.Instruction;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.Syscall;
import io.tracefleet.schemas.SyscallKey;
import io.tracefleet.schemas.VcpuInstructions;
import io.tracefleet.schemas.VcpuKey;
import io.tracefleet.schemas.VcpuTotals;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.duckdb.DuckDBAppender;

/**
 * Results of the runs that are not complete yet, in a scratch database: every value that was read,
 * with its offset. The latest of a key is its value; a key never changes its partition, so the
 * largest offset is the latest. Used by one thread.
 */
final class ResultTables {
  /** A scratch table: its key, and its other columns. */
  private enum Scratch {
    VCPUS(
        "run_id VARCHAR, vcpu INTEGER, generation INTEGER, minute TIMESTAMPTZ",
        "instructions BIGINT, blocks BIGINT, loads BIGINT, stores BIGINT, load_bytes BIGINT,"
            + " store_bytes BIGINT, idles BIGINT, resumes BIGINT"),
    HOT(
        "run_id VARCHAR, vcpu INTEGER, vaddr BIGINT, code_hash INTEGER, instructions INTEGER,"
            + " minute TIMESTAMPTZ",
        "bytes INTEGER, executions BIGINT"),
    TRAFFIC(
        "run_id VARCHAR, vcpu INTEGER, io BOOLEAN, device VARCHAR, page BIGINT, minute TIMESTAMPTZ",
        "reads BIGINT, writes BIGINT, read_bytes BIGINT, write_bytes BIGINT"),
    CALLS(
        "run_id VARCHAR, vcpu INTEGER, number BIGINT, minute TIMESTAMPTZ",
        "name VARCHAR, calls BIGINT, returns BIGINT, errors BIGINT"),
    DETAILS(
        "run_id VARCHAR, vaddr BIGINT, code_hash INTEGER",
        "instructions INTEGER, code BLOB, disassembly VARCHAR, symbol VARCHAR, page BIGINT,"
            + " image VARCHAR, image_offset BIGINT"),
    ACCOUNTS(
        "run_id VARCHAR, vcpu INTEGER",
        "batches BIGINT, next_sequence BIGINT, instructions BIGINT, blocks BIGINT,"
            + " accesses BIGINT, duplicates BIGINT, broken BIGINT, dropped_batches BIGINT,"
            + " dropped_instructions BIGINT");

    final String keys;
    final String values;

    Scratch(String keys, String values) {
      this.keys = keys;
      this.values = values;
    }

    String keyNames() {
      return keys.replaceAll(" [A-Z]+", "");
    }
  }

  /** End reason of a run that was archived before its end. */
  private static final String UNFINISHED = "unfinished";

  private static final String OPTIONS = "(FORMAT parquet, COMPRESSION zstd)";

  private final Duck duck;
  private final Map<Scratch, DuckDBAppender> appenders = new LinkedHashMap<>();

  ResultTables(Duck duck) throws SQLException {
    this.duck = duck;
    for (Scratch scratch : Scratch.values()) {
      duck.run(
          "CREATE TABLE %s (%s, %s, kafka_offset BIGINT)"
              .formatted(scratch, scratch.keys, scratch.values));
    }
    duck.run(
        "CREATE TABLE TOTALS (run_id VARCHAR, vcpu INTEGER, executed BIGINT, encoded BIGINT,"
            + " dropped BIGINT, passed BIGINT, published BIGINT, published_batches BIGINT)");
    duck.run("CREATE TABLE ENDED (" + ArchiveTable.RUNS.columns() + ")");
  }

  private DuckDBAppender row(Scratch scratch) throws SQLException {
    DuckDBAppender appender = appenders.get(scratch);
    if (appender == null) {
      appender = duck.appender(scratch.name());
      appenders.put(scratch, appender);
    }
    return appender.beginRow();
  }

  private static void appendMinute(DuckDBAppender row, Instant minute) throws SQLException {
    if (minute == null) {
      row.appendNull();
    } else {
      row.appendEpochMicros(EpochMicros.of(minute));
    }
  }

  void add(VcpuKey key, VcpuInstructions value, long offset) throws SQLException {
    DuckDBAppender row =
        row(Scratch.VCPUS).append(key.getRunId()).append(key.getVcpu()).append(key.getGeneration());
    appendMinute(row, key.getWindowStart());
    row.append(value.getInstructions())
        .append(value.getBlocks())
        .append(value.getLoads())
        .append(value.getStores())
        .append(value.getLoadBytes())
        .append(value.getStoreBytes())
        .append(value.getIdles())
        .append(value.getResumes())
        .append(offset)
        .endRow();
  }

  void add(HotBlockKey key, HotBlock value, long offset) throws SQLException {
    DuckDBAppender row =
        row(Scratch.HOT)
            .append(key.getRunId())
            .append(key.getVcpu())
            .append(key.getVaddr())
            .append(key.getCodeHash())
            .append(key.getInstructions());
    appendMinute(row, key.getWindowStart());
    row.append(value.getBytes()).append(value.getExecutions()).append(offset).endRow();
  }

  void add(HwaddrKey key, Hwaddr value, long offset) throws SQLException {
    DuckDBAppender row =
        row(Scratch.TRAFFIC)
            .append(key.getRunId())
            .append(key.getVcpu())
            .append(key.getIo())
            .append(key.getDevice())
            .append(key.getPage());
    appendMinute(row, key.getWindowStart());
    row.append(value.getReads())
        .append(value.getWrites())
        .append(value.getReadBytes())
        .append(value.getWriteBytes())
        .append(offset)
        .endRow();
  }

  void add(SyscallKey key, Syscall value, long offset) throws SQLException {
    DuckDBAppender row =
        row(Scratch.CALLS).append(key.getRunId()).append(key.getVcpu()).append(key.getNumber());
    appendMinute(row, key.getWindowStart());
    row.append(value.getName())
        .append(value.getCalls())
        .append(value.getReturns())
        .append(value.getErrors())
        .append(offset)
        .endRow();
  }

  void add(BlockKey key, BlockDetail value, long offset) throws SQLException {
    ByteArrayOutputStream code = new ByteArrayOutputStream();
    StringBuilder text = new StringBuilder();
    for (Instruction instruction : value.getInstructions()) {
      ByteBuffer bytes = instruction.getCode();
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(bytes.position(), copy);
      code.writeBytes(copy);
      text.append(text.length() == 0 ? "" : "\n").append(instruction.getDisassembly());
    }
    row(Scratch.DETAILS)
        .append(key.getRunId())
        .append(key.getVaddr())
        .append(key.getCodeHash())
        .append(value.getInstructions().size())
        .append(code.toByteArray())
        .append(text.toString())
        .append(value.getSymbol())
        .append(value.getPage())
        .append(value.getImage())
        .append(value.getImageOffset())
        .append(offset)
        .endRow();
  }

  void add(AccountingKey key, Accounting value, long offset) throws SQLException {
    row(Scratch.ACCOUNTS)
        .append(key.getRunId())
        .append(key.getVcpu())
        .append(value.getBatches())
        .append(value.getNextSequence())
        .append(value.getInstructions())
        .append(value.getBlocks())
        .append(value.getAccesses())
        .append(value.getDuplicates())
        .append(value.getBroken())
        .append(value.getDroppedBatches())
        .append(value.getDroppedInstructions())
        .append(offset)
        .endRow();
  }

  /** Makes what was added visible to {@link #write}. */
  void flush() throws SQLException {
    for (DuckDBAppender appender : appenders.values()) {
      appender.close();
    }
    appenders.clear();
  }

  /**
   * The run's own record, and its vCPUs' totals. What only its end tells is null if it has none.
   */
  void end(Run run) throws SQLException {
    boolean ended = run.getEnd() != null;
    duck.run("DELETE FROM TOTALS");
    duck.run("DELETE FROM ENDED");
    long executed = 0;
    try (DuckDBAppender totals = duck.appender("TOTALS")) {
      for (VcpuTotals total : RunState.totals(run)) {
        executed += total.getExecuted();
        totals
            .beginRow()
            .append(run.getRunId())
            .append(total.getVcpu())
            .append(total.getExecuted())
            .append(total.getEncoded())
            .append(total.getDropped())
            .append(total.getPassed())
            .append(total.getPublished())
            .append(total.getBatches())
            .endRow();
      }
    }
    try (DuckDBAppender row = duck.appender("ENDED")) {
      row.beginRow()
          .append(run.getRunId())
          .append(run.getParentRunId())
          .append(run.getRootRunId())
          .append(run.getNode())
          .append(run.getName())
          .append(run.getLabels())
          .append(run.getCommand())
          .append(run.getTarget())
          .append(run.getSystemEmulation())
          .append(run.getQemuVersion())
          .append(run.getPluginApiMin())
          .append(run.getPluginApiCurrent())
          .append(run.getSmpVcpus())
          .append(run.getMaxVcpus())
          .append(run.getMode())
          .append(run.getWhenFull())
          .append(run.getImage())
          .append(run.getStartCode())
          .append(run.getEndCode())
          .append(run.getEntryCode())
          .appendEpochMicros(EpochMicros.of(run.getStart()));
      if (ended) {
        row.appendEpochMicros(EpochMicros.of(run.getEnd()))
            .append(run.getExitCode())
            .append(run.getEndReason())
            .append(executed)
            .append(run.getBatches())
            .append(run.getPayloadBytes())
            .append(run.getWireBytes())
            .append(run.getHeldNanos());
      } else {
        row.appendNull().appendNull().append(UNFINISHED);
        row.appendNull().appendNull().appendNull().appendNull().appendNull();
      }
      row.append(run.getPluginVersion()).endRow();
    }
  }

  /**
   * Writes one table of one run.
   *
   * @return rows written; the file is there even if there are none
   */
  long write(ArchiveTable table, String runId, Path file) throws SQLException {
    return duck.run(
        "COPY (%s) TO %s %s".formatted(query(table, runId), Duck.literal(file), OPTIONS));
  }

  private static String query(ArchiveTable table, String runId) {
    return switch (table) {
      case RUNS -> "SELECT * FROM ENDED";
      case VCPU_INSTRUCTIONS -> select(table, Scratch.VCPUS, runId, "minute IS NULL");
      case VCPU_INSTRUCTIONS_BY_MINUTE -> select(table, Scratch.VCPUS, runId, "minute NOTNULL");
      case HOT_BLOCKS -> select(table, Scratch.HOT, runId, "minute IS NULL");
      case HOT_BLOCKS_BY_MINUTE -> select(table, Scratch.HOT, runId, "minute NOTNULL");
      case HWADDR -> select(table, Scratch.TRAFFIC, runId, "minute IS NULL AND page IS NULL");
      case HWADDR_BY_MINUTE -> select(table, Scratch.TRAFFIC, runId, "minute NOTNULL");
      case PAGES -> select(table, Scratch.TRAFFIC, runId, "minute IS NULL AND page NOTNULL");
      case SYSCALLS -> select(table, Scratch.CALLS, runId, "minute IS NULL");
      case SYSCALLS_BY_MINUTE -> select(table, Scratch.CALLS, runId, "minute NOTNULL");
      case BLOCKS -> select(table, Scratch.DETAILS, runId, "true");
      case ACCOUNTING ->
          """
          SELECT %s AS run_id, vcpu, coalesce(executed, unknown) AS executed,
            coalesce(encoded, unknown) AS encoded, coalesce(dropped, unknown) AS dropped,
            coalesce(passed, unknown) AS passed,
            coalesce(published, unknown) AS published,
            coalesce(published_batches, unknown) AS published_batches,
            coalesce(instructions, 0) AS aggregated, coalesce(batches, 0) AS batches,
            coalesce(next_sequence, 0) AS next_sequence, coalesce(blocks, 0) AS blocks,
            coalesce(accesses, 0) AS accesses, coalesce(duplicates, 0) AS duplicates,
            coalesce(broken, 0) AS broken, coalesce(dropped_batches, 0) AS dropped_batches,
            coalesce(dropped_instructions, 0) AS dropped_instructions
          FROM TOTALS FULL JOIN (%s) USING (vcpu),
            (SELECT CASE WHEN ended_at NOTNULL THEN 0 END AS unknown FROM ENDED)
          ORDER BY vcpu
          """
              .formatted(
                  Duck.literal(runId),
                  "SELECT * EXCLUDE (run_id) FROM " + latest(Scratch.ACCOUNTS, runId));
      case BATCHES -> throw new IllegalArgumentException("batches are no results");
    };
  }

  private static String select(
      ArchiveTable table, Scratch scratch, String runId, String condition) {
    return "SELECT %s FROM %s WHERE %s ORDER BY ALL"
        .formatted(table.columnNames(), latest(scratch, runId), condition);
  }

  private static String latest(Scratch scratch, String runId) {
    return """
    (SELECT * EXCLUDE (kafka_offset) FROM %s WHERE run_id = %s
    QUALIFY row_number() OVER (PARTITION BY %s ORDER BY kafka_offset DESC) = 1)
    """
        .formatted(scratch, Duck.literal(runId), scratch.keyNames());
  }

  /** Forgets a run. */
  void delete(String runId) throws SQLException {
    for (Scratch scratch : Scratch.values()) {
      duck.run("DELETE FROM %s WHERE run_id = %s".formatted(scratch, Duck.literal(runId)));
    }
  }
}
