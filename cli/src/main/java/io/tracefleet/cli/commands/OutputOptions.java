// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import picocli.CommandLine.Option;

/** Options that every command has. */
final class OutputOptions {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this help.")
  private boolean help;

  @Option(
      names = {"-q", "--quiet"},
      description = "Only results and errors: no messages, no progress.")
  private boolean quiet;

  boolean quiet() {
    return quiet;
  }
}
