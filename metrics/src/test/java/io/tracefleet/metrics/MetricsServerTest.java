// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tracefleet.metrics.testing.Exposition;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MetricsServerTest {
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
  private final AtomicLong batches = new AtomicLong(7);
  private volatile Optional<String> obstacle = Optional.of("it starts,\nas yet");
  private ComponentMeters<Long> meters;
  private MetricsServer server;

  @BeforeEach
  void open() throws Exception {
    meters =
        new ComponentMeters<>(0L, batches::get, Set.of("kafka.shown"), "node", "a \"quoted\\\nnode")
            .counter("tracefleet.test.batches", "", "Batches.", Long::doubleValue)
            .counter("tracefleet.test.held", "seconds", "Held.", n -> n / 2.0, "why", "ring")
            .gauge("tracefleet.test.in.flight", "bytes", "In flight.", n -> 3);
    server = MetricsServer.open(MetricsSettings.ANY_PORT, meters::page, () -> obstacle);
  }

  @AfterEach
  void close() {
    server.close();
    meters.close();
  }

  private HttpResponse<String> send(String method, String path) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create(server.url() + path))
            .timeout(Duration.ofSeconds(5))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void thePageHasTheValuesOfNow() throws Exception {
    HttpResponse<String> before = send("GET", "/metrics");
    batches.set(11);
    HttpResponse<String> after = send("GET", "/metrics");

    assertThat(before.statusCode()).isEqualTo(200);
    assertThat(before.headers().firstValue("Content-Type"))
        .contains("text/plain; version=0.0.4; charset=utf-8");
    assertThat(new Exposition(before.body()).sum("tracefleet_test_batches_total")).isEqualTo(7);
    Exposition page = new Exposition(after.body());
    assertThat(page.sum("tracefleet_test_batches_total", "node", "a \\\"quoted\\\\\\nnode"))
        .isEqualTo(11);
    assertThat(page.sum("tracefleet_test_held_seconds_total", "why", "ring")).isEqualTo(5.5);
    assertThat(page.sum("tracefleet_test_in_flight_bytes")).isEqualTo(3);
    assertThat(page.families().get("tracefleet_test_batches_total").help()).isEqualTo("Batches.");
  }

  @Test
  void theJvmIsThereAndOfKafkaOnlyWhatIsAskedFor() throws Exception {
    meters.registry().counter("kafka.shown").increment();
    meters.registry().counter("kafka.hidden").increment();

    String page = send("GET", "/metrics").body();

    assertThat(
            new Exposition(
                    page.replaceAll("# HELP kafka_shown_total .*", "# HELP kafka_shown_total x"))
                .families())
        .containsKeys("jvm_memory_used_bytes", "jvm_threads_live_threads", "kafka_shown_total")
        .doesNotContainKey("kafka_hidden_total");
  }

  @Test
  void healthAndReadiness() throws Exception {
    assertThat(send("GET", "/healthz").body()).isEqualTo("live\n");
    HttpResponse<String> not = send("GET", "/readyz");
    obstacle = Optional.empty();
    HttpResponse<String> ready = send("GET", "/readyz");

    assertThat(not.statusCode()).isEqualTo(503);
    assertThat(not.body()).isEqualTo("not ready: it starts, as yet\n");
    assertThat(ready.statusCode()).isEqualTo(200);
    assertThat(ready.body()).isEqualTo("ready\n");
  }

  @Test
  void otherRequests() throws Exception {
    assertThat(send("HEAD", "/metrics").statusCode()).isEqualTo(200);
    assertThat(send("POST", "/metrics").statusCode()).isEqualTo(405);
    assertThat(send("GET", "/").statusCode()).isEqualTo(404);
    assertThat(send("GET", "/metrics/x").statusCode()).isEqualTo(404);
  }

  @Test
  void aPageThatFailsSaysSo() throws Exception {
    try (MetricsServer broken =
        MetricsServer.open(
            MetricsSettings.ANY_PORT,
            () -> {
              throw new IllegalStateException("on purpose");
            },
            Optional::empty)) {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(URI.create(broken.url() + "/metrics")).build(),
              HttpResponse.BodyHandlers.ofString());

      assertThat(answer.statusCode()).isEqualTo(500);
      assertThat(answer.body()).doesNotContain("on purpose");
    }
  }

  @Test
  void aPortInUseIsOneClearLine() {
    int port = URI.create(server.url()).getPort();

    assertThatThrownBy(
            () ->
                MetricsServer.open(
                    MetricsSettings.OFF.withPort(Optional.of(port)), () -> "", Optional::empty))
        .isInstanceOf(MetricsException.class)
        .hasMessage(
            "metrics cannot listen on 127.0.0.1 port "
                + port
                + ": Address already in use; choose another by --metrics-port");
  }

  @Test
  void listensOnLoopbackOnly() throws Exception {
    assertThat(server.url()).startsWith("http://127.0.0.1:");
    int port = URI.create(server.url()).getPort();
    InetAddress other = InetAddress.getByName("127.0.0.2");
    assertThatThrownBy(() -> new Socket(other, port).close()).isInstanceOf(IOException.class);
  }

  @Test
  void whoSendsNothingKeepsNobodyOut() throws Exception {
    List<Socket> idle = new ArrayList<>();
    try {
      for (int i = 0; i < 12; i++) {
        Socket socket = new Socket("127.0.0.1", URI.create(server.url()).getPort());
        idle.add(socket);
        if (i < 2) {
          // Half a request holds a thread until the server gives it up.
          socket
              .getOutputStream()
              .write("GET /metr".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
      }
      assertThat(send("GET", "/healthz").statusCode()).isEqualTo(200);
    } finally {
      for (Socket socket : idle) {
        socket.close();
      }
    }
  }
}
