// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import io.tracefleet.cli.cluster.ClusterException;
import io.tracefleet.cli.cluster.ClusterState;
import io.tracefleet.cli.cluster.ClusterStateFile;
import io.tracefleet.cli.console.CommandException;
import io.tracefleet.cli.console.Exit;
import io.tracefleet.node.config.ClusterAccess;
import io.tracefleet.schemas.serde.RegistrySettings;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import picocli.CommandLine.Option;

/** Which running cluster to use. */
final class ClusterOptions {
  @Option(
      names = "--bootstrap",
      paramLabel = "HOST:PORT",
      description =
          "Kafka broker of a running cluster. Default: the cluster that `tracefleet up` holds.")
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
          "Further settings of Kafka's clients (security.*, sasl.*, ssl.*) and the registry's, a properties file.")
  private Path clientConfig;

  boolean given() {
    return bootstrap != null || registry != null;
  }

  /** The cluster that was named, else the one that is written down. */
  ClusterAccess resolve(Map<String, String> environment) throws CommandException, ClusterException {
    if (bootstrap != null && registry != null) {
      return access(bootstrap, registry);
    }
    if (given()) {
      throw new CommandException(
          Exit.USAGE, "--bootstrap and --registry go together: give both, or neither.");
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
    return access(state.get().bootstrap(), state.get().registry());
  }

  /** The dashboard of the cluster that is written down; empty if there is none or one was named. */
  Optional<String> dashboard(Map<String, String> environment) throws ClusterException {
    return given()
        ? Optional.empty()
        : ClusterStateFile.ofUser(environment).read().map(ClusterState::dashboard);
  }

  private ClusterAccess access(String broker, String registryUrl) throws CommandException {
    Map<String, String> settings = clientSettings();
    try {
      RegistrySettings.of(registryUrl); // checks the URL
      return new ClusterAccess(broker, registryUrl, settings, false);
    } catch (IllegalArgumentException e) {
      throw new CommandException(Exit.USAGE, e.getMessage(), e);
    }
  }

  private Map<String, String> clientSettings() throws CommandException {
    if (clientConfig == null) {
      return Map.of();
    }
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(clientConfig, StandardCharsets.UTF_8)) {
      properties.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      throw new CommandException(
          Exit.USAGE, "--client-config " + clientConfig + " cannot be read: " + e, e);
    }
    Map<String, String> settings = new TreeMap<>();
    properties
        .stringPropertyNames()
        .forEach(name -> settings.put(name, properties.getProperty(name)));
    return settings;
  }
}
