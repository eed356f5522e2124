// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** More or fewer instances of the jobs: by both autoscalers in the same way, within bounds. */
final class ScalingTest {
  private static final int PARTITIONS = 24;
  private static final Pattern THREADS = Pattern.compile("\"threads=(\\d+)\"");

  static Stream<String> production() {
    return Overlay.names().stream().filter(name -> !name.equals("dev"));
  }

  /** Further threads would have no partition. */
  @ParameterizedTest
  @MethodSource("production")
  void noMoreThreadsThanPartitions(String name) throws Exception {
    Overlay overlay = Overlay.of(name);
    JsonNode jobs = jobs(overlay);
    Matcher threads = THREADS.matcher(Overlay.podOf(jobs).path("containers").toString());
    int each = threads.find() ? Integer.parseInt(threads.group(1)) : 1;
    int most = 0;
    for (JsonNode scaler : overlay.ofKind("ScaledObject")) {
      most += scaler.path("spec").path("maxReplicaCount").asInt();
    }
    for (JsonNode scaler : overlay.ofKind("HorizontalPodAutoscaler")) {
      most += scaler.path("spec").path("maxReplicas").asInt();
    }

    assertThat(most * each).isEqualTo(PARTITIONS);
  }

  /**
   * What KEDA's trigger of this type must have; what it does not know, the strict model refuses.
   */
  @Test
  void kedasTriggerIsWhole() throws Exception {
    JsonNode scaler = Overlay.of("production").ofKind("ScaledObject").get(0);
    ScaledObject.Spec spec = ((ScaledObject) StrictModels.read(scaler)).spec();

    assertThat(spec.triggers()).hasSize(1);
    ScaledObject.Trigger trigger = spec.triggers().get(0);
    assertThat(trigger.type()).isEqualTo("prometheus");
    assertThat(trigger.metadata().serverAddress()).startsWith("http");
    assertThat(trigger.metadata().query()).contains("tracefleet_jobs_lag_batches");
    assertThat(trigger.metadata().threshold()).matches("[0-9.]+");
    assertThat(scaler.path("spec").path("triggers").path(0).path("metadata"))
        .as("KEDA takes text only")
        .allMatch(JsonNode::isTextual);
    assertThat(spec.minReplicaCount()).isPositive().isLessThan(spec.maxReplicaCount());
  }

  @Test
  void bothScaleDownAlike() throws Exception {
    JsonNode keda = Overlay.of("production").ofKind("ScaledObject").get(0).path("spec");
    JsonNode hpa =
        Overlay.of("production-external").ofKind("HorizontalPodAutoscaler").get(0).path("spec");

    assertThat(hpa.path("behavior").path("scaleDown").path("stabilizationWindowSeconds").asInt())
        .isPositive();
    assertThat(keda.path("advanced").path("horizontalPodAutoscalerConfig").path("behavior"))
        .isEqualTo(hpa.path("behavior"));
    assertThat(List.of(keda.path("minReplicaCount"), keda.path("maxReplicaCount")))
        .isEqualTo(List.of(hpa.path("minReplicas"), hpa.path("maxReplicas")));
  }

  private static JsonNode jobs(Overlay overlay) {
    return overlay.ofKind("StatefulSet").stream()
        .filter(set -> set.path("metadata").path("name").asText().equals("stream-jobs"))
        .findFirst()
        .orElseThrow();
  }
}
