// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The images' HEALTHCHECK against a program that is ready, not ready, silent and not there. */
class HealthyTest {
  private static int healthy(int port) throws Exception {
    Process process =
        new ProcessBuilder(
                "bash",
                Path.of("../images/healthy").toAbsolutePath().toString(),
                String.valueOf(port),
                "/readyz")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).as("ends").isTrue();
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }

  private static int answered(int status) throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(
              exchange.getRequestURI().getPath().equals("/readyz") ? status : 404, -1);
          exchange.close();
        });
    server.start();
    try {
      return healthy(server.getAddress().getPort());
    } finally {
      server.stop(0);
    }
  }

  @Test
  void onlyAProgramThatIsReadyIsHealthy() throws Exception {
    assertThat(answered(200)).as("ready").isZero();
    assertThat(answered(503)).as("not ready").isEqualTo(1);
    assertThat(answered(404)).as("another program").isEqualTo(1);
  }

  @Test
  void whoDoesNotAnswerIsNotHealthy() throws Exception {
    int port;
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = silent.getLocalPort();
      assertThat(healthy(port)).as("silent").isEqualTo(1);
    }
    assertThat(healthy(port)).as("nothing there").isEqualTo(1);
  }
}
