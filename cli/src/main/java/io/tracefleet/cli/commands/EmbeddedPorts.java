// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import io.tracefleet.cli.cluster.ClusterSettings;
import io.tracefleet.cli.console.CommandException;
import io.tracefleet.cli.console.Exit;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Ports of the embedded cluster. */
final class EmbeddedPorts {
  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "0",
      description = "Port of the embedded broker on 127.0.0.1. Default: any free one.")
  private int broker;

  @Option(
      names = "--registry-port",
      paramLabel = "PORT",
      defaultValue = "0",
      description = "Port of the embedded schema registry. Default: any free one.")
  private int registry;

  boolean given() {
    return broker != 0 || registry != 0;
  }

  ClusterSettings settings(Path registryHome) throws CommandException {
    try {
      return ClusterSettings.temporary(registryHome).withPorts(broker, registry);
    } catch (IllegalArgumentException e) {
      throw new CommandException(Exit.USAGE, e.getMessage(), e);
    }
  }
}
