// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.see;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients that ask for the hottest blocks of a run, each for the next answer as soon as it has one.
 * Used by one thread.
 */
final class ApiLoad {
  static final int CLIENTS = 50;
  static final int ROWS = 100;

  /** People look at different pages. */
  private static final int PAGES = 4;

  private static final double P99 = 0.99;
  private static final Duration CHANGE = Duration.ofMillis(200);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /**
   * What the clients saw.
   *
   * @param sortedNanos each answer's time
   * @param seconds that they asked for
   * @param bytes of the largest answer
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Seen(long[] sortedNanos, double seconds, int bytes) {
    double medianMillis() {
      return sortedNanos[sortedNanos.length / 2] / 1e6;
    }

    double p99Millis() {
      return sortedNanos[(int) Math.ceil(sortedNanos.length * P99) - 1] / 1e6;
    }

    double perSecond() {
      return sortedNanos.length / seconds;
    }
  }

  private final String url;
  private final SyntheticRun run;

  ApiLoad(String url, SyntheticRun run) {
    this.url = url;
    this.run = run;
  }

  /**
   * @param changing the run gets a batch five times a second
   */
  Seen measure(Duration warmUp, Duration measured, boolean changing) throws Exception {
    long begin = System.nanoTime() + warmUp.toNanos();
    long end = begin + measured.toNanos();
    ExecutorService threads =
        Executors.newFixedThreadPool(CLIENTS, task -> new Thread(task, "bench-client"));
    try {
      List<Future<Client>> clients = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        Client client = new Client(i % PAGES);
        clients.add(threads.submit(() -> client.run(begin, end)));
      }
      while (changing && System.nanoTime() < end) {
        run.grow(0, 1);
        LockSupport.parkNanos(CHANGE.toNanos());
      }
      long limit = end + PATIENCE.toNanos();
      List<Client> done = new ArrayList<>();
      for (Future<Client> client : clients) {
        done.add(client.get(limit - System.nanoTime(), TimeUnit.NANOSECONDS));
      }
      return seen(done, measured);
    } finally {
      threads.shutdownNow();
    }
  }

  private static Seen seen(List<Client> clients, Duration measured) {
    long[] nanos =
        clients.stream().flatMapToLong(c -> Arrays.stream(c.nanos, 0, c.count)).toArray();
    if (nanos.length == 0) {
      throw new IllegalStateException("the API gave no answer in " + measured.toSeconds() + " s");
    }
    Arrays.sort(nanos);
    int bytes = clients.stream().mapToInt(c -> c.bytes).max().orElseThrow();
    return new Seen(nanos, measured.toNanos() / 1e9, bytes);
  }

  /** One of them; its times are in primitive arrays, so that they make no garbage. */
  private final class Client {
    private final int page;
    private long[] nanos = new long[1024];
    private int count;
    private int bytes;

    Client(int page) {
      this.page = page;
    }

    Client run(long begin, long end) throws IOException {
      URI what =
          URI.create(
              url
                  + "/api/v1/runs/"
                  + SyntheticRun.ID
                  + "/hot-blocks?limit="
                  + ROWS
                  + "&offset="
                  + page * ROWS);
      try (LoopbackClient client = new LoopbackClient(what)) {
        for (long sent = System.nanoTime(); sent < end; sent = System.nanoTime()) {
          bytes = Math.max(bytes, client.ask());
          long took = System.nanoTime() - sent;
          if (sent >= begin) {
            nanos = count < nanos.length ? nanos : Arrays.copyOf(nanos, 2 * count);
            nanos[count++] = took;
          }
        }
      }
      return this;
    }
  }
}
