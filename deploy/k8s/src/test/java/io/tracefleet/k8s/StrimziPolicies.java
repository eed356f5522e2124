// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The policy that Strimzi makes for its brokers: controllers and replication for itself, its agent
 * for the operator, each listener for the peers that it names, or for everybody.
 */
final class StrimziPolicies {
  private static final YAMLMapper YAML = new YAMLMapper();
  private static final String BROKERS =
      """
      spec:
        podSelector:
          matchLabels: {strimzi.io/name: CLUSTER-kafka}
        policyTypes: [Ingress]
        ingress:
          - from: [{podSelector: {matchLabels: {strimzi.io/name: CLUSTER-kafka}}}]
            ports: [{port: 9090}]
          - from:
              - podSelector: {matchLabels: {strimzi.io/name: CLUSTER-kafka}}
              - podSelector: {matchLabels: {strimzi.io/name: CLUSTER-entity-operator}}
              - podSelector: {matchLabels: {strimzi.io/kind: cluster-operator}}
                namespaceSelector: {}
            ports: [{port: 9091}]
          - from:
              - podSelector: {matchLabels: {strimzi.io/kind: cluster-operator}}
                namespaceSelector: {}
            ports: [{port: 9090}, {port: 8443}]
      """;
  private static final String LISTENER =
      """
      spec:
        podSelector:
          matchLabels: {strimzi.io/name: CLUSTER-kafka}
        policyTypes: [Ingress]
        ingress:
          - from: PEERS
            ports: [{port: PORT}]
      """;

  private StrimziPolicies() {}

  static List<JsonNode> of(JsonNode kafka) {
    String cluster = kafka.path("metadata").path("name").asText();
    List<String> texts = new ArrayList<>(List.of(BROKERS));
    for (JsonNode listener : kafka.path("spec").path("kafka").path("listeners")) {
      JsonNode peers = listener.path("networkPolicyPeers");
      texts.add(
          LISTENER
              .replace("PEERS", peers.isMissingNode() ? "[]" : peers.toString())
              .replace("PORT", listener.path("port").asText()));
    }
    List<JsonNode> policies = new ArrayList<>();
    try {
      for (String text : texts) {
        policies.add(YAML.readTree(text.replace("CLUSTER", cluster)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return policies;
  }
}
