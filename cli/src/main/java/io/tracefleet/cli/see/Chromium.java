// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.see;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A headless Chromium, by the DevTools protocol: JSON over a WebSocket. Used by one thread; answers
 * arrive on the HTTP client's.
 */
final class Chromium implements AutoCloseable {
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final long PAUSE_MILLIS = 20;
  private static final String PORT_FILE = "DevToolsActivePort";

  private final ObjectMapper mapper = new ObjectMapper();
  private final Process process;
  private final AtomicInteger lastId = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
  private WebSocket socket;

  private Chromium(Process process) {
    this.process = process;
  }

  /** Where one is. */
  static Optional<Path> find(List<Path> searchPath) {
    return NAMES.stream()
        .flatMap(name -> searchPath.stream().map(directory -> directory.resolve(name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * @param profile an empty directory for what it writes
   */
  static Chromium start(Path executable, Path profile) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                executable.toString(),
                "--headless",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "--no-first-run",
                "--disable-gpu",
                "--window-size=1280,900"));
    if ("root".equals(System.getProperty("user.name"))) {
      command.add("--no-sandbox"); // it refuses root otherwise; the pages are our own
    }
    Chromium chromium =
        new Chromium(
            new ProcessBuilder(command)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start());
    boolean connected = false;
    try {
      chromium.connect(profile.resolve(PORT_FILE));
      connected = true;
      return chromium;
    } finally {
      if (!connected) {
        chromium.close();
      }
    }
  }

  private void connect(Path portFile) throws Exception {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    List<String> lines = List.of();
    while (lines.size() < 2) {
      if (!process.isAlive() || System.nanoTime() - deadline > 0) {
        throw new IOException("Chromium did not start within " + LIMIT.toSeconds() + " s");
      }
      process.waitFor(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
      lines = Files.exists(portFile) ? Files.readAllLines(portFile) : List.of();
    }
    socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .connectTimeout(LIMIT)
            .buildAsync(URI.create("ws://127.0.0.1:" + lines.get(0) + lines.get(1)), new Answers())
            .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
  }

  /** A window without a cache, as for somebody who comes for the first time. */
  Page open() throws Exception {
    String context =
        call(null, "Target.createBrowserContext", Map.of()).get("browserContextId").textValue();
    String target =
        call(null, "Target.createTarget", Map.of("url", "about:blank", "browserContextId", context))
            .get("targetId")
            .textValue();
    String session =
        call(null, "Target.attachToTarget", Map.of("targetId", target, "flatten", true))
            .get("sessionId")
            .textValue();
    return new Page(context, session);
  }

  /** A page of a window of its own. Used by one thread. */
  final class Page implements AutoCloseable {
    private final String context;
    private final String session;

    private Page(String context, String session) {
      this.context = context;
      this.session = session;
    }

    void navigate(String url) throws Exception {
      JsonNode answer = call(session, "Page.navigate", Map.of("url", url));
      if (answer.has("errorText")) {
        throw new IOException(url + ": " + answer.get("errorText").textValue());
      }
    }

    /** The value of a JavaScript expression, once it is a number. */
    double number(String expression) throws Exception {
      long deadline = System.nanoTime() + LIMIT.toNanos();
      while (true) {
        JsonNode value =
            call(session, "Runtime.evaluate", Map.of("expression", expression)).at("/result/value");
        if (value.isNumber()) {
          return value.doubleValue();
        }
        if (System.nanoTime() - deadline > 0) {
          throw new IOException("the page has no " + expression + " yet");
        }
        Thread.sleep(PAUSE_MILLIS);
      }
    }

    @Override
    public void close() throws Exception {
      call(null, "Target.disposeBrowserContext", Map.of("browserContextId", context));
    }
  }

  private JsonNode call(String session, String method, Map<String, Object> parameters)
      throws Exception {
    int id = lastId.incrementAndGet();
    ObjectNode message = mapper.createObjectNode().put("id", id).put("method", method);
    message.set("params", mapper.valueToTree(parameters));
    if (session != null) {
      message.put("sessionId", session);
    }
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    waiting.put(id, answer);
    socket.sendText(message.toString(), true).get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    JsonNode node = answer.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    if (node.has("error")) {
      throw new IOException("Chromium: " + method + ": " + node.at("/error/message").asText());
    }
    return node.get("result");
  }

  private final class Answers implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        take(text.toString());
        text.setLength(0);
      }
      from.request(1);
      return null;
    }

    private void take(String message) {
      try {
        JsonNode node = mapper.readTree(message);
        CompletableFuture<JsonNode> answer =
            node.has("id") ? waiting.remove(node.get("id").intValue()) : null;
        if (answer != null) {
          answer.complete(node);
        }
      } catch (IOException e) {
        waiting.values().forEach(answer -> answer.completeExceptionally(e));
      }
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
      waiting.values().forEach(answer -> answer.completeExceptionally(error));
    }
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    try {
      process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
