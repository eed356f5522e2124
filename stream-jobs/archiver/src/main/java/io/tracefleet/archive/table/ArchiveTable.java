// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.table;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The tables of an archive. Columns are plain Parquet types: BOOLEAN, INT32, INT64, strings, bytes,
 * timestamps in microseconds UTC. Addresses are INT64 with the bits of the unsigned address. Tables
 * hold totals of whole runs; those named {@code _by_minute} hold the same by minute.
 */
public enum ArchiveTable {
  /** One row for each run. Its file is written last: a run that has it is complete. */
  RUNS(
      "run_id VARCHAR, parent_run_id VARCHAR, root_run_id VARCHAR, node VARCHAR, name VARCHAR,"
          + " labels MAP(VARCHAR, VARCHAR), command VARCHAR[], target VARCHAR,"
          + " system_emulation BOOLEAN, qemu_version VARCHAR, plugin_api_min INTEGER,"
          + " plugin_api_current INTEGER, smp_vcpus INTEGER, max_vcpus INTEGER, mode VARCHAR,"
          + " when_full VARCHAR, image VARCHAR, start_code BIGINT, end_code BIGINT,"
          + " entry_code BIGINT, started_at TIMESTAMPTZ, ended_at TIMESTAMPTZ, exit_code INTEGER,"
          + " end_reason VARCHAR, executed BIGINT, batches BIGINT, payload_bytes BIGINT,"
          + " wire_bytes BIGINT, held_nanos BIGINT, plugin_version VARCHAR"),
  VCPU_INSTRUCTIONS(
      "run_id VARCHAR, vcpu INTEGER, generation INTEGER, instructions BIGINT, blocks BIGINT,"
          + " loads BIGINT, stores BIGINT, load_bytes BIGINT, store_bytes BIGINT, idles BIGINT,"
          + " resumes BIGINT"),
  VCPU_INSTRUCTIONS_BY_MINUTE(
      "run_id VARCHAR, vcpu INTEGER, generation INTEGER, minute TIMESTAMPTZ, instructions BIGINT,"
          + " blocks BIGINT, loads BIGINT, stores BIGINT, load_bytes BIGINT, store_bytes BIGINT,"
          + " idles BIGINT, resumes BIGINT"),
  HOT_BLOCKS(
      "run_id VARCHAR, vcpu INTEGER, vaddr BIGINT, code_hash INTEGER, instructions INTEGER,"
          + " bytes INTEGER, executions BIGINT"),
  HOT_BLOCKS_BY_MINUTE(
      "run_id VARCHAR, vcpu INTEGER, minute TIMESTAMPTZ, vaddr BIGINT, code_hash INTEGER,"
          + " instructions INTEGER, bytes INTEGER, executions BIGINT"),
  HWADDR(
      "run_id VARCHAR, vcpu INTEGER, io BOOLEAN, device VARCHAR, reads BIGINT, writes BIGINT,"
          + " read_bytes BIGINT, write_bytes BIGINT"),
  HWADDR_BY_MINUTE(
      "run_id VARCHAR, vcpu INTEGER, minute TIMESTAMPTZ, io BOOLEAN, device VARCHAR,"
          + " reads BIGINT, writes BIGINT, read_bytes BIGINT, write_bytes BIGINT"),
  PAGES(
      "run_id VARCHAR, vcpu INTEGER, page BIGINT, reads BIGINT, writes BIGINT, read_bytes BIGINT,"
          + " write_bytes BIGINT"),
  SYSCALLS(
      "run_id VARCHAR, vcpu INTEGER, number BIGINT, name VARCHAR, calls BIGINT, returns BIGINT,"
          + " errors BIGINT"),
  SYSCALLS_BY_MINUTE(
      "run_id VARCHAR, vcpu INTEGER, minute TIMESTAMPTZ, number BIGINT, name VARCHAR,"
          + " calls BIGINT, returns BIGINT, errors BIGINT"),
  /** What each block is: the disassembly has a line for each instruction. */
  BLOCKS(
      "run_id VARCHAR, vaddr BIGINT, code_hash INTEGER, instructions INTEGER, code BLOB,"
          + " disassembly VARCHAR, symbol VARCHAR, page BIGINT, image VARCHAR,"
          + " image_offset BIGINT"),
  /** Conservation: from the node's totals, and from what the jobs counted. */
  ACCOUNTING(
      "run_id VARCHAR, vcpu INTEGER, executed BIGINT, encoded BIGINT, dropped BIGINT,"
          + " passed BIGINT, published BIGINT, published_batches BIGINT, aggregated BIGINT, batches BIGINT,"
          + " next_sequence BIGINT, blocks BIGINT, accesses BIGINT, duplicates BIGINT,"
          + " broken BIGINT, dropped_batches BIGINT, dropped_instructions BIGINT"),
  /** The trace itself, each (run, vCPU, sequence) once. */
  BATCHES(
      "run_id VARCHAR, vcpu INTEGER, generation INTEGER, sequence BIGINT, target VARCHAR,"
          + " system_emulation BOOLEAN, opened_at TIMESTAMPTZ, sealed_at TIMESTAMPTZ,"
          + " first_instruction BIGINT, instructions BIGINT, blocks BIGINT, accesses BIGINT,"
          + " dropped_batches BIGINT, dropped_instructions BIGINT, dropped_blocks BIGINT,"
          + " dropped_accesses BIGINT, codec INTEGER, rescued BOOLEAN, payload BLOB,"
          + " kafka_partition INTEGER, kafka_offset BIGINT");

  private final String columns;

  ArchiveTable(String columns) {
    this.columns = columns;
  }

  /** Name of the table, of its view and of its directory. */
  public String tableName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Columns with types, as in CREATE TABLE. */
  public String columns() {
    return columns;
  }

  /** Names of the columns, with commas. */
  public String columnNames() {
    // A type may have a comma of its own, in parentheses.
    List<String> names =
        Arrays.stream(columns.split(", (?![^(]*\\))", -1))
            .map(column -> column.substring(0, column.indexOf(' ')))
            .toList();
    return String.join(", ", names);
  }
}
