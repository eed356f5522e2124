// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.see;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Answers of the JDK's own server, with a length and in chunks. */
final class LoopbackClientTest {
  private static final int BYTES = 200_000;

  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/whole", exchange -> answer(exchange, 200, BYTES));
    server.createContext("/chunked", exchange -> answer(exchange, 200, 0));
    server.createContext("/wrong", exchange -> answer(exchange, 503, BYTES));
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private static void answer(HttpExchange exchange, int status, long length) throws IOException {
    try (exchange) {
      exchange.sendResponseHeaders(status, length);
      exchange.getResponseBody().write(new byte[BYTES]);
    }
  }

  private LoopbackClient client(String path) throws IOException {
    return new LoopbackClient(
        URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path + "?a=b"));
  }

  @Test
  void oneConnectionTakesAnswersOfEitherKind() throws IOException {
    for (String path : new String[] {"/whole", "/chunked"}) {
      try (LoopbackClient client = client(path)) {
        for (int i = 0; i < 3; i++) {
          assertThat(client.ask()).as(path).isEqualTo(BYTES);
        }
      }
    }
  }

  @Test
  void anAnswerThatIsNoneIsAnError() throws IOException {
    try (LoopbackClient client = client("/wrong")) {
      assertThatThrownBy(client::ask).isInstanceOf(IOException.class).hasMessageContaining("503");
    }
  }
}
