// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.see;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToLongFunction;

/** Asks for a number until it is what is awaited. Used by one thread. */
final class JsonApi {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final long PAUSE_NANOS = 5_000_000;

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(LIMIT).build();
  private final ObjectMapper mapper = new ObjectMapper();
  private final String url;

  JsonApi(String url) {
    this.url = url;
  }

  /** Returns as soon as the answer has the number. */
  void await(String path, ToLongFunction<JsonNode> number, long wanted)
      throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url + path)).timeout(LIMIT).build();
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (true) {
      HttpResponse<byte[]> answer = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
      if (answer.statusCode() == 200
          && number.applyAsLong(mapper.readTree(answer.body())) == wanted) {
        return;
      }
      if (System.nanoTime() - deadline > 0) {
        throw new IOException(
            "the API did not show "
                + wanted
                + " at "
                + path
                + " within "
                + LIMIT.toSeconds()
                + " s, its last answer had status "
                + answer.statusCode());
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }
}
