// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import io.tracefleet.cli.console.CommandException;
import io.tracefleet.cli.console.Exit;
import io.tracefleet.jobs.http.HttpConfig;
import picocli.CommandLine.Option;

/** Port of the embedded cluster's HTTP interface and dashboard. */
final class HttpPort {
  private static final String OFF = "off";

  @Option(
      names = "--http-port",
      paramLabel = "PORT",
      description =
          "Port of the HTTP interface and the dashboard on 127.0.0.1, or off. Default: any free one.")
  private String port;

  boolean given() {
    return port != null;
  }

  HttpConfig config() throws CommandException {
    if (port == null) {
      return HttpConfig.local(0);
    }
    if (port.equals(OFF)) {
      return HttpConfig.OFF;
    }
    try {
      return HttpConfig.local(Integer.parseInt(port));
    } catch (IllegalArgumentException e) { // NumberFormatException among them
      throw new CommandException(
          Exit.USAGE,
          "--http-port must be off, or 0 (any free one) to 65535, not " + port + ".",
          e);
    }
  }
}
