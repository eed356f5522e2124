// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import io.tracefleet.cli.cluster.ClusterException;
import io.tracefleet.cli.cluster.ClusterState;
import io.tracefleet.cli.cluster.ClusterStateFile;
import io.tracefleet.cli.console.CommandException;
import io.tracefleet.cli.console.Exit;
import io.tracefleet.node.config.ClusterAccess;
import io.tracefleet.schemas.clients.ClientSettings;
import io.tracefleet.schemas.clients.RegistryUrls;
import io.tracefleet.schemas.serde.RegistrySettings;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which running cluster to use. */
final class ClusterOptions {
  private static final String BOOTSTRAP = "TRACEFLEET_BOOTSTRAP";
  private static final String REGISTRY = "TRACEFLEET_REGISTRY";

  @Option(
      names = "--bootstrap",
      paramLabel = "HOST:PORT",
      description =
          "Kafka broker of a running cluster. Default: $TRACEFLEET_BOOTSTRAP, with"
              + " $TRACEFLEET_REGISTRY; else the cluster that `tracefleet up` holds.")
  private String bootstrap;

  @Option(
      names = "--registry",
      paramLabel = "URL",
      description = "Its schema registry, for example http://127.0.0.1:8081.")
  private String registry;

  @Option(
      names = "--client-config",
      paramLabel = "FILE",
      description =
          "TLS, credentials and other settings of Kafka's clients (security.*, sasl.*, ssl.*) and the registry's"
              + " (schema.registry.*), a properties file. Default: $TRACEFLEET_CLIENT_CONFIG, with --bootstrap.")
  private Path clientConfig;

  boolean given() {
    return bootstrap != null || registry != null;
  }

  /** The cluster that was named, else the one that is written down. */
  ClusterAccess resolve(Map<String, String> environment) throws CommandException, ClusterException {
    if (bootstrap != null && registry != null) {
      if (RegistryUrls.hasPassword(registry)) {
        throw new CommandException(
            Exit.USAGE,
            "--registry has a password, which everyone on this machine can see: give it by --client-config.");
      }
      return access(bootstrap, registry, clients(clientConfig, environment));
    }
    if (given()) {
      throw new CommandException(
          Exit.USAGE, "--bootstrap and --registry go together: give both, or neither.");
    }
    if (isIn(environment)) {
      return access(
          environment.get(BOOTSTRAP),
          environment.get(REGISTRY),
          clients(clientConfig, environment));
    }
    ClusterStateFile file = ClusterStateFile.ofUser(environment);
    Optional<ClusterState> state = file.read();
    if (state.isEmpty()) {
      throw new CommandException(
          Exit.NOT_THERE,
          "No cluster is up (none in "
              + file.path()
              + "): start `tracefleet up` in another terminal, or give --bootstrap and --registry.");
    }
    // It is this user's own and without security: the variable is about other clusters.
    return access(state.get().bootstrap(), state.get().registry(), clients(clientConfig, Map.of()));
  }

  /** The dashboard of the cluster that is written down; empty if there is none or one was named. */
  Optional<String> dashboard(Map<String, String> environment) throws ClusterException {
    return given() || isIn(environment)
        ? Optional.empty()
        : ClusterStateFile.ofUser(environment).read().map(ClusterState::dashboard);
  }

  /** As in a container of a fleet. */
  private static boolean isIn(Map<String, String> environment) {
    return environment.containsKey(BOOTSTRAP) && environment.containsKey(REGISTRY);
  }

  private static ClusterAccess access(String broker, String registryUrl, ClientSettings clients)
      throws CommandException {
    try {
      RegistrySettings.of(registryUrl).withClient(clients.registry()); // checks them
      return new ClusterAccess(broker, registryUrl, clients, false);
    } catch (IllegalArgumentException e) {
      throw new CommandException(Exit.USAGE, e.getMessage(), e);
    }
  }

  /** The settings of the file that was named, if one was, else of the environment's. */
  static ClientSettings clients(Path file, Map<String, String> environment)
      throws CommandException {
    try {
      return ClientSettings.of(Optional.ofNullable(file), environment);
    } catch (IllegalArgumentException e) {
      throw new CommandException(Exit.CONFIG, e.getMessage(), e);
    }
  }
}
