// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import io.tracefleet.cli.console.Console;
import io.tracefleet.cli.console.Exit;
import io.tracefleet.cli.report.ControlReader;
import io.tracefleet.schemas.TraceControl;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Shows what nodes are asked to trace. */
@Command(name = "get", description = "Shows what nodes are asked to trace.")
final class ControlGetCommand implements Callable<Integer> {
  private final Context context;

  @Mixin private OutputOptions output;
  @Mixin private ClusterOptions clusterOptions;

  @Parameters(
      arity = "0..1",
      paramLabel = "NODE",
      description = "Only what is in force for this node: its own, else what is said of '*'.")
  private String node;

  ControlGetCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    Console console = context.consoles().apply(output.quiet());
    try (ClusterSession session =
            ClusterSession.open(clusterOptions.resolve(context.environment()));
        ControlReader reader = session.control()) {
      Map<String, TraceControl> all = reader.all();
      if (node != null) {
        all.keySet().retainAll(Set.of(all.containsKey(node) ? node : ControlTable.ALL_NODES));
      }
      console.result(ControlTable.render(all));
    }
    return Exit.OK;
  }
}
