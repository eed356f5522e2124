// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What lies beside the rings for the node that comes after. */
class ClusterMarkTest {
  private static final GuestManifest GUEST =
      new GuestManifest(
          "node", "guest", Map.of(), List.of("qemu-x86_64"), "7.2", "run", "0.1", false);

  @TempDir private Path directory;

  @Test
  void theClusterIsReadAsItWasWritten() throws Exception {
    ClusterMark.write(directory, "MkU3OEVBNTcwNTJENDM2Qk");

    assertThat(ClusterMark.read(directory)).contains("MkU3OEVBNTcwNTJENDM2Qk");
  }

  @Test
  void aNodeWithoutMarksIsToldFromOthers() throws Exception {
    assertThat(ClusterMark.read(directory)).isEmpty();
  }

  @Test
  void aManifestOfANewerNodeIsRead() throws Exception {
    GUEST.write(directory);
    Path file = directory.resolve("guest.json");
    Files.writeString(
        file, Files.readString(file).replaceFirst("\\{", "{\"someday\":{\"new\":[1]},"));

    assertThat(GuestManifest.read(directory)).isEqualTo(GUEST);
    assertThat(directory.toFile().list()).containsExactly("guest.json");
  }

  @Test
  void aBrokenManifestIsOneLine() throws Exception {
    Files.writeString(directory.resolve("guest.json"), "{\"node\":");

    assertThatThrownBy(() -> GuestManifest.read(directory))
        .isInstanceOf(IOException.class)
        .message()
        .startsWith("guest.json is broken: ")
        .doesNotContain("\n");
  }
}
