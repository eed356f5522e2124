// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Kubernetes' Pod Security Standard "restricted", which the namespaces enforce, and what we ask
 * beyond it.
 */
final class RestrictedTest {
  /** Volumes that the standard allows and that are used here. */
  private static final List<String> VOLUMES =
      List.of("configMap", "secret", "emptyDir", "persistentVolumeClaim");

  /** Images of others, whose start scripts write beside their files. */
  private static final List<String> WRITE_THEIR_ROOT =
      List.of("apache/kafka", "confluentinc/cp-schema-registry");

  static Stream<String> overlays() {
    return Overlay.names().stream();
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void theNamespaceEnforcesIt(String name) throws Exception {
    JsonNode namespace = Overlay.of(name).ofKind("Namespace").get(0);

    assertThat(
            namespace
                .path("metadata")
                .path("labels")
                .path("pod-security.kubernetes.io/enforce")
                .asText())
        .isEqualTo("restricted");
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void everyPodFollowsIt(String name) throws Exception {
    List<JsonNode> workloads = Overlay.of(name).workloads();

    assertThat(workloads).hasSizeGreaterThanOrEqualTo(3);
    for (JsonNode workload : workloads) {
      JsonNode pod = Overlay.podOf(workload);
      JsonNode security = pod.path("securityContext");
      String what = Overlay.nameOf(workload);
      assertThat(security.path("runAsNonRoot").asBoolean()).as(what).isTrue();
      assertThat(security.path("runAsUser").asInt()).as(what).isPositive();
      assertThat(security.path("seccompProfile").path("type").asText())
          .as(what)
          .isEqualTo("RuntimeDefault");
      assertThat(pod.path("hostNetwork").asBoolean()).as(what).isFalse();
      assertThat(pod.path("hostPID").asBoolean()).as(what).isFalse();
      assertThat(pod.path("hostIPC").asBoolean()).as(what).isFalse();
      assertThat(pod.path("automountServiceAccountToken").asBoolean(true)).as(what).isFalse();
      for (JsonNode volume : pod.path("volumes")) {
        volume
            .fieldNames()
            .forEachRemaining(
                field -> {
                  if (!field.equals("name")) {
                    assertThat(VOLUMES).as(what).contains(field);
                  }
                });
      }
      for (JsonNode container : Overlay.containersOf(workload)) {
        JsonNode own = container.path("securityContext");
        assertThat(own.path("allowPrivilegeEscalation").asBoolean(true)).as(what).isFalse();
        assertThat(own.path("privileged").asBoolean()).as(what).isFalse();
        assertThat(own.path("capabilities").path("drop").get(0).asText()).as(what).isEqualTo("ALL");
        assertThat(own.path("capabilities").has("add")).as(what).isFalse();
        if (WRITE_THEIR_ROOT.stream().noneMatch(container.path("image").asText()::startsWith)) {
          assertThat(own.path("readOnlyRootFilesystem").asBoolean()).as(what).isTrue();
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void everyContainerSaysWhatItNeedsAndHowToProbeIt(String name) throws Exception {
    for (JsonNode workload : Overlay.of(name).workloads()) {
      boolean ends = workload.path("kind").asText().equals("Job");
      for (JsonNode container : Overlay.containersOf(workload)) {
        String what = Overlay.nameOf(workload);
        assertThat(container.path("resources").path("requests").has("cpu")).as(what).isTrue();
        assertThat(container.path("resources").path("requests").has("memory")).as(what).isTrue();
        assertThat(container.path("resources").path("limits").has("memory")).as(what).isTrue();
        boolean serves = container.has("ports") && !ends;
        assertThat(container.has("livenessProbe")).as(what).isEqualTo(serves);
        assertThat(container.has("readinessProbe")).as(what).isEqualTo(serves);
        assertThat(container.path("image").asText()).as(what).matches(".+:[0-9].*");
      }
    }
  }
}
