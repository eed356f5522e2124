// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import io.tracefleet.cli.console.Console;
import io.tracefleet.cli.console.Exit;
import io.tracefleet.node.config.NodeSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.apache.kafka.common.utils.AppInfoParser;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Tells the versions of what is used. */
@Command(name = "version", description = "Shows the version of Tracefleet and of what it uses.")
final class VersionCommand implements Callable<Integer> {
  private final Context context;

  @Mixin private OutputOptions output;

  VersionCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Console console = context.consoles().apply(output.quiet());
    Path plugin = NodeSettings.defaults().pluginLibrary();
    console.result(
        "tracefleet "
            + context.installation().version()
            + "\nJava       "
            + System.getProperty("java.version")
            + "\nKafka      "
            + AppInfoParser.getVersion()
            + "\nplugin     "
            + plugin
            + (Files.isRegularFile(plugin) ? "" : " (not built)")
            + "\n");
    return Exit.OK;
  }
}
