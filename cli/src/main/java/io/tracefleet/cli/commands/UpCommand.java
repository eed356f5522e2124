// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import io.tracefleet.cli.cluster.ClusterException;
import io.tracefleet.cli.cluster.ClusterSettings;
import io.tracefleet.cli.cluster.ClusterState;
import io.tracefleet.cli.cluster.ClusterStateFile;
import io.tracefleet.cli.console.Console;
import io.tracefleet.cli.console.Exit;
import io.tracefleet.jobs.StreamJobs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Holds an embedded cluster with jobs until it is told to stop. */
@Command(
    name = "up",
    description =
        "Runs a Kafka broker, a schema registry and the stream jobs on this machine until ctrl-C.",
    footer = {
      "",
      "Other commands (trace, runs, top, audit) find this cluster by themselves. It listens on",
      "127.0.0.1 only."
    })
final class UpCommand implements Callable<Integer> {
  private static final Duration JOBS_LIMIT = Duration.ofSeconds(60);

  private final Context context;

  @Mixin private OutputOptions output;
  @Mixin private EmbeddedPorts ports;
  @Mixin private HttpPort http;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Keeps broker, registry and job data there. Default: a temporary directory, deleted at the end.")
  private Path data;

  UpCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    Console console = context.consoles().apply(output.quiet());
    ClusterSettings settings = ports.settings(context.installation().registryHome());
    if (data != null) {
      settings = settings.withData(data.toAbsolutePath());
    }
    ClusterStateFile file = ClusterStateFile.ofUser(context.environment());
    // Written for real when the cluster answers; now only to find another one before the long
    // start.
    refuseSecond(file);
    context.signals().phaseInterrupting();
    try (EmbeddedStack stack = EmbeddedStack.start(settings, http.config(), console)) {
      try {
        stack.awaitJobs(JOBS_LIMIT);
        return hold(stack, file, console);
      } finally {
        console.clearProgress();
        Closing.begin(context.signals());
      }
    } catch (Exception e) {
      if (context.signals().first() != 0) {
        console.error("interrupted");
        return Exit.signalled(context.signals().first());
      }
      throw e;
    } finally {
      console.clearProgress();
    }
  }

  private static void refuseSecond(ClusterStateFile file) throws ClusterException {
    var other = file.read();
    if (other.isPresent()) {
      throw new ClusterException(
          "A cluster is already up at "
              + other.get().bootstrap()
              + " (process "
              + other.get().pid()
              + "); stop that one first.");
    }
  }

  private int hold(EmbeddedStack stack, ClusterStateFile file, Console console)
      throws ClusterException, InterruptedException {
    CountDownLatch stop = new CountDownLatch(1);
    context.signals().phase(number -> stop.countDown());
    stack.jobs().onFailure(line -> stop.countDown());
    ClusterState state =
        ClusterState.ofThisProcess(
            stack.access().bootstrap(), stack.access().registry(), stack.jobs().url().orElse(null));
    file.write(state);
    try {
      console.result("broker     " + state.bootstrap() + "\nregistry   " + state.registry() + "\n");
      if (state.dashboard() != null) {
        console.result("dashboard  " + state.dashboard() + "\n");
      }
      console.info("up; ctrl-C stops it");
      if (context.signals().first() == 0 && stack.jobs().state() != StreamJobs.State.FAILED) {
        stop.await();
      }
    } finally {
      file.remove(state);
    }
    if (stack.jobs().failure().isPresent()) {
      return Exit.CLUSTER_UNAVAILABLE;
    }
    console.info("stopping");
    return Exit.OK;
  }
}
