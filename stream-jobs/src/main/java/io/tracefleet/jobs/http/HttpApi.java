// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.http;

import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.HttpResponseException;
import io.tracefleet.jobs.query.Gatherer;
import io.tracefleet.jobs.query.Wire;
import io.tracefleet.metrics.ComponentMeters;
import io.tracefleet.metrics.Health;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.apache.kafka.streams.state.HostInfo;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server. It listens from the moment it is opened, because its port must be known before the
 * jobs start; until it is given {@link Services} it answers 503.
 */
public final class HttpApi implements AutoCloseable {
  static final String METRICS = "/metrics";
  static final String OPEN_API = "/api/v1/openapi.json";

  private static final Logger log = LoggerFactory.getLogger(HttpApi.class);

  private static final String POLICY =
      "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors"
          + " 'none'";

  /** Attribute of a request for events. */
  private static final String RUN = "run";

  private static final int MAX_THREADS = 40;
  private static final int MIN_THREADS = 4;

  private final HttpConfig config;
  private final Optional<Token> token;
  private final Javalin server;
  private volatile Ready ready;
  private volatile Supplier<String> metrics; // null until the jobs start

  private record Ready(Services services, Api api, Events events) {}

  private HttpApi(HttpConfig config, Optional<Token> token) {
    this.config = config;
    this.token = token;
    this.server = Javalin.create(this::configure);
  }

  /**
   * Starts to listen.
   *
   * @param config with a port
   * @throws HttpException if it cannot, or the token cannot be read
   */
  public static HttpApi open(HttpConfig config) throws HttpException {
    Optional<Token> token =
        config.tokenFile().isPresent()
            ? Optional.of(Token.read(config.tokenFile().get()))
            : Optional.empty();
    HttpApi api = new HttpApi(config, token);
    boolean started = false;
    try {
      api.server.start(config.address(), config.port().orElseThrow());
      started = true;
      log.info("http listens on {}", api.url());
      return api;
    } catch (RuntimeException e) {
      throw new HttpException(
          "HTTP cannot listen on %s port %d: %s. Choose others by http.address and http.port."
              .formatted(config.address(), config.port().orElseThrow(), cause(e)),
          e);
    } finally {
      if (!started) {
        api.server.stop();
      }
    }
  }

  private static String cause(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
  }

  /** Where users find it. */
  public String url() {
    return "http://" + bracketed(config.address()) + ":" + server.port();
  }

  /** Where the other instances find it. */
  public HostInfo advertised() {
    if (config.advertised().isPresent()) {
      String text = config.advertised().get();
      int colon = text.lastIndexOf(':');
      return new HostInfo(
          text.substring(0, colon).replaceAll("[\\[\\]]", ""),
          Integer.parseInt(text.substring(colon + 1)));
    }
    return new HostInfo(config.address(), server.port());
  }

  /** The same in the form host:port. */
  public String endpoint() {
    HostInfo host = advertised();
    return bracketed(host.host()) + ":" + host.port();
  }

  /** What this instance must give the others. */
  public Optional<String> secret() {
    return token.map(Token::secret);
  }

  /** From now on questions are answered. */
  public void serve(Services services) {
    ready = new Ready(services, new Api(services), new Events(services, config.eventClients()));
  }

  /** From now on there are metrics. */
  public void serveMetrics(Supplier<String> page) {
    metrics = page;
  }

  @Override
  public void close() {
    Ready now = ready;
    if (now != null) {
      now.events().close();
    }
    server.stop();
  }

