// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import io.tracefleet.cli.cluster.ClusterException;
import io.tracefleet.cli.console.CommandException;
import io.tracefleet.cli.console.Exit;
import io.tracefleet.cli.report.LiveApi;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which HTTP interface of the jobs to use. */
final class ApiOptions {
  @Option(
      names = "--api",
      paramLabel = "URL",
      description =
          "HTTP interface of the jobs, http://HOST:PORT. Default: that of `tracefleet up`.")
  private String url;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "File with the token that it asks for.")
  private Path tokenFile;

  boolean given() {
    return url != null || tokenFile != null;
  }

  LiveApi resolve(ClusterOptions cluster, Map<String, String> environment)
      throws CommandException, ClusterException {
    if (url == null) {
      cluster.resolve(environment); // says what is missing if no cluster is up
    }
    String chosen = url != null ? url : cluster.dashboard(environment).orElse(null);
    if (chosen == null) {
      throw new CommandException(
          Exit.USAGE,
          "The HTTP interface of this cluster's jobs is not known: give --api http://HOST:PORT (http.port of the jobs).");
    }
    return new LiveApi(chosen, token());
  }

  private Optional<String> token() throws CommandException {
    if (tokenFile == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(Files.readString(tokenFile).strip());
    } catch (IOException e) {
      throw new CommandException(
          Exit.USAGE, "--token-file " + tokenFile + " cannot be read: " + e, e);
    }
  }
}
