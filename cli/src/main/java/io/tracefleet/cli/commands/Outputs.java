// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import io.tracefleet.cli.console.CommandException;
import io.tracefleet.cli.console.Exit;
import io.tracefleet.cli.report.ReportJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files that commands write. Stateless. */
final class Outputs {
  private Outputs() {}

  /** Finds out before hours of tracing that a report cannot be written. */
  static void checkFile(String option, Path file) throws CommandException {
    Path directory = file.toAbsolutePath().getParent();
    if (Files.isDirectory(file)) {
      throw new CommandException(
          Exit.USAGE, option + " " + file + " is a directory: give a file's name.");
    }
    if (directory == null || !Files.isDirectory(directory)) {
      throw new CommandException(
          Exit.USAGE, option + " " + file + ": there is no directory " + directory + ".");
    }
    if (!Files.isWritable(Files.exists(file) ? file : directory)) {
      throw new CommandException(Exit.USAGE, option + " " + file + " cannot be written.");
    }
  }

  static void write(Path file, Object part) throws CommandException {
    try {
      new ReportJson().write(file, part);
    } catch (IOException e) {
      throw new CommandException(
          Exit.CANNOT_WRITE, "Report " + file + " cannot be written: " + e, e);
    }
  }
}
