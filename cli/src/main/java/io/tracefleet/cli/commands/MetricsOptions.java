// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import io.tracefleet.cli.console.CommandException;
import io.tracefleet.cli.console.Console;
import io.tracefleet.cli.console.Exit;
import io.tracefleet.metrics.MetricsSettings;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where a command that works for long can be watched. */
final class MetricsOptions {
  @Option(
      names = "--metrics-port",
      paramLabel = "PORT",
      description =
          "Port of /metrics, /healthz and /readyz: a number, 0 for any free one, or off. Default: any free one; off for trace and archive --once.")
  private String port;

  @Option(
      names = "--metrics-address",
      paramLabel = "ADDRESS",
      description =
          "Address that they listen on; who can connect can read them. Default: 127.0.0.1.")
  private String address;

  /** Tells where it is, if it is anywhere. */
  static void say(Optional<String> url, Console console) {
    url.ifPresent(where -> console.info("metrics on " + where + "/metrics"));
  }

  /** What was typed, and where nothing was, {@code otherwise}. */
  MetricsSettings over(MetricsSettings otherwise) throws CommandException {
    try {
      MetricsSettings settings = otherwise;
      if (port != null) {
        settings = settings.withPort(MetricsSettings.port(port));
      }
      return address == null ? settings : settings.withAddress(address);
    } catch (IllegalArgumentException e) {
      throw new CommandException(
          Exit.USAGE,
          e.getMessage()
                  .replace("metricsPort:", "--metrics-port:")
                  .replace("metricsAddress:", "--metrics-address:")
              + ".",
          e);
    }
  }
}
