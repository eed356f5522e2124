// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.config;

import java.util.HashMap;
import java.util.Map;

/**
 * How to reach a cluster.
 *
 * @param bootstrap Kafka's bootstrap servers, {@code host:port,...}
 * @param registry URL of the schema registry
 * @param kafka further properties for every Kafka and registry client: security, SASL, TLS, basic
 *     authentication
 * @param embedded true if the cluster ends with this process: what could not be published is then
 *     of no use to a later node
 */
public record ClusterAccess(
    String bootstrap, String registry, Map<String, String> kafka, boolean embedded) {
  public ClusterAccess {
    if (bootstrap.isBlank()) {
      throw new IllegalArgumentException("bootstrap: no broker given, expected host:port");
    }
    if (registry.isBlank()) {
      throw new IllegalArgumentException("registry: no URL given, expected http://host:port");
    }
    kafka = Map.copyOf(kafka);
  }

  /** A running cluster without security. */
  public static ClusterAccess of(String bootstrap, String registry) {
    return new ClusterAccess(bootstrap, registry, Map.of(), false);
  }

  /** A cluster inside this process. */
  public static ClusterAccess embedded(String bootstrap, String registry) {
    return new ClusterAccess(bootstrap, registry, Map.of(), true);
  }

  /** What of {@link #kafka} is for Kafka's clients. */
  public Map<String, String> clientProperties() {
    return select(false);
  }

  /**
   * What of {@link #kafka} is for the schema registry's client: {@code schema.registry.*}, {@code
   * basic.auth.*}, {@code bearer.auth.*}.
   */
  public Map<String, String> registryProperties() {
    return select(true);
  }

  private Map<String, String> select(boolean registryClient) {
    Map<String, String> selected = new HashMap<>();
    kafka.forEach(
        (key, value) -> {
          boolean theirs =
              key.startsWith("schema.registry.")
                  || key.startsWith("basic.auth.")
                  || key.startsWith("bearer.auth.");
          if (theirs == registryClient) {
            selected.put(key, value);
          }
        });
    return selected;
  }

  /** Without the values, which may be secret. */
  @Override
  public String toString() {
    return "ClusterAccess[bootstrap="
        + bootstrap
        + ", registry="
        + registry
        + ", kafka="
        + kafka.keySet()
        + ", embedded="
        + embedded
        + "]";
  }
}
