// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers {@code /metrics}, {@code /healthz} and {@code /readyz} of a component that has no HTTP
 * server of its own. The JDK's server does for three short pages, and adds no library to the
 * process that holds guests.
 */
public final class MetricsServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(MetricsServer.class);

  private static final int THREADS = 4;
  private static final int BACKLOG = 16;

  /**
   * Seconds after which the JDK's server gives up a request that does not arrive, and an answer
   * that nobody takes; it reads them once for the whole process.
   */
  private static final Map<String, String> LIMITS =
      Map.of("sun.net.httpserver.maxReqTime", "10", "sun.net.httpserver.maxRspTime", "30");

  private final HttpServer server;
  private final ExecutorService threads;

  private record Page(int status, String type, String text) {}

  private MetricsServer(HttpServer server, ExecutorService threads) {
    this.server = server;
    this.threads = threads;
  }

  /**
   * Starts to listen.
   *
   * @param settings with a port
   * @param metrics makes the page of all metrics
   * @throws MetricsException if it cannot, for example because the port is in use
   */
  public static MetricsServer open(
      MetricsSettings settings, Supplier<String> metrics, Readiness readiness)
      throws MetricsException {
    LIMITS.forEach(
        (name, seconds) -> {
          if (System.getProperty(name) == null) {
            System.setProperty(name, seconds);
          }
        });
    int port = settings.port().orElseThrow();
    HttpServer server;
    try {
      server =
          HttpServer.create(
              new InetSocketAddress(InetAddress.getByName(settings.address()), port), BACKLOG);
    } catch (IOException e) {
      throw new MetricsException(
          "metrics cannot listen on "
              + settings.address()
              + " port "
              + port
              + ": "
              + e.getMessage()
              + "; choose another by --metrics-port",
          e);
    }
    AtomicInteger made = new AtomicInteger();
    ExecutorService threads =
        Executors.newFixedThreadPool(
            THREADS,
            task -> {
              Thread thread = new Thread(task, "tracefleet-metrics-" + made.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    server.setExecutor(threads);
    server.createContext("/", exchange -> answer(exchange, page(exchange, metrics, readiness)));
    server.start();
    MetricsServer opened = new MetricsServer(server, threads);
    log.info("metrics url={}", opened.url());
    return opened;
  }

  private static Page page(HttpExchange exchange, Supplier<String> metrics, Readiness readiness) {
    try {
      return pageOrThrow(exchange, metrics, readiness);
    } catch (RuntimeException e) {
      log.error("path={} failed", exchange.getRequestURI().getPath(), e);
      return new Page(500, Health.CONTENT_TYPE, "The page failed: see the log.\n");
    }
  }

  private static Page pageOrThrow(
      HttpExchange exchange, Supplier<String> metrics, Readiness readiness) {
    if (!exchange.getRequestMethod().equals("GET") && !exchange.getRequestMethod().equals("HEAD")) {
      return new Page(405, Health.CONTENT_TYPE, "Only GET and HEAD.\n");
    }
    return switch (exchange.getRequestURI().getPath()) {
      case "/metrics" -> new Page(200, ComponentMeters.CONTENT_TYPE, metrics.get());
      case "/healthz" -> plain(Health.LIVE);
      case "/readyz" -> plain(Health.ready(readiness.obstacle()));
      default -> new Page(404, Health.CONTENT_TYPE, "There are /metrics, /healthz and /readyz.\n");
    };
  }

  private static Page plain(Health health) {
    return new Page(health.status(), Health.CONTENT_TYPE, health.text());
  }

  private static void answer(HttpExchange exchange, Page page) throws IOException {
    try (exchange) {
      byte[] bytes = page.text().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", page.type());
      exchange.getResponseHeaders().set("Cache-Control", "no-store");
      exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
      if (exchange.getRequestMethod().equals("HEAD")) {
        exchange.sendResponseHeaders(page.status(), -1);
      } else {
        exchange.sendResponseHeaders(page.status(), bytes.length);
        exchange.getResponseBody().write(bytes);
      }
    }
  }

  /** Where it is, without a path. */
  public String url() {
    InetSocketAddress address = server.getAddress();
    String host = address.getAddress().getHostAddress();
    return "http://" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + address.getPort();
  }

  /** At once; who asks now gets no answer. */
  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
