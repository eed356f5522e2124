// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import io.tracefleet.archive.store.ArchiveException;
import io.tracefleet.cli.cluster.ClusterException;
import io.tracefleet.cli.console.CommandException;
import io.tracefleet.cli.console.Exit;
import io.tracefleet.cli.console.Printable;
import io.tracefleet.cli.report.ResultException;
import io.tracefleet.jobs.JobsException;
import io.tracefleet.node.config.NodeException;
import io.tracefleet.schemas.clients.Refusals;
import io.tracefleet.schemas.serde.SchemaRegistryException;
import io.tracefleet.schemas.topics.TopicException;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/** Turns what a command throws into one line for the user and an exit code. */
final class CommandErrors implements CommandLine.IExecutionExceptionHandler {
  private static final int LINE_LIMIT = 1_000;

  @Override
  public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
    LoggerFactory.getLogger(CommandErrors.class).debug("command failed", e);
    String line;
    int code;
    if (e instanceof CommandException failure) {
      line = failure.getMessage();
      code = failure.exitCode();
    } else if (e instanceof NodeException failure) {
      line = failure.getMessage();
      code = failure.exitCode().code();
    } else if (e instanceof ArchiveException failure) {
      line = failure.getMessage();
      code =
          switch (failure.kind()) {
            case NOT_THERE -> Exit.NOT_THERE;
            case USAGE -> Exit.USAGE;
            case STORE -> Exit.CANNOT_WRITE;
            case CLUSTER -> clusterFailure(e);
          };
    } else if (isClusterFailure(e)) {
      line = e.getMessage();
      code = clusterFailure(e);
    } else {
      line =
          "Internal error: "
              + e
              + (e.getStackTrace().length == 0 ? "" : " at " + e.getStackTrace()[0])
              + "; run it again with TRACEFLEET_LOG=debug for details.";
      code = Exit.INTERNAL;
    }
    command.getErr().println("tracefleet: " + Printable.of(line, LINE_LIMIT));
    return code;
  }

  /** The exit code of a failure of Kafka or the registry. */
  static int clusterFailure(Exception e) {
    return Refusals.is(e) ? Exit.REFUSED : Exit.CLUSTER_UNAVAILABLE;
  }

  private static boolean isClusterFailure(Exception e) {
    return e instanceof ClusterException
        || e instanceof JobsException
        || e instanceof ResultException
        || e instanceof SchemaRegistryException
        || e instanceof TopicException;
  }
}
