// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What one object names, another one is. */
final class ReferencesTest {
  /** Made by an operator or by hand, as the overlays say. */
  private static final Map<String, Set<String>> SECRETS_OF_OTHERS =
      Map.of(
          "dev", Set.of(),
          "production",
              Set.of(
                  "tracefleet-token",
                  "tracefleet-cluster-ca-cert",
                  "emulator-node",
                  "stream-jobs",
                  "archiver",
                  "reader",
                  "controller",
                  "admin",
                  "schema-registry"),
          "production-external",
              Set.of(
                  "tracefleet-token",
                  "tracefleet-cluster-ca-cert",
                  "emulator-node",
                  "stream-jobs",
                  "archiver",
                  "reader",
                  "controller",
                  "admin"));

  static Stream<String> overlays() {
    return Overlay.names().stream();
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void configMapsSecretsAndAccountsAreThere(String name) throws Exception {
    Overlay overlay = Overlay.of(name);
    Set<String> maps = names(overlay, "ConfigMap");
    Set<String> secrets = names(overlay, "Secret");
    secrets.addAll(SECRETS_OF_OTHERS.get(Overlay.overlayOf(name)));
    for (JsonNode workload : overlay.workloads()) {
      String what = Overlay.nameOf(workload);
      workload
          .findValues("configMap")
          .forEach(at -> assertThat(maps).as(what).contains(at.path("name").asText()));
      workload
          .findValues("configMapKeyRef")
          .forEach(at -> assertThat(maps).as(what).contains(at.path("name").asText()));
      workload
          .findValues("secret")
          .forEach(at -> assertThat(secrets).as(what).contains(at.path("secretName").asText()));
      workload
          .findValues("secretKeyRef")
          .forEach(at -> assertThat(secrets).as(what).contains(at.path("name").asText()));
      String account = Overlay.podOf(workload).path("serviceAccountName").asText();
      if (!account.isEmpty()) {
        assertThat(names(overlay, "ServiceAccount")).as(what).contains(account);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void whatIsMountedIsAVolume(String name) throws Exception {
    for (JsonNode workload : Overlay.of(name).workloads()) {
      Set<String> volumes = new HashSet<>();
      Overlay.podOf(workload).path("volumes").forEach(v -> volumes.add(v.path("name").asText()));
      workload
          .path("spec")
          .path("volumeClaimTemplates")
          .forEach(claim -> volumes.add(claim.path("metadata").path("name").asText()));
      Set<String> mounted = new HashSet<>();
      for (JsonNode container : Overlay.containersOf(workload)) {
        container.path("volumeMounts").forEach(m -> mounted.add(m.path("name").asText()));
      }
      assertThat(mounted).as(Overlay.nameOf(workload)).isEqualTo(volumes);
    }
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void selectorsSelectPods(String name) throws Exception {
    Overlay overlay = Overlay.of(name);
    List<Map<String, String>> pods =
        overlay.workloads().stream()
            .map(w -> labels(w.path("spec").path("template").path("metadata").path("labels")))
            .toList();
    for (JsonNode service : overlay.ofKind("Service")) {
      assertSelects(pods, labels(service.path("spec").path("selector")), Overlay.nameOf(service));
    }
    for (JsonNode budget : overlay.ofKind("PodDisruptionBudget")) {
      assertSelects(
          pods,
          labels(budget.path("spec").path("selector").path("matchLabels")),
          Overlay.nameOf(budget));
    }
    for (JsonNode workload : overlay.workloads()) {
      JsonNode selector = workload.path("spec").path("selector").path("matchLabels");
      if (!selector.isMissingNode()) {
        assertSelects(
            List.of(labels(workload.path("spec").path("template").path("metadata").path("labels"))),
            labels(selector),
            Overlay.nameOf(workload));
      }
    }
  }

  /** The budget's controller cannot count them: a Job has no scale. */
  @ParameterizedTest
  @MethodSource("overlays")
  void noDisruptionBudgetSelectsPodsOfAJob(String name) throws Exception {
    Overlay overlay = Overlay.of(name);
    for (JsonNode job : overlay.ofKind("Job")) {
      Map<String, String> pod =
          labels(job.path("spec").path("template").path("metadata").path("labels"));
      for (JsonNode budget : overlay.ofKind("PodDisruptionBudget")) {
        Map<String, String> selector =
            labels(budget.path("spec").path("selector").path("matchLabels"));
        assertThat(pod.entrySet().containsAll(selector.entrySet()))
            .as(Overlay.nameOf(budget) + " selects pods of " + Overlay.nameOf(job))
            .isFalse();
      }
    }
  }

  /** Else each {@code kubectl apply} would undo what the autoscaler did. */
  @ParameterizedTest
  @MethodSource("overlays")
  void whatIsScaledHasNoReplicasOfItsOwn(String name) throws Exception {
    Overlay overlay = Overlay.of(name);
    Set<String> scaled = new HashSet<>();
    for (String kind : List.of("HorizontalPodAutoscaler", "ScaledObject")) {
      for (JsonNode scaler : overlay.ofKind(kind)) {
        JsonNode target = scaler.path("spec").path("scaleTargetRef");
        scaled.add(target.path("kind").asText() + " " + target.path("name").asText());
      }
    }

    assertThat(scaled).hasSize(name.equals("dev") ? 0 : 1);
    for (JsonNode set : overlay.ofKind("StatefulSet")) {
      assertThat(set.path("spec").has("replicas"))
          .as(Overlay.nameOf(set))
          .isNotEqualTo(scaled.remove(Overlay.nameOf(set)));
    }
    assertThat(scaled).as("scaled, but not there").isEmpty();
  }

  /** A container that starts again in the same pod finds the rings of the one before. */
  @ParameterizedTest
  @MethodSource("overlays")
  void ringsOutliveAContainer(String name) throws Exception {
    int found = 0;
    for (JsonNode workload : Overlay.of(name).workloads()) {
      JsonNode pod = Overlay.podOf(workload);
      if (pod.path("volumes").findValuesAsText("name").contains("rings")) {
        found++;
        assertThat(pod.path("restartPolicy").asText("Always"))
            .as(Overlay.nameOf(workload))
            .isIn("Always", "OnFailure");
      }
    }
    assertThat(found).isPositive();
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void portsThatAreNamedAreOfTheContainer(String name) throws Exception {
    for (JsonNode workload : Overlay.of(name).workloads()) {
      for (JsonNode container : Overlay.containersOf(workload)) {
        Set<String> ports = new HashSet<>();
        container.path("ports").forEach(port -> ports.add(port.path("name").asText()));
        for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
          for (JsonNode kind : container.path(probe)) {
            if (kind.has("port")) {
              assertThat(ports).as(Overlay.nameOf(workload)).contains(kind.path("port").asText());
            }
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void everythingWithPodsIsUnderANetworkPolicy(String name) throws Exception {
    Overlay overlay = Overlay.of(name);

    assertThat(
            overlay.ofKind("NetworkPolicy").stream()
                .filter(policy -> policy.path("spec").path("podSelector").isEmpty())
                .filter(policy -> !policy.path("spec").has("ingress"))
                .filter(policy -> !policy.path("spec").has("egress"))
                .map(policy -> policy.path("spec").path("policyTypes").size()))
        .as("one policy allows nothing, for all pods")
        .containsExactly(2);
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void everyPodMayAskForNames(String name) throws Exception {
    List<JsonNode> dns =
        Overlay.of(name).ofKind("NetworkPolicy").stream()
            .filter(policy -> policy.path("metadata").path("name").asText().equals("to-dns"))
            .toList();

    assertThat(dns).hasSize(1);
    JsonNode spec = dns.get(0).path("spec");
    assertThat(spec.path("podSelector")).as("of all pods, those of operators too").isEmpty();
    assertThat(spec.path("egress").findValuesAsText("port")).containsExactly("53", "53");
    assertThat(spec.path("egress").findValuesAsText("protocol")).containsExactly("UDP", "TCP");
  }

  private static Set<String> names(Overlay overlay, String kind) {
    Set<String> names = new HashSet<>();
    overlay
        .ofKind(kind)
        .forEach(object -> names.add(object.path("metadata").path("name").asText()));
    return names;
  }

  private static Map<String, String> labels(JsonNode node) {
    Map<String, String> labels = new TreeMap<>();
    StreamSupport.stream(
            ((Iterable<Map.Entry<String, JsonNode>>) node::fields).spliterator(), false)
        .forEach(entry -> labels.put(entry.getKey(), entry.getValue().asText()));
    return labels;
  }

  private static void assertSelects(
      List<Map<String, String>> pods, Map<String, String> selector, String what) {
    assertThat(selector).as(what).isNotEmpty();
    assertThat(pods.stream().anyMatch(pod -> pod.entrySet().containsAll(selector.entrySet())))
        .as(what + " selects " + selector)
        .isTrue();
  }
}