  /** The questions by their paths. */
  static Map<String, BiConsumer<Api, Context>> questions() {
    Map<String, BiConsumer<Api, Context>> all = new LinkedHashMap<>();
    all.put("/api/v1/runs", Api::runs);
    all.put("/api/v1/runs/{id}", Api::run);
    all.put("/api/v1/runs/{id}/hot-blocks", Api::hotBlocks);
    all.put("/api/v1/runs/{id}/hot-functions", Api::hotFunctions);
    all.put("/api/v1/runs/{id}/vcpus", Api::vcpus);
    all.put("/api/v1/runs/{id}/hwaddr", Api::hwaddr);
    all.put("/api/v1/runs/{id}/hwaddr/pages", Api::pages);
    all.put("/api/v1/runs/{id}/syscalls", Api::syscalls);
    all.put("/api/v1/runs/{id}/timeline", Api::timeline);
    all.put("/api/v1/runs/{id}/audit", Api::audit);
    all.put("/api/v1/hot-blocks", Api::fleetBlocks);
    all.put("/api/v1/hot-functions", Api::fleetFunctions);
    all.put("/api/v1/nodes", Api::nodes);
    return all;
  }

  /** The other paths. */
  static List<String> otherPaths() {
    return List.of(
        "/api/v1/events",
        "/api/v1/runs/{id}/events",
        OPEN_API,
        "/health/live",
        "/health/ready",
        METRICS,
        "/healthz",
        "/readyz");
  }

  private void configure(JavalinConfig javalin) {
    javalin.startup.showJavalinBanner = false;
    javalin.http.compressionStrategy = CompressionStrategy.NONE;
    javalin.http.maxRequestSize = Wire.MAX_REQUEST_BYTES;
    QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, MIN_THREADS);
    threads.setName("tracefleet-http");
    threads.setDaemon(true);
    javalin.jetty.threadPool = threads;
    javalin.jetty.modifyHttpConfiguration(http -> http.setSendServerVersion(false));
    // Answers are short and streams have been closed before: there is nothing to wait for.
    javalin.jetty.modifyServer(jetty -> jetty.setStopTimeout(0));

