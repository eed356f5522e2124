// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What a node has to know of a guest to write its runs' records. Kept beside the rings, so that
 * another node can when this one is dead.
 *
 * @param node name of the node that started the guest
 * @param name the guest's
 * @param labels the guest's
 * @param command QEMU and its arguments, without the plugin
 * @param qemuVersion such as 7.2.22
 * @param rootRunId of the process that the node started
 * @param pluginVersion of the plugin
 * @param embedded true if the cluster ended with that node
 */
record GuestManifest(
    String node,
    String name,
    Map<String, String> labels,
    List<String> command,
    String qemuVersion,
    String rootRunId,
    String pluginVersion,
    boolean embedded) {
  private static final String FILE = "guest.json";

  GuestManifest {
    labels = Map.copyOf(labels);
    command = List.copyOf(command);
  }

  void write(Path directory) throws IOException {
    StateFile.write(directory.resolve(FILE), this);
  }

  static GuestManifest read(Path directory) throws IOException {
    return StateFile.read(directory.resolve(FILE), GuestManifest.class);
  }
}
