// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import io.tracefleet.cli.console.Console;
import io.tracefleet.cli.console.Exit;
import io.tracefleet.cli.report.ControlReader;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Shows what nodes are asked to trace, and each change as it comes, until interrupted. */
@Command(
    name = "watch",
    description =
        "Shows what nodes are asked to trace, one line each, and every change as it comes.")
final class ControlWatchCommand implements Callable<Integer> {
  private final Context context;

  @Mixin private OutputOptions output;
  @Mixin private ClusterOptions clusterOptions;

  ControlWatchCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    Console console = context.consoles().apply(output.quiet());
    try (ClusterSession session =
            ClusterSession.open(clusterOptions.resolve(context.environment()));
        ControlReader reader = session.control()) {
      reader.follow();
      while (!console.outputFailed()) {
        reader.poll((node, control) -> console.result(ControlTable.line(node, control) + "\n"));
      }
    }
    return Exit.OK;
  }
}
