// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command itself, without a subcommand. */
@Command(
    name = "tracefleet",
    description = "Runs guests in QEMU and tells exactly what every vCPU executed.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      TraceCommand.class,
      DemoCommand.class,
      UpCommand.class,
      NodeCommand.class,
      ControlCommand.class,
      RunsCommand.class,
      TopCommand.class,
      AuditCommand.class,
      ArchiveCommand.class,
      SqlCommand.class,
      ExportCommand.class,
      PrepareCommand.class,
      AclsCommand.class,
      BenchCommand.class,
      SizeCommand.class,
      VersionCommand.class
    },
    footer = {
      "",
      "The launcher script also knows:",
      "  images   builds the container images",
      "  verify   builds everything and runs all tests",
      "",
      "Examples:",
      "  tracefleet demo",
      "  tracefleet trace --local -- qemu-x86_64 ./program",
      "  tracefleet trace --local -- qemu-system-x86_64 -nographic -kernel vmlinuz",
      "",
      "`tracefleet COMMAND --help` tells more. Exit codes: cli/README.md."
    })
final class TracefleetCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this help.")
  private boolean help;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "No command given; choose one of "
            + String.join(", ", spec.commandLine().getSubcommands().keySet())
            + ".");
  }

  /** For tests. */
  static CommandLine subcommand(CommandLine root, String name) {
    return root.getSubcommands().get(name);
  }
}