    javalin.routes.before(this::guard);
    questions()
        .forEach(
            (path, question) ->
                javalin.routes.get(path, context -> question.accept(ready().api(), context)));
    streams(javalin);
    javalin.routes.get(OPEN_API, HttpApi::openApi);
    javalin.routes.get("/health/live", context -> json(context, 200, Map.of("status", "live")));
    javalin.routes.get("/health/ready", this::readiness);
    javalin.routes.get(METRICS, this::metrics);
    javalin.routes.get("/healthz", context -> health(context, Health.LIVE));
    javalin.routes.get("/readyz", context -> health(context, Health.ready(state().obstacle())));
    javalin.routes.post(Gatherer.PATH, this::readLocal);
    javalin.routes.get("/*", dashboard());
    javalin.routes.exception(ApiException.class, (e, context) -> error(context, e));
    javalin.routes.exception(
        HttpResponseException.class,
        (e, context) -> error(context, new ApiException(e.getStatus(), e.getMessage())));
    javalin.routes.exception(
        Exception.class,
        (e, context) -> {
          log.error("path={} failed", context.path(), e);
          error(context, new ApiException(500, "The answer failed: see the log of the jobs."));
        });
    javalin.routes.error(
        404,
        context -> {
          String type = context.res().getContentType();
          if (type == null || !type.contains("json")) { // else it says already what is not there
            error(context, new ApiException(404, "There is nothing at this path."));
          }
        });
  }

  private void streams(JavalinConfig javalin) {
    javalin.routes.before(
        "/api/v1/events",
        context -> {
          checkStream(context);
          ready().events().takePlace();
        });
    javalin.routes.before(
        "/api/v1/runs/{id}/events",
        context -> {
          checkStream(context);
          context.attribute(RUN, ready().api().find(context).getRunId());
          ready().events().takePlace();
        });
    javalin.routes.sse("/api/v1/events", client -> ready().events().serve(client, null));
    javalin.routes.sse(
        "/api/v1/runs/{id}/events",
        client -> ready().events().serve(client, client.ctx().attribute(RUN)));
  }

  private static void checkStream(Context context) {
    Api.parameters(context);
    if (!"text/event-stream".equals(context.header("Accept"))) {
      throw new ApiException(
          406, "This is a stream of events: give the header Accept: text/event-stream.");
    }
  }

  private Ready ready() {
    Ready now = ready;
    if (now == null) {
      throw ApiException.unavailable("The jobs are starting: try again in a second.");
    }
    return now;
  }

  private void guard(Context context) {
    context.header("Content-Security-Policy", POLICY);
    context.header("X-Content-Type-Options", "nosniff");
    context.header("Referrer-Policy", "no-referrer");
    context.header("Cache-Control", "no-store");
    if (config.loopbackOnly() && !isLoopbackName(context.header("Host"))) {
      // A page of some other site whose name was made to point here.
      throw new ApiException(403, "This server answers to names of this machine only.");
    }
    boolean open =
        !context.path().startsWith("/api/")
            && !context.path().startsWith("/internal/")
            && !context.path().equals(METRICS);
    if (!open && token.isPresent() && !token.get().matches(context.header("Authorization"))) {
      context.header("WWW-Authenticate", "Bearer");
      throw new ApiException(
          401, "A token is needed: give the header Authorization: Bearer TOKEN.");
    }
  }

  private boolean isLoopbackName(String host) {
    if (host == null) {
      return false;
    }
    try {
      String name = new URI("http://" + host).getHost();
      return name != null
          && (name.equalsIgnoreCase("localhost")
              || name.equals(bracketed(config.address()))
              || name.equals(bracketed(advertised().host()))
              || name.equals("[::1]")
              || name.matches("127(\\.[0-9]{1,3}){3}"));
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private static String bracketed(String address) {
    return address.indexOf(':') >= 0 ? "[" + address + "]" : address;
  }

  private JobsState state() {
    Ready now = ready;
    return now == null ? JobsState.STARTING : now.services().state().get();
  }

  private static void health(Context context, Health health) {
    context.status(health.status());
    context.contentType(Health.CONTENT_TYPE);
    Body.send(context, health.text().getBytes(StandardCharsets.UTF_8));
  }

  private void metrics(Context context) {
    Supplier<String> page = metrics;
    if (page == null) {
      throw ApiException.unavailable("The jobs are starting: try again in a second.");
    }
    context.contentType(ComponentMeters.CONTENT_TYPE);
    Body.send(context, page.get().getBytes(StandardCharsets.UTF_8));
  }

  private void readiness(Context context) {
    JobsState state = state();
    json(context, Health.ready(state.obstacle()).status(), Map.of("status", state.word()));
  }

  private void readLocal(Context context) {
    try {
      context.contentType("application/octet-stream");
      Body.send(
          context,
          Wire.encodeAnswers(
              ready().services().local().ask(Wire.decodeAsks(context.bodyAsBytes()))));
    } catch (IOException e) {
      throw ApiException.badRequest("This is no question of another instance: " + e.getMessage());
    }
  }

  private static Handler dashboard() {
    return context -> {
      String path = context.path();
      if (path.startsWith("/api/")
          || path.startsWith("/internal/")
          || path.startsWith("/health/")) {
        throw new ApiException(404, "There is nothing at this path.");
      }
      Dashboard.Asset asset =
          Dashboard.find(path)
              .orElseThrow(() -> new ApiException(404, "There is nothing at this path."));
      context.header("Cache-Control", "no-cache");
      context.contentType(asset.type());
      Body.send(context, asset.bytes());
    };
  }

  private static void openApi(Context context) throws IOException {
    Api.parameters(context);
    try (InputStream file = HttpApi.class.getResourceAsStream("openapi.json")) {
      context.contentType("application/json");
      Body.send(context, file.readAllBytes());
    }
  }

  private static void error(Context context, ApiException e) {
    if (e.status() == 503) {
      context.header("Retry-After", "1");
    }
    json(
        context,
        e.status(),
        Map.of("error", Map.of("status", e.status(), "message", e.getMessage())));
  }

  private static void json(Context context, int status, Object value) {
    context.status(status);
    context.contentType("application/json");
    Body.send(context, Rendering.json(value));
  }
}
