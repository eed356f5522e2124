// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RowGroupsTest {
  /** A few values, so that there are dictionaries and filters; and one that is none of those. */
  private static final String ROWS =
      "SELECT i, (i %% 7)::VARCHAR AS few, repeat(md5(i::VARCHAR), %d) AS many"
          + " FROM range(%d, %d) AS numbers (i)";

  private static final String OPTIONS = " (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 2048)";

  @TempDir Path directory;

  private Path file(Duck duck, String name, String query) throws SQLException {
    Path file = directory.resolve(name);
    duck.run("COPY (" + query + ") TO " + Duck.literal(file) + OPTIONS);
    return file;
  }

  private static String from(Path... files) {
    return " FROM read_parquet(" + Duck.files(List.of(files)) + ")";
  }

  @Test
  void aJoinedFileHasTheRowsOfAll() throws Exception {
    try (Duck duck = Duck.open(null, directory, 256, 1)) {
      Path one = file(duck, "one.parquet", ROWS.formatted(100, 0, 5_000));
      Path two = file(duck, "two.parquet", ROWS.formatted(100, 5_000, 9_000));
      Path three = file(duck, "three.parquet", ROWS.formatted(100, 9_000, 9_001));
      Path all = directory.resolve("all.parquet");

      assertThat(RowGroups.join(List.of(one, two, three), all)).isTrue();

      assertThat(duck.run("SELECT count(*)" + from(all))).isEqualTo(9_001);
      String hash = "SELECT bit_xor(hash(i, few, many))::HUGEINT % 1000000007::HUGEINT";
      assertThat(duck.run(hash + from(all))).isEqualTo(duck.run(hash + from(one, two, three)));
      // Finds it by statistics, dictionary and filter, which lie beside the pages.
      assertThat(duck.run("SELECT i" + from(all) + " WHERE many = repeat(md5('8500'), 100)"))
          .isEqualTo(8_500);
      assertThat(duck.run("SELECT count(*)" + from(all) + " WHERE few = '3'"))
          .isEqualTo(duck.run("SELECT count(*)" + from(one, two, three) + " WHERE few = '3'"));
      assertThat(
              duck.run(
                  "SELECT count(DISTINCT row_group_id) FROM parquet_metadata("
                      + Duck.literal(all)
                      + ")"))
          .isEqualTo(3 + 2 + 1);
      assertThat(
              duck.run(
                  "SELECT count(DISTINCT bloom_filter_offset) FROM parquet_metadata("
                      + Duck.literal(all)
                      + ") WHERE bloom_filter_offset NOTNULL"))
          .as("the filters are those of each row group")
          .isPositive();
    }
  }

  @Test
  void filesOfOtherColumnsAreNotJoined() throws Exception {
    try (Duck duck = Duck.open(null, directory, 256, 1)) {
      Path one = file(duck, "one.parquet", "SELECT 1 AS a");
      Path other = file(duck, "other.parquet", "SELECT 1 AS b");
      Path all = directory.resolve("all.parquet");

      assertThat(RowGroups.join(List.of(one, other), all)).isFalse();
      assertThat(all).doesNotExist();
    }
  }

  @Test
  void rowGroupsOfFewBytesAreNotLarge() throws Exception {
    try (Duck duck = Duck.open(null, directory, 256, 1)) {
      assertThat(RowGroups.areLarge(file(duck, "few", ROWS.formatted(10, 0, 9_000)))).isFalse();
      assertThat(RowGroups.areLarge(file(duck, "many", ROWS.formatted(100, 0, 9_000)))).isTrue();
      assertThat(RowGroups.areLarge(file(duck, "none", "SELECT 1 AS a WHERE false"))).isFalse();
    }
  }

  @Test
  void whatIsNoParquetFileIsSaid() throws Exception {
    Path file = Files.write(directory.resolve("cut.parquet"), new byte[100]);

    assertThatThrownBy(() -> RowGroups.areLarge(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cut.parquet");
  }
}
