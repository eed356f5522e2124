// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A node's configuration file, see the module's README for its keys.
 *
 * @param settings of the node
 * @param cluster where it publishes
 * @param guests what it runs, names are distinct
 */
public record NodeConfig(NodeSettings settings, ClusterAccess cluster, List<GuestSpec> guests) {
  public NodeConfig {
    guests = List.copyOf(guests);
    if (guests.isEmpty()) {
      throw new IllegalArgumentException("guests: none given");
    }
    Set<String> names = new HashSet<>();
    for (GuestSpec guest : guests) {
      if (!names.add(guest.name())) {
        throw new IllegalArgumentException(
            "guests: two are named \"" + guest.name() + "\", give each a name of its own");
      }
    }
  }

  /**
   * Reads {@code yaml}; unknown keys, wrong types and wrong values are errors.
   *
   * @param environment says where the cluster is if the file does not: {@code
   *     TRACEFLEET_BOOTSTRAP}, {@code TRACEFLEET_REGISTRY}
   */
  public static NodeConfig load(Path yaml, Map<String, String> environment) throws ConfigException {
    try {
      return YamlConfig.read(yaml.toString(), Files.readString(yaml), environment);
    } catch (NoSuchFileException e) {
      throw new ConfigException(yaml + ": no such file", e);
    } catch (IOException e) {
      throw new ConfigException(yaml + ": cannot be read: " + e.getMessage(), e);
    }
  }
}
