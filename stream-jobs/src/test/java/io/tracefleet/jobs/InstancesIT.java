// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs;

import static io.tracefleet.jobs.testing.Batches.RUN;
import static io.tracefleet.jobs.testing.Batches.batch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tracefleet.jobs.http.HttpConfig;
import io.tracefleet.jobs.testing.ApiClient;
import io.tracefleet.jobs.testing.Cluster;
import io.tracefleet.jobs.testing.CountPayload;
import io.tracefleet.jobs.testing.Runs;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Several instances that share the partitions. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class InstancesIT {
  private static final int VCPUS = 16;
  private static final long INSTRUCTIONS = VCPUS * 15L;

  /** How long a killed process keeps its partitions: long enough to see what is answered then. */
  private static final String SESSION_MILLIS = "8000";

  private static final ObjectMapper MAPPER = new ObjectMapper();

  @TempDir static Path directory;

  private static Cluster cluster;

  @BeforeAll
  static void startCluster() throws Exception {
    cluster = new Cluster(directory.resolve("kafka"));
  }

  @AfterAll
  static void stopCluster() {
    cluster.close();
  }

  @Test
  void anyInstanceAnswersForAllAndNamesOneThatWasKilled() throws Exception {
    Path token = Files.writeString(directory.resolve("token"), "0123456789abcdef\n");
    int port = freePort();
    Process other = startProcess(port, token);
    JobsConfig config =
        JobsConfig.of(cluster.bootstrap(), cluster.registry())
            .withState(StateKind.MEMORY, directory.resolve("here"))
            .withClients(Map.of("consumer.session.timeout.ms", SESSION_MILLIS), Map.of())
            .withHttp(
                new HttpConfig(
                    Optional.of(0), "127.0.0.1", Optional.empty(), Optional.of(token), 4));
    try (StreamJobs jobs = StreamJobs.start(config)) {
      ApiClient here = new ApiClient(jobs.url().orElseThrow());
      ApiClient there = new ApiClient("http://127.0.0.1:" + port);
      assertThat(here.get("/api/v1/runs").statusCode()).isEqualTo(401);
      assertThat(here.get("/api/v1/runs", "Authorization", "Bearer 0123456789abcdee").statusCode())
          .isEqualTo(401);
      assertThat(here.get("/internal/v1/read").statusCode()).isEqualTo(401);
      assertThat(here.get("/metrics").statusCode()).isEqualTo(401);
      assertThat(here.get("/metrics", "Authorization", "Bearer 0123456789abcdef").statusCode())
          .isEqualTo(200);
      assertThat(here.get("/health/live").statusCode()).isEqualTo(200);
      assertThat(here.get("/healthz").body()).isEqualTo("live\n");
      assertThat(here.get("/readyz").body()).isEqualTo("ready\n");

      cluster.send(Runs.run(RUN, "n1", "guest", Map.of()));
      for (int vcpu = 0; vcpu < VCPUS; vcpu++) {
        cluster.send(batch(vcpu, 0, CountPayload.user().block(0x1000, 0x11, 3, 9, 5)));
      }
      String path = "/api/v1/runs/" + RUN + "/hot-blocks";
      for (ApiClient api : new ApiClient[] {here, there}) {
        JsonNode all = await(api, path, blocks -> weight(blocks) == INSTRUCTIONS);
        assertThat(all.get("missing")).isEmpty();
        // Both have some, or this would show nothing.
        assertThat(answer(api, path).headers().firstValue("X-Tracefleet-Complete"))
            .hasValue("true");
        for (int vcpu = 0; vcpu < VCPUS; vcpu++) {
          assertThat(weight(MAPPER.readTree(answer(api, path + "?vcpu=" + vcpu).body())))
              .isEqualTo(15);
        }
      }

      other.destroyForcibly().waitFor();

      JsonNode rest =
          await(here, path, blocks -> !blocks.get("missing").isEmpty() && weight(blocks) > 0);
      assertThat(weight(rest)).isLessThan(INSTRUCTIONS);
      assertThat(rest.at("/missing/0/instance").asText()).isEqualTo("127.0.0.1:" + port);
      assertThat(rest.at("/missing/0/reason").asText()).isEqualTo("cannot be reached");
      assertThat(rest.at("/missing/0/partitions")).isNotEmpty();
      HttpResponse<String> partial = answer(here, path);
      assertThat(partial.statusCode()).isEqualTo(200);
      assertThat(partial.headers().firstValue("X-Tracefleet-Complete")).hasValue("false");
      int unavailable = 0;
      for (int vcpu = 0; vcpu < VCPUS; vcpu++) {
        HttpResponse<String> one = answer(here, path + "?vcpu=" + vcpu);
        if (one.statusCode() == 503) {
          unavailable++;
          assertThat(one.headers().firstValue("Retry-After")).hasValue("1");
        } else {
          assertThat(weight(MAPPER.readTree(one.body()))).isEqualTo(15);
        }
      }
      assertThat(unavailable).isBetween(1, VCPUS - 1);

      JsonNode again =
          await(here, path, blocks -> blocks.get("missing").isEmpty() && weight(blocks) > 0);
      assertThat(weight(again)).isEqualTo(INSTRUCTIONS);
    } finally {
      other.destroyForcibly();
    }
  }

  @Test
  void aBadTokenFileOrATakenPortIsRefused() throws Exception {
    JobsConfig config =
        JobsConfig.of(cluster.bootstrap(), cluster.registry())
            .withState(StateKind.MEMORY, directory.resolve("refused"));
    Path shortToken = Files.writeString(directory.resolve("short"), "secret");
    assertThatThrownBy(
            () ->
                StreamJobs.launch(
                    config.withHttp(
                        new HttpConfig(
                            Optional.of(0),
                            "127.0.0.1",
                            Optional.empty(),
                            Optional.of(shortToken),
                            4))))
        .isInstanceOf(JobsException.class)
        .hasMessageContaining(shortToken.toString())
        .hasMessageContaining("at least 16");
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(
              () -> StreamJobs.launch(config.withHttp(HttpConfig.local(taken.getLocalPort()))))
          .isInstanceOf(JobsException.class)
          .hasMessageContaining("port " + taken.getLocalPort())
          .hasMessageContaining("http.port");
    }
  }

  private static long weight(JsonNode blocks) {
    return blocks.path("totalWeight").asLong(-1);
  }

  private static HttpResponse<String> answer(ApiClient api, String path) throws Exception {
    return api.get(path, "Authorization", "Bearer 0123456789abcdef");
  }

  private static JsonNode await(ApiClient api, String path, Predicate<JsonNode> wanted)
      throws Exception {
    return ApiClient.await(
        () -> {
          JsonNode json;
          try {
            json = MAPPER.readTree(answer(api, path).body());
          } catch (IOException e) {
            return null; // the process is still starting
          }
          return json.has("missing") && wanted.test(json) ? json : null;
        },
        () -> answer(api, path).body());
  }

  private static Process startProcess(int port, Path token) throws Exception {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx128m",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            JobsMain.class.getName(),
            "bootstrap=" + cluster.bootstrap(),
            "registry=" + cluster.registry(),
            "state.dir=" + directory.resolve("there"),
            "kafka.consumer.session.timeout.ms=" + SESSION_MILLIS,
            "http.port=" + port,
            "http.token.file=" + token)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.to(new File(directory.toFile(), "other.log")))
        .start();
  }

  private static int freePort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
