// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.config;

import io.tracefleet.metrics.MetricsSettings;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Settings of a node.
 *
 * @param node its name; part of directory names, so only letters, digits, dots, dashes and
 *     underscores, 64 at most
 * @param pluginLibrary {@code libtracefleet.so}
 * @param parallel guests that run at once, 1 to 64
 * @param metrics where it can be watched
 */
public record NodeSettings(
    String node,
    Path pluginLibrary,
    int parallel,
    RingSettings ring,
    PublishSettings publish,
    MetricsSettings metrics) {
  public NodeSettings {
    if (!node.matches("[A-Za-z0-9._-]{1,64}")) {
      throw new IllegalArgumentException(
          "node: \"" + node + "\" is not 1 to 64 letters, digits, '.', '-' and '_'");
    }
    pluginLibrary = pluginLibrary.toAbsolutePath().normalize();
    Range.check("parallel", parallel, 1, 64);
    Objects.requireNonNull(ring);
    Objects.requireNonNull(publish);
    Objects.requireNonNull(metrics);
  }

  /** This host's name, the plugin of this installation, 4 guests at once, no metrics. */
  public static NodeSettings defaults() {
    return new NodeSettings(
        HostName.get(),
        PluginLibrary.locate(),
        4,
        RingSettings.defaults(),
        PublishSettings.defaults(),
        MetricsSettings.OFF);
  }

  public NodeSettings withNode(String value) {
    return new NodeSettings(value, pluginLibrary, parallel, ring, publish, metrics);
  }

  public NodeSettings withPluginLibrary(Path value) {
    return new NodeSettings(node, value, parallel, ring, publish, metrics);
  }

  public NodeSettings withParallel(int value) {
    return new NodeSettings(node, pluginLibrary, value, ring, publish, metrics);
  }

  public NodeSettings withRing(RingSettings value) {
    return new NodeSettings(node, pluginLibrary, parallel, value, publish, metrics);
  }

  public NodeSettings withPublish(PublishSettings value) {
    return new NodeSettings(node, pluginLibrary, parallel, ring, value, metrics);
  }

  public NodeSettings withMetrics(MetricsSettings value) {
    return new NodeSettings(node, pluginLibrary, parallel, ring, publish, value);
  }
}
