// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import io.tracefleet.archive.read.ArchiveDatabase;
import io.tracefleet.archive.table.ArchiveTable;
import io.tracefleet.cli.console.Exit;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.completer.StringsCompleter;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/** A prompt with history and completion. A query ends with a semicolon. */
final class SqlPrompt {
  private static final List<String> WORDS =
      List.of(
          "SELECT",
          "FROM",
          "WHERE",
          "GROUP BY",
          "ORDER BY",
          "LIMIT",
          "JOIN",
          "USING",
          "HAVING",
          "DISTINCT",
          "count(*)",
          "sum(",
          "max(",
          "min(",
          "address(",
          "DESC",
          "DESCRIBE",
          "quit");

  private final ArchiveDatabase database;
  private final int limit;
  private final Map<String, String> environment;

  SqlPrompt(ArchiveDatabase database, int limit, Map<String, String> environment) {
    this.database = database;
    this.limit = limit;
    this.environment = environment;
  }

  static boolean isTerminal() {
    return System.console() != null;
  }

  int run() throws IOException {
    try (Terminal terminal = TerminalBuilder.builder().system(true).build()) {
      LineReader reader =
          LineReaderBuilder.builder()
              .terminal(terminal)
              .appName("tracefleet")
              .completer(new StringsCompleter(words()))
              .variable(LineReader.HISTORY_FILE, history())
              .option(LineReader.Option.CASE_INSENSITIVE, true)
              // An exclamation mark is SQL's, not history's.
              .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
              .build();
      StringBuilder query = new StringBuilder();
      while (true) {
        String line;
        try {
          line = reader.readLine(query.length() == 0 ? "tracefleet> " : "        ...> ");
        } catch (UserInterruptException e) {
          query.setLength(0);
          continue;
        } catch (EndOfFileException e) {
          return Exit.OK;
        }
        if (query.length() == 0 && line.strip().matches("(?i)(quit|exit|\\\\q);?")) {
          return Exit.OK;
        }
        query.append(line).append('\n');
        if (line.strip().endsWith(";")) {
          answer(SqlCommand.strip(query.toString()), terminal.writer());
          query.setLength(0);
        } else if (query.toString().isBlank()) {
          query.setLength(0);
        }
      }
    }
  }

  private void answer(String query, PrintWriter writer) {
    try (Statement statement = database.duck().connection().createStatement()) {
      if (statement.execute(query)) {
        try (ResultSet rows = statement.getResultSet()) {
          writer.print(SqlResults.table(rows, limit));
        }
      }
    } catch (SQLException e) {
      writer.println(SqlCommand.message(e));
    }
    writer.flush();
  }

  private static TreeSet<String> words() {
    TreeSet<String> words = new TreeSet<>(WORDS);
    words.add(ArchiveDatabase.NODES);
    for (ArchiveTable table : ArchiveTable.values()) {
      words.add(table.tableName());
      words.addAll(List.of(table.columnNames().split(", ", -1)));
    }
    return words;
  }

  private Path history() throws IOException {
    String state = environment.get("XDG_STATE_HOME");
    Path directory =
        state == null || state.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".local", "state", "tracefleet")
            : Path.of(state, "tracefleet");
    return Files.createDirectories(directory).resolve("sql-history");
  }
}
