// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.config;

import io.tracefleet.schemas.clients.ClientSettings;
import io.tracefleet.schemas.clients.RegistryUrls;
import java.util.Map;

/**
 * How to reach a cluster.
 *
 * @param bootstrap Kafka's bootstrap servers, {@code host:port,...}
 * @param registry URL of the schema registry
 * @param clients further settings of all clients: TLS, SASL, basic authentication
 * @param embedded true if the cluster ends with this process: what could not be published is then
 *     of no use to a later node
 */
public record ClusterAccess(
    String bootstrap, String registry, ClientSettings clients, boolean embedded) {
  public ClusterAccess {
    if (bootstrap.isBlank()) {
      throw new IllegalArgumentException("bootstrap: no broker given, expected host:port");
    }
    if (registry.isBlank()) {
      throw new IllegalArgumentException("registry: no URL given, expected http://host:port");
    }
  }

  /** A running cluster without security. */
  public static ClusterAccess of(String bootstrap, String registry) {
    return new ClusterAccess(bootstrap, registry, ClientSettings.NONE, false);
  }

  /** A cluster inside this process. */
  public static ClusterAccess embedded(String bootstrap, String registry) {
    return new ClusterAccess(bootstrap, registry, ClientSettings.NONE, true);
  }

  /** For Kafka's clients. */
  public Map<String, String> clientProperties() {
    return clients.kafka();
  }

  /** For the schema registry's client. */
  public Map<String, String> registryProperties() {
    return clients.registry();
  }

  /** Without the values, which may be secret. */
  @Override
  public String toString() {
    return "ClusterAccess[bootstrap="
        + bootstrap
        + ", registry="
        + RegistryUrls.withoutPassword(registry)
        + ", clients="
        + clients
        + ", embedded="
        + embedded
        + "]";
  }
}
