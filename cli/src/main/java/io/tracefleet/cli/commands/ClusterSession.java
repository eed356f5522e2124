// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import io.tracefleet.cli.report.ControlReader;
import io.tracefleet.cli.report.ResultException;
import io.tracefleet.cli.report.ResultReader;
import io.tracefleet.node.config.ClusterAccess;
import io.tracefleet.schemas.serde.RegistrySettings;
import io.tracefleet.schemas.serde.SchemaRegistry;
import io.tracefleet.schemas.serde.SerdeFactory;
import java.time.Duration;

/** A connection to a cluster's registry and brokers, for reading results. Used by one thread. */
final class ClusterSession implements AutoCloseable {
  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);

  private final ClusterAccess access;
  private final SchemaRegistry registry;

  private ClusterSession(ClusterAccess access, SchemaRegistry registry) {
    this.access = access;
    this.registry = registry;
  }

  /** Waits until the registry answers. */
  static ClusterSession open(ClusterAccess access) {
    RegistrySettings settings =
        RegistrySettings.of(access.registry()).withClient(access.registryProperties());
    return new ClusterSession(access, SchemaRegistry.connect(settings, CONNECT_LIMIT));
  }

  ResultReader reader() throws ResultException {
    return ResultReader.open(access.bootstrap(), access.clientProperties(), registry.serdes());
  }

  /** What nodes are asked to trace. */
  ControlReader control() throws ResultException {
    return ControlReader.open(access.bootstrap(), access.clientProperties(), registry.serdes());
  }

  /** What reads and writes this cluster's records. */
  SerdeFactory serdes() {
    return registry.serdes();
  }

  /** How to reach the cluster. */
  ClusterAccess access() {
    return access;
  }

  @Override
  public void close() {
    registry.close();
  }
}
