// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import io.tracefleet.archive.read.ArchiveDatabase;
import io.tracefleet.archive.store.ArchiveStore;
import io.tracefleet.archive.table.Duck;
import io.tracefleet.cli.console.CommandException;
import io.tracefleet.cli.console.Console;
import io.tracefleet.cli.console.Exit;
import java.io.BufferedWriter;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** SQL over an archive. */
@Command(
    name = "sql",
    description = "Asks an archive in SQL (DuckDB's).",
    footer = {
      "",
      "Tables: runs, nodes, vcpu_instructions, hot_blocks, hwaddr, pages, syscalls, blocks,",
      "accounting, batches, and some of them by minute; columns and questions with their answers",
      "are in docs/archive.md and docs/queries.md. Without a query there is a prompt; a query can",
      "come through a pipe, too. Queries read the archive and nothing else.",
      "",
      "Examples:",
      "  tracefleet sql --archive DIR \"SELECT name, executed FROM runs\"",
      "  tracefleet sql --archive DIR --format csv --out hot.csv \"FROM hot_blocks\""
    })
final class SqlCommand implements Callable<Integer> {
  private static final int MEMORY_MEBIBYTES = 1024;

  /** How an answer is written. */
  enum Format {
    TABLE,
    CSV,
    JSON,
    PARQUET
  }

  private final Context context;

  @Mixin private OutputOptions output;
  @Mixin private ArchiveOption archive;

  @Parameters(index = "0", arity = "0..1", paramLabel = "QUERY", description = "One query.")
  private String query;

  @Option(
      names = "--format",
      paramLabel = "table|csv|json|parquet",
      defaultValue = "table",
      description = "How the answer is written. Default: ${DEFAULT-VALUE}.")
  private Format format;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Writes the answer there instead of standard output; parquet needs it.")
  private Path out;

  @Option(
      names = "--limit",
      paramLabel = "ROWS",
      defaultValue = "1000",
      description = "Rows of a table, at most. Default: ${DEFAULT-VALUE}.")
  private int limit;

  SqlCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    Console console = context.consoles().apply(output.quiet());
    check();
    try (ArchiveStore store = archive.openToRead()) {
      if (query == null && SqlPrompt.isTerminal()) {
        try (ArchiveDatabase database = ArchiveDatabase.open(store, MEMORY_MEBIBYTES, null, null)) {
          return new SqlPrompt(database, limit, context.environment()).run();
        }
      }
      String asked =
          query == null ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8) : query;
      if (asked.isBlank()) {
        throw new CommandException(Exit.USAGE, "No query: give one as argument or through a pipe.");
      }
      try (ArchiveDatabase database = ArchiveDatabase.open(store, MEMORY_MEBIBYTES, asked, out)) {
        answer(database, strip(asked), console);
      }
    }
    return Exit.OK;
  }

  private void check() throws CommandException {
    if (limit < 1) {
      throw new CommandException(Exit.USAGE, "--limit must be at least 1, not " + limit + ".");
    }
    if (format == Format.PARQUET && (out == null || query == null)) {
      throw new CommandException(
          Exit.USAGE, "--format parquet is a file's: add --out FILE and a query.");
    }
    if (out != null) {
      Outputs.checkFile("--out", out);
    }
  }

  private void answer(ArchiveDatabase database, String asked, Console console)
      throws CommandException {
    if (format == Format.PARQUET) {
      try {
        database
            .duck()
            .run(
                "COPY (%s) TO %s (FORMAT parquet, COMPRESSION zstd)"
                    .formatted(asked, Duck.literal(out.toAbsolutePath())));
      } catch (SQLException e) {
        throw wrong(e);
      }
      return;
    }
    try (Statement statement = database.duck().connection().createStatement()) {
      if (!statement.execute(asked)) {
        return;
      }
      try (ResultSet rows = statement.getResultSet()) {
        if (format == Format.TABLE && out == null) {
          console.result(SqlResults.table(rows, limit));
          return;
        }
        try (Writer writer = writer()) {
          switch (format) {
            case CSV -> SqlResults.csv(rows, writer);
            case JSON -> SqlResults.json(rows, writer);
            default -> writer.write(SqlResults.table(rows, limit));
          }
        }
      }
    } catch (SQLException e) {
      throw wrong(e);
    } catch (IOException e) {
      throw new CommandException(
          Exit.CANNOT_WRITE, "The answer cannot be written: " + e.getMessage() + ".", e);
    }
  }

  private Writer writer() throws IOException {
    return out == null
        ? new BufferedWriter(
            new OutputStreamWriter(
                new FileOutputStream(FileDescriptor.out), StandardCharsets.UTF_8))
        : Files.newBufferedWriter(out, StandardCharsets.UTF_8);
  }

  private static CommandException wrong(SQLException e) {
    return new CommandException(Exit.USAGE, message(e), e);
  }

  /** DuckDB's words in one line. */
  static String message(SQLException e) {
    return e.getMessage()
        .strip()
        .replaceAll("\\s*\\R\\s*", " ")
        .replaceFirst(
            "^Invalid Input Error: Attempting to execute an unsuccessful .*? Error: ", "");
  }

  /** Without the semicolon at its end. */
  static String strip(String text) {
    String stripped = text.strip();
    return stripped.endsWith(";") ? stripped.substring(0, stripped.length() - 1) : stripped;
  }
}
