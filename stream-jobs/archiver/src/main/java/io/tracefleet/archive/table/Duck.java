// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.table;

import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;

/**
 * A database in this process, in memory or in a file. Its memory is outside of the Java heap and
 * bounded; what does not fit goes to the temporary directory. It never loads anything from the
 * network. Used by one thread.
 */
public final class Duck implements AutoCloseable {
  private final DuckDBConnection connection;

  private Duck(DuckDBConnection connection) {
    this.connection = connection;
  }

  /**
   * @param file of the database, or null for one in memory
   * @param temporary directory for what does not fit into the memory, or null for none
   * @param memoryMebibytes bound of the memory
   * @param threads at least 1
   */
  public static Duck open(Path file, Path temporary, int memoryMebibytes, int threads)
      throws SQLException {
    Properties settings = new Properties();
    settings.setProperty("memory_limit", memoryMebibytes + "MiB");
    settings.setProperty("threads", Integer.toString(threads));
    settings.setProperty("autoinstall_known_extensions", "false");
    settings.setProperty("autoload_known_extensions", "false");
    if (temporary != null) {
      settings.setProperty("temp_directory", temporary.toString());
    }
    Duck duck =
        new Duck(
            DriverManager.getConnection("jdbc:duckdb:" + (file == null ? "" : file), settings)
                .unwrap(DuckDBConnection.class));
    duck.run("SET TimeZone = 'UTC'");
    return duck;
  }

  /** The same database, for another thread; each has temporary tables of its own. */
  public Duck duplicate() throws SQLException {
    return new Duck((DuckDBConnection) connection.duplicate());
  }

  /** The connection. */
  public DuckDBConnection connection() {
    return connection;
  }

  /** Runs a statement, and returns the number of rows that it changed or wrote. */
  public long run(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      boolean rows = statement.execute(sql);
      if (!rows) {
        return statement.getUpdateCount();
      }
      try (ResultSet result = statement.getResultSet()) {
        return result.next() && result.getObject(1) instanceof Number number
            ? number.longValue()
            : 0;
      }
    }
  }

  /** Appends rows to a table; close it to see them there. */
  public DuckDBAppender appender(String table) throws SQLException {
    return connection.createAppender(table);
  }

  /** A string as SQL writes it. */
  public static String literal(Object text) {
    return "'" + text.toString().replace("'", "''") + "'";
  }

  /** A list of files as read_parquet takes it. */
  public static String files(List<Path> files) {
    return files.stream().map(Duck::literal).collect(Collectors.joining(", ", "[", "]"));
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      // Nothing of it is kept.
    }
  }
}
