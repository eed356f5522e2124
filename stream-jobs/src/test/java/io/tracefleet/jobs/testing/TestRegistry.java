// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.testing;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The part of a schema registry's HTTP interface that the jobs use; it keeps schemas in memory and
 * checks nothing.
 */
public final class TestRegistry implements AutoCloseable {
  private final ObjectMapper json = new ObjectMapper();
  private final List<String> schemas = new ArrayList<>();
  private final Map<String, List<Integer>> subjects = new LinkedHashMap<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer server;

  public TestRegistry() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::handle);
    server.setExecutor(threads);
    server.start();
  }

  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private synchronized void handle(HttpExchange exchange) throws IOException {
    String[] path = exchange.getRequestURI().getPath().split("/");
    byte[] body = exchange.getRequestBody().readAllBytes();
    Object answer;
    if (path[1].equals("config")) {
      answer = Map.of("compatibility", "BACKWARD");
    } else if (path[1].equals("schemas")) {
      int id = Integer.parseInt(path[3]);
      if (id > schemas.size()) {
        answer(exchange, 404, Map.of("error_code", 40403, "message", "Schema not found"));
        return;
      }
      answer = Map.of("schema", schemas.get(id - 1));
    } else if (path.length == 2) {
      answer = subjects.keySet();
    } else {
      String schema = json.readTree(body).get("schema").asText();
      if (!schemas.contains(schema)) {
        schemas.add(schema);
      }
      int id = schemas.indexOf(schema) + 1;
      List<Integer> versions = subjects.computeIfAbsent(path[2], name -> new ArrayList<>());
      if (!versions.contains(id)) {
        versions.add(id);
      }
      answer =
          Map.of(
              "id", id, "subject", path[2], "version", versions.indexOf(id) + 1, "schema", schema);
    }
    answer(exchange, 200, answer);
  }

  private void answer(HttpExchange exchange, int status, Object answer) throws IOException {
    byte[] bytes = json.writeValueAsString(answer).getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/vnd.schemaregistry.v1+json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
