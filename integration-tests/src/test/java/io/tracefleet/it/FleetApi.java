// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Asks one instance of the stream jobs over HTTP. Safe for several threads. */
final class FleetApi {
  private static final Duration ANSWER = Duration.ofSeconds(8);
  private static final int PAGE = 1000;

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(3))
          .build();
  private final JsonMapper json = JsonMapper.builder().build();
  private final Supplier<String> url;
  private final String token;

  /**
   * @param url asked each time: an address may change when a container starts again
   */
  FleetApi(Supplier<String> url, String token) {
    this.url = url;
    this.token = token;
  }

  /** The answer if there is one, and all instances had a part in it. */
  Optional<JsonNode> ask(String path) throws InterruptedException {
    try {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(URI.create(url.get() + path))
                  .header("Authorization", "Bearer " + token)
                  .timeout(ANSWER)
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      boolean whole =
          answer.headers().firstValue("X-Tracefleet-Complete").orElse("true").equals("true");
      return answer.statusCode() == 200 && whole
          ? Optional.of(json.readTree(answer.body()))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Asks until the answer is as wanted. */
  JsonNode await(String path, Duration limit, Predicate<JsonNode> wanted)
      throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    Optional<JsonNode> last = Optional.empty();
    while (System.nanoTime() < deadline) {
      Optional<JsonNode> answer = ask(path);
      if (answer.isPresent()) {
        if (wanted.test(answer.get())) {
          return answer.get();
        }
        last = answer;
      }
      Thread.sleep(200);
    }
    throw new AssertionError(
        "%s is not as wanted within %s; the last answer: %s"
            .formatted(path, limit, last.map(JsonNode::toString).orElse("none")));
  }

  /** What this instance says it does, well or not; empty if it does not answer. */
  String state() throws InterruptedException {
    try {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(URI.create(url.get() + "/health/ready"))
                  .timeout(ANSWER)
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      return json.readTree(answer.body()).path("status").asText();
    } catch (IOException e) {
      return "";
    }
  }

  /** Waits until this instance has its partitions. */
  void awaitReady(Duration limit) throws InterruptedException {
    await("/health/ready", limit, answer -> answer.path("status").asText().equals("ready"));
  }

  /** What a run did, in the oracle's form. */
  Counts counts(String runId) throws InterruptedException {
    String run = "/api/v1/runs/" + runId;
    ObjectNode report = json.createObjectNode();
    report.set("vcpus", all(run + "/vcpus"));
    report.set("hotBlocks", all(run + "/hot-blocks"));
    report.set("hwaddr", all(run + "/hwaddr"));
    report.set("syscalls", all(run + "/syscalls"));
    Counts counts = ReportFile.counts(report);
    for (JsonNode page : all(run + "/hwaddr/pages")) {
      counts.pageOfAll(
          Long.parseUnsignedLong(page.get("page").textValue().substring(2), 16),
          page.get("reads").longValue(),
          page.get("writes").longValue(),
          page.get("readBytes").longValue(),
          page.get("writeBytes").longValue());
    }
    return counts;
  }

  private ArrayNode all(String path) throws InterruptedException {
    ArrayNode rows = json.createArrayNode();
    while (true) {
      JsonNode answer =
          await(
              path + "?limit=" + PAGE + "&offset=" + rows.size(),
              Duration.ofSeconds(30),
              page -> true);
      answer.get("rows").forEach(rows::add);
      if (rows.size() >= answer.get("total").asInt()) {
        return rows;
      }
      assertThat(answer.get("rows")).as(path + " has rows left").isNotEmpty();
    }
  }
}
