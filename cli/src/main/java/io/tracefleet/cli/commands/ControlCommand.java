// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Steers what nodes trace while their guests run. */
@Command(
    name = "control",
    description = "Steers what nodes trace while their guests run.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {ControlSetCommand.class, ControlGetCommand.class, ControlWatchCommand.class})
final class ControlCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this help.")
  private boolean help;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "No command given; choose set, get or watch.");
  }
}
