// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.report;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;

/** Asks the jobs' HTTP interface. */
public final class LiveApi {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final int OK = 200;
  private static final int UNAVAILABLE = 503;

  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(CONNECT).version(HttpClient.Version.HTTP_1_1).build();
  private final ObjectMapper mapper = JsonMapper.builder().build();
  private final String url;
  private final Optional<String> token;

  /**
   * @param url base URL, without the path
   * @param token that the interface asks for
   */
  public LiveApi(String url, Optional<String> token) {
    this.url = url.replaceAll("/+$", "");
    this.token = token;
  }

  /**
   * An answer; empty if nobody can answer now, and it is worth to try again.
   *
   * @param path from /api/v1/ on
   * @throws ResultException if there is an error that will stay
   */
  public Optional<JsonNode> get(String path) throws ResultException, InterruptedException {
    HttpResponse<String> response;
    try {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create(url + path)).timeout(ANSWER).GET();
      token.ifPresent(secret -> request.header("Authorization", "Bearer " + secret));
      response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IllegalArgumentException e) {
      throw new ResultException("--api " + url + " is no URL: give http://HOST:PORT.", e);
    } catch (IOException e) {
      return Optional.empty();
    }
    if (response.statusCode() == UNAVAILABLE) {
      return Optional.empty();
    }
    try {
      JsonNode json = mapper.readTree(response.body());
      if (response.statusCode() == OK) {
        return Optional.of(json);
      }
      throw new ResultException(
          url
              + ": "
              + json.path("error").path("message").asText("status " + response.statusCode()));
    } catch (JacksonException e) {
      throw new ResultException(
          url
              + " answered with status "
              + response.statusCode()
              + " and no JSON: is it Tracefleet's HTTP interface?",
          e);
    }
  }

  /** Where it asks. */
  public String url() {
    return url;
  }
}
