// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.export;

import io.tracefleet.archive.read.ArchiveDatabase;
import io.tracefleet.archive.store.ArchiveException;
import io.tracefleet.archive.table.Duck;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** The batches of a run in an archive, some at a time. */
public final class ArchivedBatches implements EventExport.BatchSource {
  /** A payload has at most 1 MiB. */
  private static final int AT_A_TIME = 32;

  private final ArchiveDatabase archive;

  /**
   * @param archive stays the caller's
   */
  public ArchivedBatches(ArchiveDatabase archive) {
    this.archive = archive;
  }

  @Override
  public void forEach(EventExport wanted, EventExport.BatchSink sink)
      throws ArchiveException, IOException, SQLException {
    String where =
        " FROM batches WHERE run_id = %s AND first_instruction < %d AND first_instruction + instructions > %d"
            .formatted(Duck.literal(wanted.runId()), wanted.to(), wanted.from());
    if (wanted.vcpu() != null) {
      where += " AND vcpu = " + wanted.vcpu();
    }
    List<long[]> vcpus = new ArrayList<>();
    try (Statement statement = archive.duck().connection().createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT vcpu, min(sequence), max(sequence)" + where + " GROUP BY 1 ORDER BY 1")) {
      while (rows.next()) {
        vcpus.add(new long[] {rows.getLong(1), rows.getLong(2), rows.getLong(3)});
      }
    }
    for (long[] vcpu : vcpus) {
      for (long first = vcpu[1]; first <= vcpu[2]; first += AT_A_TIME) {
        String some =
            "SELECT generation, sequence, first_instruction, codec, payload%s AND vcpu = %d AND sequence BETWEEN %d AND %d ORDER BY sequence"
                .formatted(where, vcpu[0], first, first + AT_A_TIME - 1);
        try (Statement statement = archive.duck().connection().createStatement();
            ResultSet rows = statement.executeQuery(some)) {
          while (rows.next()) {
            sink.batch(
                (int) vcpu[0],
                rows.getInt(1),
                rows.getLong(2),
                rows.getLong(3),
                rows.getInt(4),
                rows.getBytes(5));
          }
        }
      }
    }
  }
}
