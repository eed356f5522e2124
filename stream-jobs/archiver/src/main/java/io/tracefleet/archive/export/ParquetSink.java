// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.export;

import io.tracefleet.archive.table.Duck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.duckdb.DuckDBAppender;

/**
 * Events as Parquet. A million rows at a time go to a file of their own; in the end these, which
 * are small, become one.
 */
final class ParquetSink implements EventSink {
  private static final int ROWS = 1_000_000;
  private static final int MEMORY_MEBIBYTES = 384;
  private static final String OPTIONS = "(FORMAT parquet, COMPRESSION zstd)";

  private final Path file;
  private final Path temporary;
  private final Duck duck;
  private final List<Path> parts = new ArrayList<>();
  private DuckDBAppender appender;
  private int rows;

  ParquetSink(Path file) throws IOException, SQLException {
    this.file = file.toAbsolutePath();
    this.temporary = Files.createTempDirectory(this.file.getParent(), ".export");
    this.duck = Duck.open(null, temporary, MEMORY_MEBIBYTES, 1);
    duck.run(
        "CREATE TABLE events (vcpu INTEGER, generation INTEGER, instruction BIGINT, kind VARCHAR,"
            + " vaddr BIGINT, size INTEGER, physical BIGINT, device VARCHAR, number BIGINT,"
            + " value BIGINT)");
    appender = duck.appender("events");
  }

  @Override
  public void event(
      int vcpu,
      int generation,
      long instruction,
      int kind,
      long vaddr,
      long size,
      long physical,
      String device,
      long number,
      long value)
      throws IOException, SQLException {
    appender.beginRow().append(vcpu).append(generation).append(instruction).append(KINDS[kind]);
    nullable(vaddr);
    if (size == NONE) {
      appender.appendNull();
    } else {
      appender.append((int) size);
    }
    nullable(physical);
    appender.append(device);
    nullable(number);
    nullable(value);
    appender.endRow();
    if (++rows == ROWS) {
      flush();
      appender = duck.appender("events");
    }
  }

  private void nullable(long value) throws SQLException {
    if (value == NONE) {
      appender.appendNull();
    } else {
      appender.append(value);
    }
  }

  private void flush() throws SQLException {
    appender.close();
    Path part = temporary.resolve("part-" + parts.size() + ".parquet");
    duck.run("COPY events TO %s %s".formatted(Duck.literal(part), OPTIONS));
    duck.run("TRUNCATE events");
    parts.add(part);
    rows = 0;
  }

  @Override
  public void finish() throws IOException, SQLException {
    flush();
    Path whole = parts.get(0);
    if (parts.size() > 1) {
      whole = temporary.resolve("whole.parquet");
      duck.run(
          "COPY (SELECT * FROM read_parquet(%s)) TO %s %s"
              .formatted(Duck.files(parts), Duck.literal(whole), OPTIONS));
    }
    Files.move(whole, file, StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public void close() {
    duck.close();
    try (var files = Files.list(temporary)) {
      for (Path left : files.toList()) {
        Files.deleteIfExists(left);
      }
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      // Only temporary files stay.
    }
  }
}
