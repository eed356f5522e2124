// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs;

import io.tracefleet.jobs.http.HttpConfig;
import io.tracefleet.jobs.testing.ApiClient;
import io.tracefleet.jobs.testing.Batches;
import io.tracefleet.jobs.testing.Cluster;
import io.tracefleet.jobs.testing.CountPayload;
import io.tracefleet.jobs.testing.Runs;
import io.tracefleet.schemas.TraceBatch;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Measures the HTTP interface on this machine, with an embedded broker, and prints the figures: how
 * long 50 clients wait for the hottest 100 of 100,000 blocks, once while nothing changes and once
 * while the run goes on, and how long it takes until an acknowledged batch is visible. A program,
 * not a test: run it with the tests' class path.
 */
public final class ApiBenchmark {
  private static final int BLOCKS = 100_000;
  private static final int BLOCKS_IN_BATCH = 10_000;
  private static final int CLIENTS = 50;
  private static final Duration WARM_UP = Duration.ofSeconds(5);
  private static final Duration MEASURED = Duration.ofSeconds(15);
  private static final int VISIBLE_SAMPLES = 40;

  /** Between two requests of a client that watches a page. */
  private static final Duration THINKS = Duration.ofMillis(200);

  private final Cluster cluster;
  private final String url;
  private long sequence;

  private ApiBenchmark(Cluster cluster, String url) {
    this.cluster = cluster;
    this.url = url;
  }

  /** Runs it. */
  public static void main(String[] arguments) throws Exception {
    Path directory = Files.createTempDirectory("api-benchmark");
    try (Cluster cluster = new Cluster(directory.resolve("kafka"));
        StreamJobs jobs =
            StreamJobs.start(
                JobsConfig.of(cluster.bootstrap(), cluster.registry())
                    .withState(StateKind.MEMORY, directory.resolve("jobs"))
                    .withHttp(HttpConfig.local(0)))) {
      new ApiBenchmark(cluster, jobs.url().orElseThrow()).run();
    } finally {
      try (Stream<Path> files = Files.walk(directory)) {
        files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
      }
    }
  }

  private void run() throws Exception {
    ApiClient client = new ApiClient(url);
    cluster.send(Runs.run(Batches.RUN, "n1", "bench", Map.of()));
    for (int from = 0; from < BLOCKS; from += BLOCKS_IN_BATCH) {
      CountPayload payload = CountPayload.user();
      for (int i = from; i < from + BLOCKS_IN_BATCH; i++) {
        payload.block(0x400000L + 16L * i, i * 31, 4, 12, 1 + i % 1000);
      }
      cluster.send(batch(payload));
    }
    for (int i = 0; i < BLOCKS; i += 10) {
      cluster.send(
          Runs.block(Batches.RUN, 0x400000L + 16L * i, i * 31, "f" + i, "/a", 16L * i, "nop"));
    }
    client.await(
        "/api/v1/runs/" + Batches.RUN + "/hot-blocks",
        blocks -> blocks.get("total").asInt() == BLOCKS);

    report("nothing changes, one request after another", load(Duration.ZERO, false));
    report("nothing changes, 5 requests a second each", load(THINKS, false));
    report("a batch every 200 ms, one request after another", load(Duration.ZERO, true));
    report("a batch every 200 ms, 5 requests a second each", load(THINKS, true));
    visible(client);
  }

  private TraceBatch batch(CountPayload payload) {
    return Batches.batch(0, sequence++, payload);
  }

  /** Nanoseconds of each request, sorted. */
  private long[] load(Duration thinks, boolean changing) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(CLIENTS + 1);
    long begin = System.nanoTime() + WARM_UP.toNanos();
    long end = begin + MEASURED.toNanos();
    try {
      List<Future<List<Long>>> clients = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        int number = i;
        clients.add(threads.submit(() -> ask(number, thinks, begin, end)));
      }
      if (changing) {
        while (System.nanoTime() < end) {
          cluster.send(batch(CountPayload.user().block(0x400000L, 0, 4, 12, 1)));
          LockSupport.parkNanos(200_000_000L);
        }
      }
      List<Long> all = new ArrayList<>();
      for (Future<List<Long>> one : clients) {
        all.addAll(one.get());
      }
      long[] sorted = all.stream().mapToLong(Long::longValue).toArray();
      Arrays.sort(sorted);
      return sorted;
    } finally {
      threads.shutdownNow();
    }
  }

  private List<Long> ask(int number, Duration thinks, long begin, long end) throws Exception {
    HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    // Four different pages, as people look at different ones.
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create(
                    url
                        + "/api/v1/runs/"
                        + Batches.RUN
                        + "/hot-blocks?limit=100&offset="
                        + number % 4 * 100))
            .build();
    List<Long> nanos = new ArrayList<>();
    if (!thinks.isZero()) {
      LockSupport.parkNanos(thinks.toNanos() * number / CLIENTS);
    }
    while (System.nanoTime() < end) {
      long sent = System.nanoTime();
      HttpResponse<byte[]> answer = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
      long took = System.nanoTime() - sent;
      if (answer.statusCode() != 200) {
        throw new IllegalStateException("status " + answer.statusCode());
      }
      if (sent >= begin) {
        nanos.add(took);
      }
      if (!thinks.isZero()) {
        LockSupport.parkNanos(thinks.toNanos());
      }
    }
    return nanos;
  }

  private static void report(String what, long[] nanos) {
    System.out.printf(
        "%-50s %,7d requests, %,6d/s, p50 %5.1f ms, p99 %5.1f ms, max %5.1f ms%n",
        what,
        nanos.length,
        nanos.length / MEASURED.toSeconds(),
        nanos[nanos.length / 2] / 1e6,
        nanos[nanos.length * 99 / 100] / 1e6,
        nanos[nanos.length - 1] / 1e6);
  }

  private void visible(ApiClient client) throws Exception {
    String path = "/api/v1/runs/" + Batches.RUN + "/vcpus";
    long[] nanos = new long[VISIBLE_SAMPLES];
    long before = client.json(path).at("/sum/instructions").asLong();
    for (int i = 0; i < nanos.length; i++) {
      cluster.send(batch(CountPayload.user().block(0x400000L, 0, 4, 12, 1)));
      long acknowledged = System.nanoTime();
      while (client.json(path).at("/sum/instructions").asLong() == before) {
        LockSupport.parkNanos(5_000_000L);
      }
      nanos[i] = System.nanoTime() - acknowledged;
      before = client.json(path).at("/sum/instructions").asLong();
      LockSupport.parkNanos(37_000_000L * (i % 20)); // not in step with the commits
    }
    Arrays.sort(nanos);
    System.out.printf(
        "acknowledged until visible: p50 %.0f ms, p90 %.0f ms, max %.0f ms%n",
        nanos[nanos.length / 2] / 1e6,
        nanos[nanos.length * 9 / 10] / 1e6,
        nanos[nanos.length - 1] / 1e6);
  }
}
