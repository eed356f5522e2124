// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What reaches the HTTP server from those who mean harm, byte by byte: clients of good libraries
 * would not send it. Questions need no jobs to be refused.
 */
final class HostileClientTest {
  private static final String SECRET = "0123456789abcdef-token";

  @TempDir private Path directory;
  private HttpApi server;

  @BeforeEach
  void start() throws Exception {
    server =
        HttpApi.open(
            new HttpConfig(
                Optional.of(0),
                "127.0.0.1",
                Optional.empty(),
                Optional.of(Files.writeString(directory.resolve("token"), SECRET)),
                1));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/v1/runs",
        "/api/v1/openapi.json",
        "/api/v1/events",
        "/internal/v1/read",
        "//api/v1/runs",
        "/api//v1/runs",
        "/./api/v1/runs",
        "/x/../api/v1/runs",
        "/%61pi/v1/runs",
        "/api;x=y/v1/runs"
      })
  void withoutTheTokenNothingIsAnswered(String path) throws Exception {
    for (String header :
        List.of(
            "",
            "Authorization: Bearer wrong-0123456789ab\r\n",
            "Authorization: Bearer \r\n",
            "Authorization: Basic " + SECRET + "\r\n",
            "Authorization: Bearer " + SECRET.substring(1) + "\r\n")) {
      assertNothing(send("GET " + path + " HTTP/1.1", "127.0.0.1", header));
    }
    assertThat(
            status(
                send(
                    "GET /api/v1/openapi.json HTTP/1.1",
                    "127.0.0.1",
                    "Authorization: Bearer " + SECRET + "\r\n")))
        .isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"evil.example", "evil.example:80", "localhost.evil.example", "127.0.0.1.evil", ""})
  void otherHostNamesAreRefused(String host) throws Exception {
    assertThat(status(send("GET / HTTP/1.1", host, ""))).isIn(400, 403);
  }

  @Test
  void noOtherSiteMayReadAnswers() throws Exception {
    for (String request : List.of("GET /health/live", "OPTIONS /api/v1/runs")) {
      String answer =
          send(
              request + " HTTP/1.1",
              "127.0.0.1",
              "Origin: https://evil.example\r\nAccess-Control-Request-Method: GET\r\n");
      assertThat(answer).doesNotContainIgnoringCase("Access-Control-Allow");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/../../../../etc/passwd",
        "/..%2f..%2f..%2fetc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..%5c..%5cetc/passwd",
        "/%2fetc/passwd",
        "//etc/passwd",
        "/..;/..;/etc/passwd",
        "/%00",
        "/..%2flogback.xml",
        "/openapi.json",
        "/HttpApi.class"
      })
  void noPathLeadsOutOfTheDashboard(String path) throws Exception {
    String answer = send("GET " + path + " HTTP/1.1", "127.0.0.1", "");

    assertNothing(answer);
    assertThat(answer).doesNotContain("root:").doesNotContain("<configuration");
  }

  @Test
  void whatIsTooLargeIsRefused() throws Exception {
    String token = "Authorization: Bearer " + SECRET + "\r\n";
    assertThat(status(send("GET /" + "x".repeat(100_000) + " HTTP/1.1", "127.0.0.1", "")))
        .isBetween(400, 499);
    assertThat(
            status(send("GET / HTTP/1.1", "127.0.0.1", "X-Large: " + "x".repeat(100_000) + "\r\n")))
        .isBetween(400, 499);
    assertThat(
            status(
                send(
                    "POST /internal/v1/read HTTP/1.1",
                    "127.0.0.1",
                    token + "Content-Length: 2000000000\r\n")))
        .isBetween(400, 503);

    assertThat(status(send("GET /health/live HTTP/1.1", "127.0.0.1", ""))).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "FOO"})
  void nothingIsChanged(String method) throws Exception {
    String answer =
        send(
            method + " /api/v1/runs HTTP/1.1",
            "127.0.0.1",
            "Authorization: Bearer " + SECRET + "\r\nContent-Length: 0\r\n");

    assertThat(status(answer)).isIn(400, 404, 405, 501);
    assertThat(answer).doesNotContain(SECRET);
  }

  private String send(String request, String host, String headers) throws IOException {
    URI url = URI.create(server.url());
    try (Socket socket = new Socket(url.getHost(), url.getPort())) {
      socket.setSoTimeout(20_000);
      String text = request + "\r\nHost: " + host + "\r\n" + headers + "Connection: close\r\n\r\n";
      try {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
      } catch (IOException e) {
        // It may have answered and closed before all was sent.
      }
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  /**
   * Refused, or the dashboard's page, which is there for whatever might be an address in it and
   * holds no data. Questions would be answered with 503: nothing serves them here.
   */
  private void assertNothing(String answer) throws IOException {
    if (status(answer) == 200) {
      assertThat(body(answer)).isEqualTo(body(send("GET / HTTP/1.1", "127.0.0.1", "")));
    } else {
      assertThat(status(answer)).as(answer).isIn(400, 401, 404);
    }
  }

  private static String body(String answer) {
    return answer.substring(answer.indexOf("\r\n\r\n"));
  }

  private static int status(String answer) {
    assertThat(answer).startsWith("HTTP/1.1 ");
    return Integer.parseInt(answer.substring(9, 12));
  }
}
