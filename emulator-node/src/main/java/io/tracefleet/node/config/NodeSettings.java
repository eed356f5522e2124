// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.config;

import java.nio.file.Path;
import java.util.Objects;

/**
 * Settings of a node.
 *
 * @param node its name; part of directory names, so only letters, digits, dots, dashes and
 *     underscores, 64 at most
 * @param pluginLibrary {@code libtracefleet.so}
 * @param parallel guests that run at once, 1 to 64
 */
public record NodeSettings(
    String node, Path pluginLibrary, int parallel, RingSettings ring, PublishSettings publish) {
  public NodeSettings {
    if (!node.matches("[A-Za-z0-9._-]{1,64}")) {
      throw new IllegalArgumentException(
          "node: \"" + node + "\" is not 1 to 64 letters, digits, '.', '-' and '_'");
    }
    pluginLibrary = pluginLibrary.toAbsolutePath().normalize();
    Range.check("parallel", parallel, 1, 64);
    Objects.requireNonNull(ring);
    Objects.requireNonNull(publish);
  }

  /** This host's name, the plugin of this installation, 4 guests at once. */
  public static NodeSettings defaults() {
    return new NodeSettings(
        HostName.get(),
        PluginLibrary.locate(),
        4,
        RingSettings.defaults(),
        PublishSettings.defaults());
  }

  public NodeSettings withNode(String value) {
    return new NodeSettings(value, pluginLibrary, parallel, ring, publish);
  }

  public NodeSettings withPluginLibrary(Path value) {
    return new NodeSettings(node, value, parallel, ring, publish);
  }

  public NodeSettings withParallel(int value) {
    return new NodeSettings(node, pluginLibrary, value, ring, publish);
  }

  public NodeSettings withRing(RingSettings value) {
    return new NodeSettings(node, pluginLibrary, parallel, value, publish);
  }

  public NodeSettings withPublish(PublishSettings value) {
    return new NodeSettings(node, pluginLibrary, parallel, ring, value);
  }
}
