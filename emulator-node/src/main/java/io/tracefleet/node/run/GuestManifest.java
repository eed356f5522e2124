// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.run;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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

  /** A node that finds the file finds all of it. */
  void write(Path directory) throws IOException {
    Path part = directory.resolve(FILE + ".part");
    Files.write(part, new ObjectMapper().writeValueAsBytes(this));
    Files.move(part, directory.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
  }

  /** What a newer node wrote besides is passed over. */
  static GuestManifest read(Path directory) throws IOException {
    byte[] json = Files.readAllBytes(directory.resolve(FILE));
    try {
      return new ObjectMapper()
          .configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false)
          .readValue(json, GuestManifest.class);
    } catch (JacksonException e) {
      throw new IOException(FILE + " is broken: " + e.getOriginalMessage(), e);
    }
  }
}
