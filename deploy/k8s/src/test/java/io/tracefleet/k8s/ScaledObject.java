// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.k8s;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerBehavior;
import java.util.List;

/**
 * KEDA's, which has no model in Java: the fields of its CRD (keda.sh, "ScaledObject specification")
 * that are used here.
 */
record ScaledObject(String apiVersion, String kind, ObjectMeta metadata, Spec spec) {
  record Spec(
      Target scaleTargetRef,
      Integer minReplicaCount,
      Integer maxReplicaCount,
      Integer pollingInterval,
      Advanced advanced,
      List<Trigger> triggers) {}

  record Target(String apiVersion, String kind, String name) {}

  record Advanced(Autoscaler horizontalPodAutoscalerConfig) {}

  record Autoscaler(HorizontalPodAutoscalerBehavior behavior) {}

  record Trigger(String type, String metricType, Prometheus metadata) {}

  /** KEDA reads all of them as text. */
  record Prometheus(
      String serverAddress,
      String query,
      String threshold,
      String activationThreshold,
      String ignoreNullValues) {}
}
