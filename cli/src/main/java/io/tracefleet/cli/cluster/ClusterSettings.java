// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.cluster;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * Settings of the embedded cluster.
 *
 * @param brokerPort port of the broker on 127.0.0.1; 0: any free one
 * @param registryPort port of the registry on 127.0.0.1; 0: any free one
 * @param data directory that keeps broker and registry data; empty: a private temporary one,
 *     deleted at the end
 * @param registryHome directory of the unpacked registry, which holds its {@code *-runner.jar}
 * @param startLimit how long broker and registry together may take to start
 * @param stopLimit how long each of the two may take to stop before it is ended by force
 */
public record ClusterSettings(
    int brokerPort,
    int registryPort,
    Optional<Path> data,
    Path registryHome,
    Duration startLimit,
    Duration stopLimit) {

  /** Names the directory of the unpacked registry; the launcher and the tests set it. */
  public static final String REGISTRY_HOME_PROPERTY = "tracefleet.registry.home";

  static final Duration DEFAULT_START_LIMIT = Duration.ofSeconds(60);
  static final Duration DEFAULT_STOP_LIMIT = Duration.ofSeconds(10);
  private static final int LARGEST_PORT = 65_535;

  public ClusterSettings {
    requirePort("broker port", brokerPort);
    requirePort("registry port", registryPort);
    if (brokerPort != 0 && brokerPort == registryPort) {
      throw new IllegalArgumentException(
          "Broker and registry cannot share port " + brokerPort + "; give them different ports.");
    }
    Objects.requireNonNull(data, "data");
    Objects.requireNonNull(registryHome, "registryHome");
    if (startLimit.isNegative() || startLimit.isZero()) {
      throw new IllegalArgumentException(
          "The start limit must be positive, not " + startLimit + ".");
    }
    if (stopLimit.isNegative() || stopLimit.isZero()) {
      throw new IllegalArgumentException("The stop limit must be positive, not " + stopLimit + ".");
    }
  }

  /** Free ports, temporary data, default limits. */
  public static ClusterSettings temporary(Path registryHome) {
    return new ClusterSettings(
        0, 0, Optional.empty(), registryHome, DEFAULT_START_LIMIT, DEFAULT_STOP_LIMIT);
  }

  /** The same with the given ports. */
  public ClusterSettings withPorts(int broker, int registry) {
    return new ClusterSettings(broker, registry, data, registryHome, startLimit, stopLimit);
  }

  /** The same with data that is kept. */
  public ClusterSettings withData(Path directory) {
    return new ClusterSettings(
        brokerPort, registryPort, Optional.of(directory), registryHome, startLimit, stopLimit);
  }

  private static void requirePort(String what, int port) {
    if (port < 0 || port > LARGEST_PORT) {
      throw new IllegalArgumentException(
          "The " + what + " must be 0 (any free one) to 65535, not " + port + ".");
    }
  }
}
