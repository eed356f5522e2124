// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.StreamSupport;

/**
 * Which pods may connect to which by the network policies of an overlay, as Kubernetes means them:
 * a direction in which a pod is selected by no policy is open; a connection inside the namespace
 * needs both ends' permission.
 */
final class Flows {
  /** Pods of a kind; those of another namespace are under no policy of ours. */
  private record Pods(
      String name, boolean ours, Map<String, String> labels, Map<String, String> namespace) {}

  private static final String NAME = "kubernetes.io/metadata.name";
  private static final Map<String, String> OURS =
      Map.of(
          NAME,
          "tracefleet",
          "pod-security.kubernetes.io/enforce",
          "restricted",
          "pod-security.kubernetes.io/warn",
          "restricted");

  private final List<JsonNode> policies;
  private final List<Pods> pods = new ArrayList<>();

  Flows(Overlay overlay) {
    policies = new ArrayList<>(overlay.ofKind("NetworkPolicy"));
    for (JsonNode workload : overlay.workloads()) {
      pods.add(
          new Pods(
              workload.path("metadata").path("name").asText(),
              true,
              labels(workload.path("spec").path("template").path("metadata").path("labels")),
              OURS));
    }
    for (JsonNode kafka : overlay.ofKind("Kafka")) {
      String cluster = kafka.path("metadata").path("name").asText();
      for (String part : List.of("kafka", "entity-operator")) {
        pods.add(
            new Pods(
                cluster + "-" + part,
                true,
                Map.of("strimzi.io/cluster", cluster, "strimzi.io/name", cluster + "-" + part),
                OURS));
      }
      policies.addAll(StrimziPolicies.of(kafka));
    }
    pods.add(new Pods("(dns)", false, Map.of("k8s-app", "kube-dns"), Map.of(NAME, "kube-system")));
    pods.add(
        new Pods(
            "(monitoring)",
            false,
            Map.of(),
            Map.of(NAME, "monitoring", "tracefleet.io/monitoring", "true")));
    pods.add(
        new Pods(
            "(strimzi operator)",
            false,
            Map.of("strimzi.io/kind", "cluster-operator"),
            Map.of(NAME, "strimzi")));
    pods.add(new Pods("(client)", true, Map.of("tracefleet.io/client", "true"), OURS));
    pods.add(new Pods("(a pod here)", true, Map.of("app", "other"), OURS));
    pods.add(new Pods("(a pod elsewhere)", false, Map.of("app", "other"), Map.of(NAME, "other")));
  }

  /** {@code FROM -> TO PORTS}, sorted; what is open to every address of the world, too. */
  Set<String> all() {
    Map<String, Set<String>> all = new TreeMap<>();
    for (Pods from : pods) {
      for (Pods to : pods) {
        Set<String> ports = ports(from, to);
        if (!ports.isEmpty() && (from.ours || to.ours)) {
          all.put(from.name + " -> " + to.name, ports);
        }
      }
      if (from.ours) {
        for (JsonNode rule : rules(from, "egress")) {
          blocks(rule)
              .forEach(
                  block ->
                      all.computeIfAbsent(from.name + " -> " + block, name -> new TreeSet<>())
                          .addAll(portsOf(rule)));
        }
      }
    }
    Set<String> lines = new TreeSet<>();
    all.forEach((name, ports) -> lines.add(name + " " + String.join(",", ports)));
    return lines;
  }

  private Set<String> ports(Pods from, Pods to) {
    Set<String> out = from.ours ? allowed(from, "egress", to) : Set.of("*");
    Set<String> in = to.ours ? allowed(to, "ingress", from) : Set.of("*");
    Set<String> both = new TreeSet<>();
    for (String port : out) {
      if (port.equals("*")) {
        both.addAll(in);
      } else if (in.contains("*") || in.contains(port)) {
        both.add(port);
      }
    }
    return both;
  }

  private Set<String> allowed(Pods pod, String direction, Pods other) {
    if (!isRestricted(pod, direction)) {
      return Set.of("*");
    }
    Set<String> ports = new TreeSet<>();
    for (JsonNode rule : rules(pod, direction)) {
      JsonNode peers = rule.path(direction.equals("egress") ? "to" : "from");
      // Every address: all() says so, once.
      boolean matches = peers.isEmpty() && other.ours;
      for (JsonNode peer : peers) {
        matches |= isPeer(peer, other);
      }
      if (matches) {
        ports.addAll(portsOf(rule));
      }
    }
    return ports;
  }

  private static boolean isPeer(JsonNode peer, Pods other) {
    if (peer.has("ipBlock")) {
      // Of pods nobody knows the address; everything is in here.
      return peer.path("ipBlock").path("cidr").asText().equals("0.0.0.0/0");
    }
    boolean namespace =
        peer.has("namespaceSelector")
            ? selects(peer.path("namespaceSelector"), other.namespace)
            : other.namespace.equals(OURS);
    return namespace
        && (!peer.has("podSelector") || selects(peer.path("podSelector"), other.labels));
  }

  private boolean isRestricted(Pods pod, String direction) {
    return policies.stream().anyMatch(policy -> applies(policy, pod, direction));
  }

  private List<JsonNode> rules(Pods pod, String direction) {
    List<JsonNode> rules = new ArrayList<>();
    for (JsonNode policy : policies) {
      if (applies(policy, pod, direction)) {
        policy.path("spec").path(direction).forEach(rules::add);
      }
    }
    return rules;
  }

  private static boolean applies(JsonNode policy, Pods pod, String direction) {
    JsonNode spec = policy.path("spec");
    boolean ofThisDirection = false;
    for (JsonNode type : spec.path("policyTypes")) {
      ofThisDirection |= type.asText().equalsIgnoreCase(direction);
    }
    return ofThisDirection && selects(spec.path("podSelector"), pod.labels);
  }

  private static List<String> blocks(JsonNode rule) {
    List<String> blocks = new ArrayList<>();
    if (!rule.has("to")) {
      blocks.add("(every address)");
    }
    rule.path("to").findValues("ipBlock").forEach(b -> blocks.add(b.path("cidr").asText()));
    return blocks;
  }

  private static Set<String> portsOf(JsonNode rule) {
    Set<String> ports = new TreeSet<>();
    for (JsonNode port : rule.path("ports")) {
      String protocol = port.path("protocol").asText("TCP");
      ports.add(port.path("port").asText() + (protocol.equals("TCP") ? "" : "/" + protocol));
    }
    return ports.isEmpty() ? Set.of("*") : ports;
  }

  static boolean selects(JsonNode selector, Map<String, String> labels) {
    boolean all = labels.entrySet().containsAll(labels(selector.path("matchLabels")).entrySet());
    for (JsonNode expression : selector.path("matchExpressions")) {
      String operator = expression.path("operator").asText();
      if (operator.equals("Exists")) {
        all &= labels.containsKey(expression.path("key").asText());
        continue;
      }
      if (!operator.equals("In")) {
        throw new AssertionError("teach this test the operator of " + expression);
      }
      boolean in = false;
      for (JsonNode value : expression.path("values")) {
        in |= value.asText().equals(labels.get(expression.path("key").asText()));
      }
      all &= in;
    }
    return all;
  }

  static Map<String, String> labels(JsonNode node) {
    Map<String, String> labels = new HashMap<>();
    StreamSupport.stream(
            ((Iterable<Map.Entry<String, JsonNode>>) node::fields).spliterator(), false)
        .forEach(entry -> labels.put(entry.getKey(), entry.getValue().asText()));
    return labels;
  }
}
