// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import io.tracefleet.cli.console.Console;
import io.tracefleet.cli.console.Exit;
import io.tracefleet.cli.console.Printable;
import io.tracefleet.node.config.GuestSpec;
import io.tracefleet.node.config.NodeConfig;
import io.tracefleet.node.config.NodeSettings;
import io.tracefleet.node.run.EmulatorNode;
import io.tracefleet.node.run.NodeListener;
import io.tracefleet.node.run.TraceOutcome;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs the guests of a configuration file. */
@Command(
    name = "node",
    description = "Runs and traces the guests of a configuration file; results go to its cluster.",
    footer = {
      "",
      "Exits with 0 if every guest did, else with 1. The file is described in emulator-node/README.md."
    })
final class NodeCommand implements Callable<Integer> {
  private static final int NAME_LIMIT = 60;
  private static final int TERMINATE = 15;
  private static final Duration GIVE_UP_AFTER = Duration.ofSeconds(10);

  private final Context context;

  @Mixin private OutputOptions output;
  @Mixin private MetricsOptions metrics;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      required = true,
      description = "The node's configuration, YAML.")
  private Path config;

  @Option(
      names = "--stop-with-stdin",
      description = "Stops the guests when standard input closes, for programs that start nodes.")
  private boolean stopWithStdin;

  NodeCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    Console console = context.consoles().apply(output.quiet());
    NodeConfig node = NodeConfig.load(config, context.environment());
    NodeSettings settings = node.settings().withMetrics(metrics.over(node.settings().metrics()));
    context.signals().phaseInterrupting();
    if (stopWithStdin) {
      watchStdin();
    }
    try {
      return run(node, settings, console);
    } catch (Exception e) {
      if (context.signals().first() != 0) {
        console.error("interrupted");
        return Exit.signalled(context.signals().first());
      }
      throw e;
    }
  }

  private int run(NodeConfig config, NodeSettings settings, Console console) throws Exception {
    try (EmulatorNode node = EmulatorNode.open(settings, config.cluster(), new Narrator(console))) {
      MetricsOptions.say(node.metricsUrl(), console);
      context.signals().phase(node::signal);
      if (context.signals().first() != 0) {
        return Exit.signalled(context.signals().first());
      }
      int adopted = node.adoptOrphans();
      if (adopted > 0) {
        console.info("published what " + adopted + " runs of a dead node had left");
      }
      List<TraceOutcome> outcomes = node.runAll(config.guests());
      long failed =
          outcomes.stream()
              .filter(outcome -> outcome.exitCode() != 0 || !outcome.problems().isEmpty())
              .count();
      if (context.signals().first() != 0) {
        return Exit.signalled(context.signals().first());
      }
      return failed == 0 ? Exit.OK : Exit.FAILURE;
    } finally {
      Closing.begin(context.signals());
    }
  }

  private void watchStdin() {
    Thread thread = new Thread(this::stopWhenStdinCloses, "stdin-watch");
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * Whoever holds the other end may have taken the cluster along: then nothing can be published, so
   * give up soon.
   */
  private void stopWhenStdinCloses() {
    try {
      while (System.in.read() >= 0) {
        // nothing is expected
      }
    } catch (IOException e) {
      // the same as the end of the stream
    }
    try {
      context.signals().deliver(TERMINATE);
      Thread.sleep(GIVE_UP_AFTER.toMillis());
      context.signals().deliver(TERMINATE);
      Thread.sleep(GIVE_UP_AFTER.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(Exit.signalled(TERMINATE));
  }

  /** Tells what happens, one line each. */
  private record Narrator(Console console) implements NodeListener {
    @Override
    public void guestStarted(GuestSpec guest, String rootRunId, long pid) {
      console.info(name(guest) + " started, run " + rootRunId + ", process " + pid);
    }

    @Override
    public void guestEnded(TraceOutcome outcome) {
      console.info(
          name(outcome.guest())
              + " ended with exit code "
              + outcome.exitCode()
              + " after "
              + outcome.elapsed().toMillis() / 1000.0
              + " s, "
              + outcome.runs().size()
              + (outcome.runs().size() == 1 ? " run" : " runs"));
    }

    @Override
    public void warning(String line) {
      console.info(line);
    }

    private static String name(GuestSpec guest) {
      return Printable.of(guest.name(), NAME_LIMIT);
    }
  }
}
