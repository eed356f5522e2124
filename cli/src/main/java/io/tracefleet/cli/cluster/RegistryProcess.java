// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.cluster;

import java.io.IOException;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The schema registry (Apicurio, spoken to over Confluent's REST API) in a child JVM. {@link
 * #start} and {@link #stop} are called by one thread at a time.
 */
final class RegistryProcess {
  private static final String API = "/apis/ccompat/v7";
  private static final String COMPATIBILITY = "{\"compatibility\":\"BACKWARD\"}";
  private static final int POLL_MILLIS = 50;
  private static final int HTTP_TIMEOUT_MILLIS = 5_000;
  private static final int LOG_LINES_SHOWN = 5;

  private final int port;
  private final Path home;
  private final Path directory;
  private final boolean keepData;
  private Process process;
  private boolean stopped;

  RegistryProcess(int port, Path home, Path directory, boolean keepData) {
    this.port = port;
    this.home = home;
    this.directory = directory;
    this.keepData = keepData;
  }

  String url() {
    return "http://" + LoopbackPorts.HOST + ":" + port + API;
  }

  /**
   * Starts the child and returns when it answers; compatibility is then BACKWARD for every subject.
   */
  void start(Duration limit) throws ClusterException, InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    try {
      Files.createDirectories(directory);
      Files.deleteIfExists(logFile());
      synchronized (this) {
        if (stopped) {
          throw new ClusterException("The schema registry was stopped before it started.");
        }
        process = processBuilder().start();
      }
    } catch (IOException e) {
      throw new ClusterException("The schema registry cannot be started: " + e.getMessage(), e);
    }
    Throwable last = null;
    while (process.isAlive()) {
      try {
        if (setCompatibility()) {
          return;
        }
      } catch (IOException e) {
        last = e; // not listening yet
      }
      if (System.nanoTime() - deadline > 0) {
        throw new ClusterException(
            "The schema registry on port "
                + port
                + " did not answer within "
                + limit.toSeconds()
                + " s; last lines of its log: "
                + lastLogLines(),
            last);
      }
      process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS);
    }
    throw new ClusterException(
        "The schema registry ended with exit code "
            + process.exitValue()
            + " while starting; last lines of its log: "
            + lastLogLines());
  }

  /** Ends the child, by force after the limit. */
  void stop(Duration limit) {
    Process child;
    synchronized (this) {
      stopped = true;
      child = process;
    }
    if (child == null) {
      return;
    }
    // Nothing to be saved in memory-only mode, so no orderly stop to wait for.
    if (keepData) {
      child.destroy();
    } else {
      child.destroyForcibly();
    }
    try {
      if (!child.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        child.destroyForcibly().waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      child.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  synchronized Optional<Process> process() {
    return Optional.ofNullable(process);
  }

  private ProcessBuilder processBuilder() throws IOException, ClusterException {
    List<String> command = new ArrayList<>();
    // A session of its own: ctrl-C on the terminal reaches this JVM only.
    if (Files.isExecutable(Path.of("/usr/bin/setsid"))) {
      command.add("/usr/bin/setsid");
    }
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx192m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData",
            // What it unpacks goes when the directory goes.
            "-Djava.io.tmpdir=" + directory.toAbsolutePath(),
            "-Dquarkus.http.host=" + LoopbackPorts.HOST,
            "-Dquarkus.http.port=" + port,
            "-Dquarkus.banner.enabled=false"));
    if (keepData) {
      command.add(
          "-DREGISTRY_DATASOURCE_URL=jdbc:h2:file:" + directory.resolve("db").toAbsolutePath());
    }
    command.add("-cp");
    command.add(ownClasses() + ":" + runnerJar());
    command.add(RegistryMain.class.getName());
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.directory(directory.toFile());
    // Never a pipe that somebody would wait on; standard input stays a pipe, see RegistryMain.
    builder.redirectErrorStream(true).redirectOutput(logFile().toFile());
    builder.environment().put("MALLOC_ARENA_MAX", "2");
    return builder;
  }

  private Path runnerJar() throws IOException, ClusterException {
    if (Files.isDirectory(home)) {
      try (DirectoryStream<Path> jars = Files.newDirectoryStream(home, "*-runner.jar")) {
        for (Path jar : jars) {
          return jar.toAbsolutePath();
        }
      }
    }
    throw new ClusterException(
        "No schema registry in "
            + home
            + ": build the cli module first (mvn package), or set -D"
            + ClusterSettings.REGISTRY_HOME_PROPERTY
            + " to the directory that holds its *-runner.jar.");
  }

  private static Path ownClasses() throws ClusterException {
    try {
      return Path.of(
          RegistryMain.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new ClusterException(
          "The program's own classes cannot be located: " + e.getMessage(), e);
    }
  }

  private boolean setCompatibility() throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection) URI.create(url() + "/config").toURL().openConnection();
    try {
      connection.setConnectTimeout(HTTP_TIMEOUT_MILLIS);
      connection.setReadTimeout(HTTP_TIMEOUT_MILLIS);
      connection.setRequestMethod("PUT");
      connection.setDoOutput(true);
      connection.setRequestProperty("Content-Type", "application/json");
      try (OutputStream body = connection.getOutputStream()) {
        body.write(COMPATIBILITY.getBytes(StandardCharsets.UTF_8));
      }
      return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
    } finally {
      connection.disconnect();
    }
  }

  private Path logFile() {
    return directory.resolve("registry.log");
  }

  private String lastLogLines() {
    try {
      List<String> lines = Files.readAllLines(logFile(), StandardCharsets.ISO_8859_1);
      return String.join(
          " | ", lines.subList(Math.max(0, lines.size() - LOG_LINES_SHOWN), lines.size()));
    } catch (IOException e) {
      return "(" + logFile() + " cannot be read: " + e.getMessage() + ")";
    }
  }
}
