// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import io.tracefleet.archive.read.ArchiveDatabase;
import io.tracefleet.archive.store.ArchiveException;
import io.tracefleet.archive.store.ArchiveException.Kind;
import io.tracefleet.archive.table.Duck;
import io.tracefleet.cli.report.RunData;
import io.tracefleet.schemas.Accounting;
import io.tracefleet.schemas.AccountingKey;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.VcpuInstructions;
import io.tracefleet.schemas.VcpuKey;
import io.tracefleet.schemas.VcpuTotals;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Runs of an archive as the records that they came from. Stateless. */
final class ArchivedRuns {
  /** What the batches of one vCPU in the archive add up to. */
  record Batches(long batches, long instructions) {}

  private interface Row<T> {
    T of(ResultSet row) throws SQLException;
  }

  private ArchivedRuns() {}

  /** The runs, by start, without their vCPUs' totals; those that are unfinished have no end. */
  static List<Run> of(ArchiveDatabase database) throws ArchiveException {
    return rows(
        database,
        "SELECT * FROM runs ORDER BY started_at, run_id",
        row ->
            Run.newBuilder()
                .setRunId(row.getString("run_id"))
                .setParentRunId(row.getString("parent_run_id"))
                .setRootRunId(row.getString("root_run_id"))
                .setNode(row.getString("node"))
                .setName(row.getString("name"))
                .setCommand(List.of())
                .setTarget(row.getString("target"))
                .setSystemEmulation(row.getBoolean("system_emulation"))
                .setQemuVersion(row.getString("qemu_version"))
                .setPluginApiMin(row.getInt("plugin_api_min"))
                .setPluginApiCurrent(row.getInt("plugin_api_current"))
                .setSmpVcpus(row.getInt("smp_vcpus"))
                .setMaxVcpus(row.getInt("max_vcpus"))
                .setMode(row.getString("mode"))
                .setWhenFull(row.getString("when_full"))
                .setStart(instant(row, "started_at"))
                .setEnd(instant(row, "ended_at"))
                .setEndReason(row.getString("end_reason"))
                .setBatches(row.getLong("batches"))
                .setPayloadBytes(row.getLong("payload_bytes"))
                .setPluginVersion(row.getString("plugin_version"))
                .build());
  }

  /** What an audit of these runs needs. */
  static RunData accounts(ArchiveDatabase database, List<Run> runs) throws ArchiveException {
    Map<VcpuKey, VcpuInstructions> vcpus = new HashMap<>();
    Map<AccountingKey, Accounting> accounting = new HashMap<>();
    Map<String, List<VcpuTotals>> totals = new HashMap<>();
    rows(
        database,
        "SELECT * FROM vcpu_instructions" + where(runs),
        row ->
            vcpus.put(
                new VcpuKey(
                    row.getString("run_id"), row.getInt("vcpu"), row.getInt("generation"), null),
                new VcpuInstructions(
                    row.getLong("instructions"),
                    row.getLong("blocks"),
                    row.getLong("loads"),
                    row.getLong("stores"),
                    row.getLong("load_bytes"),
                    row.getLong("store_bytes"),
                    row.getLong("idles"),
                    row.getLong("resumes"))));
    rows(
        database,
        "SELECT * FROM accounting" + where(runs),
        row -> {
          if (row.getObject("executed") != null) { // else its run has not ended
            totals
                .computeIfAbsent(row.getString("run_id"), id -> new ArrayList<>())
                .add(
                    VcpuTotals.newBuilder()
                        .setVcpu(row.getInt("vcpu"))
                        .setGenerations(1)
                        .setExecuted(row.getLong("executed"))
                        .setEncoded(row.getLong("encoded"))
                        .setDropped(row.getLong("dropped"))
                        .setPassed(row.getLong("passed"))
                        .setPublished(row.getLong("published"))
                        .setBatches(row.getLong("published_batches"))
                        .setDroppedBatches(row.getLong("dropped_batches"))
                        .build());
          }
          return accounting.put(
              new AccountingKey(row.getString("run_id"), row.getInt("vcpu")),
              new Accounting(
                  row.getLong("batches"),
                  row.getLong("next_sequence"),
                  row.getLong("aggregated"),
                  row.getLong("blocks"),
                  row.getLong("accesses"),
                  row.getLong("duplicates"),
                  row.getLong("broken"),
                  row.getLong("dropped_batches"),
                  row.getLong("dropped_instructions"),
                  row.getLong("passed")));
        });
    List<Run> withTotals =
        runs.stream()
            .map(
                run ->
                    Run.newBuilder(run)
                        .setTotals(totals.getOrDefault(run.getRunId(), List.of()))
                        .build())
            .toList();
    return RunData.forAudit(withTotals, vcpus, accounting);
  }

  /** What the batches of these runs add up to, by vCPU. */
  static Map<AccountingKey, Batches> batches(ArchiveDatabase database, List<Run> runs)
      throws ArchiveException {
    Map<AccountingKey, Batches> found = new HashMap<>();
    rows(
        database,
        "SELECT run_id, vcpu, count(*) AS batches, sum(instructions)::BIGINT AS instructions FROM"
            + " batches"
            + where(runs)
            + " GROUP BY ALL",
        row ->
            found.put(
                new AccountingKey(row.getString("run_id"), row.getInt("vcpu")),
                new Batches(row.getLong("batches"), row.getLong("instructions"))));
    return found;
  }

  private static String where(List<Run> runs) {
    return runs.stream()
        .map(run -> Duck.literal(run.getRunId()))
        .collect(Collectors.joining(", ", " WHERE run_id IN (", ")"));
  }

  private static Instant instant(ResultSet row, String column) throws SQLException {
    OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }

  private static <T> List<T> rows(ArchiveDatabase database, String query, Row<T> row)
      throws ArchiveException {
    List<T> rows = new ArrayList<>();
    try (Statement statement = database.duck().connection().createStatement();
        ResultSet found = statement.executeQuery(query)) {
      while (found.next()) {
        rows.add(row.of(found));
      }
      return rows;
    } catch (SQLException e) {
      throw new ArchiveException(Kind.STORE, "The archive cannot be read: " + e.getMessage(), e);
    }
  }
}
