// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

final class LoopbackPortsTest {
  @Test
  void findsDifferentFreePorts() throws Exception {
    int[] ports = LoopbackPorts.resolve(new String[] {"a", "b", "c"}, new int[] {0, 0, 0});

    assertThat(ports).doesNotHaveDuplicates().doesNotContain(0);
  }

  @Test
  void keepsAPortThatIsFree() throws Exception {
    int free = LoopbackPorts.resolve(new String[] {"a"}, new int[] {0})[0];

    assertThat(LoopbackPorts.resolve(new String[] {"--port"}, new int[] {free}))
        .containsExactly(free);
  }

  @Test
  void namesPortAndOptionWhenItIsTaken() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName(LoopbackPorts.HOST))) {
      int port = taken.getLocalPort();
      assertThatThrownBy(
              () ->
                  LoopbackPorts.resolve(
                      new String[] {"--port", "--registry-port"}, new int[] {0, port}))
          .isInstanceOf(ClusterException.class)
          .hasMessageContaining("Port " + port)
          .hasMessageContaining("--registry-port")
          .message()
          .doesNotContain("\n");
    }
  }
}
