// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/** Finds free ports on 127.0.0.1. Stateless. */
final class LoopbackPorts {
  static final String HOST = "127.0.0.1";

  private LoopbackPorts() {}

  /**
   * Resolves each wanted port: 0 becomes a free one, distinct from the others.
   *
   * @throws ClusterException if a wanted port is taken; the message names the option to change
   */
  static int[] resolve(String[] options, int[] wanted) throws ClusterException {
    List<ServerSocket> held = new ArrayList<>();
    int[] ports = new int[wanted.length];
    try {
      for (int i = 0; i < wanted.length; i++) {
        // Held until all are known, so that two free ones differ.
        ServerSocket socket = new ServerSocket();
        held.add(socket);
        try {
          socket.bind(new InetSocketAddress(InetAddress.getByName(HOST), wanted[i]));
        } catch (IOException e) {
          throw new ClusterException(
              "Port "
                  + wanted[i]
                  + " on "
                  + HOST
                  + " cannot be used ("
                  + e.getMessage()
                  + "); stop the program that listens there or choose another with "
                  + options[i]
                  + ".",
              e);
        }
        ports[i] = socket.getLocalPort();
      }
    } catch (IOException e) {
      throw new ClusterException("No port on " + HOST + " could be opened: " + e.getMessage(), e);
    } finally {
      for (ServerSocket socket : held) {
        closeQuietly(socket);
      }
    }
    return ports;
  }

  private static void closeQuietly(ServerSocket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // The port stays taken; whoever binds it next says so.
    }
  }
}
