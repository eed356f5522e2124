// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/** Asks an HTTP interface. */
public final class ApiClient {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private final ObjectMapper mapper = new ObjectMapper();
  private final String url;

  public ApiClient(String url) {
    this.url = url;
  }

  /**
   * @param headers names and values in turn
   */
  public HttpResponse<String> get(String path, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url + path)).timeout(Duration.ofSeconds(20));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
  }

  /** The JSON of an answer with status 200. */
  public JsonNode json(String path) throws Exception {
    HttpResponse<String> answer = get(path);
    if (answer.statusCode() != 200) {
      throw new AssertionError(path + ": " + answer.statusCode() + " " + answer.body());
    }
    return mapper.readTree(answer.body());
  }

  /** Asks until the answer is as wanted. */
  public JsonNode await(String path, Predicate<JsonNode> wanted) throws Exception {
    return await(
        () -> {
          HttpResponse<String> answer = get(path);
          JsonNode json = mapper.readTree(answer.body());
          return answer.statusCode() == 200 && wanted.test(json) ? json : null;
        },
        () -> get(path).body());
  }

  /** Tries until there is a value. */
  public static <T> T await(Callable<T> attempt, Callable<String> last) throws Exception {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (System.nanoTime() < end) {
      T value = attempt.call();
      if (value != null) {
        return value;
      }
      LockSupport.parkNanos(50_000_000L);
    }
    throw new AssertionError("not within " + LIMIT + ": " + last.call());
  }
}
