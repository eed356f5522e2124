// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.testcontainers.DockerClientFactory;

/**
 * The container engine: the one that answers, else one of our own for as long as the tests take,
 * which needs Debian's docker.io and iptables, and root. Where neither can be had the tests are
 * skipped and say why, or fail with {@code -Dtracefleet.containers=required}.
 *
 * <p>Our own keeps images and layers in {@code /var/cache/tracefleet/engine}, so that only the
 * first run builds everything.
 */
final class ContainerEngine implements AutoCloseable {
  private static final String WANTED = System.getProperty("tracefleet.containers", "auto");
  private static final Path DIRECTORY =
      Path.of(System.getProperty("tracefleet.engine", "/var/cache/tracefleet/engine"));
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(30);
  private static final Duration OTHERS_LIMIT = Duration.ofMinutes(15);

  /** Set in {@code DOCKER_HOST}; null: the client's own default. */
  private final String host;

  /** What makes commands root's; null if the engine is not ours. */
  private final List<String> become;

  private final FileChannel lock;

  private ContainerEngine(String host, List<String> become, FileChannel lock) {
    this.host = host;
    this.become = become;
    this.lock = lock;
    if (host != null) {
      // For Testcontainers; the build lets it look here.
      System.setProperty("DOCKER_HOST", host);
    }
  }

  static ContainerEngine open() throws IOException, InterruptedException {
    if (WANTED.equals("off")) {
      throw unavailable("-Dtracefleet.containers=off");
    }
    if (!onPath("docker")) {
      throw unavailable("there is no docker command; apt-get install docker.io iptables");
    }
    String given = System.getenv("DOCKER_HOST");
    if (answers(given)) {
      return new ContainerEngine(given, null, null);
    }
    if (given != null) {
      throw unavailable("DOCKER_HOST is " + given + ", and no container engine answers there");
    }
    if (!onPath("dockerd") || !onPath("iptables")) {
      throw unavailable("no container engine answers; apt-get install docker.io iptables");
    }
    return start();
  }

  private static ContainerEngine start() throws IOException, InterruptedException {
    String user = System.getProperty("user.name");
    List<String> become = user.equals("root") ? List.of() : List.of("sudo", "-n");
    if (succeeds(become, "install", "-d", "-o", user, DIRECTORY.toString()).isPresent()) {
      throw unavailable("no container engine answers, and only root may start one");
    }
    FileChannel lock = lock();
    ContainerEngine engine =
        new ContainerEngine("unix://" + DIRECTORY.resolve("docker.sock"), become, lock);
    boolean started = false;
    try {
      // If it answers, somebody was killed before he could stop it.
      if (!answers(engine.host)) {
        engine.launch(user);
      }
      started = true;
      return engine;
    } finally {
      if (!started) {
        engine.close();
      }
    }
  }

  private static FileChannel lock() throws IOException, InterruptedException {
    FileChannel channel =
        FileChannel.open(
            DIRECTORY.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    long deadline = System.nanoTime() + OTHERS_LIMIT.toNanos();
    while (true) {
      try {
        FileLock held = channel.tryLock();
        if (held != null) {
          return channel;
        }
      } catch (OverlappingFileLockException e) {
        // Held by this JVM.
      }
      assertThat(System.nanoTime())
          .as("other tests that hold " + DIRECTORY.resolve("lock") + " end within " + OTHERS_LIMIT)
          .isLessThan(deadline);
      Thread.sleep(500);
    }
  }

  private void launch(String group) throws IOException, InterruptedException {
    Path log = Places.target().resolve("dockerd.log");
    List<String> command = new ArrayList<>(become);
    command.addAll(
        List.of(
            "dockerd",
            "--host",
            host,
            "--group",
            group,
            "--data-root",
            DIRECTORY.resolve("data").toString(),
            "--exec-root",
            DIRECTORY.resolve("run").toString(),
            "--pidfile",
            pidFile().toString()));
    Process process =
        new ProcessBuilder(command)
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    long deadline = System.nanoTime() + START_LIMIT.toNanos();
    while (!answers(host)) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        throw unavailable("the container engine does not start here: " + lastLine(log));
      }
      process.waitFor(200, TimeUnit.MILLISECONDS);
    }
  }

  /** Runs a program that uses the engine. */
  void run(Duration limit, Path program, String... arguments)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile("tracefleet-it-", ".out");
    try {
      List<String> command = new ArrayList<>(List.of(program.toString()));
      command.addAll(Arrays.asList(arguments));
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectInput(new File("/dev/null"))
              .redirectErrorStream(true)
              .redirectOutput(output.toFile());
      setHost(builder, host);
      Process process = builder.start();
      boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
      if (!ended) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
      assertThat(ended && process.exitValue() == 0)
          .as("%s ends well within %s; it said: %s", program, limit, Files.readString(output))
          .isTrue();
    } finally {
      Files.deleteIfExists(output);
    }
  }

  @Override
  public void close() throws IOException, InterruptedException {
    if (become == null) {
      return;
    }
    // Testcontainers cleans up once more when the JVM ends; nobody answers it then.
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, failure) -> {
          if (thread.getThreadGroup() != DockerClientFactory.TESTCONTAINERS_THREAD_GROUP) {
            failure.printStackTrace();
          }
        });
    try (FileChannel held = lock) {
      if (Files.exists(pidFile())) {
        String pid = Files.readString(pidFile()).strip();
        succeeds(become, "kill", pid);
        long deadline = System.nanoTime() + STOP_LIMIT.toNanos();
        while (Files.exists(Path.of("/proc", pid)) && System.nanoTime() < deadline) {
          Thread.sleep(100);
        }
        assertThat(Path.of("/proc", pid)).as("our container engine ends").doesNotExist();
      }
    }
  }

  private static Path pidFile() {
    return DIRECTORY.resolve("docker.pid");
  }

  private static boolean answers(String host) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder("docker", "version", "--format", "{{.Server.Version}}");
    setHost(builder, host);
    return failure(builder).isEmpty();
  }

  private static void setHost(ProcessBuilder builder, String host) {
    if (host != null) {
      builder.environment().put("DOCKER_HOST", host);
    }
  }

  /** Empty if it succeeds. */
  private static Optional<String> succeeds(List<String> become, String... words)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(become);
    command.addAll(List.of(words));
    return failure(new ProcessBuilder(command));
  }

  private static Optional<String> failure(ProcessBuilder builder) throws InterruptedException {
    try {
      Process process =
          builder
              .redirectInput(new File("/dev/null"))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return Optional.of("does not end");
      }
      return process.exitValue() == 0
          ? Optional.empty()
          : Optional.of("exit code " + process.exitValue());
    } catch (IOException e) {
      return Optional.of(e.getMessage());
    }
  }

  private static boolean onPath(String program) {
    String path = System.getenv().getOrDefault("PATH", "") + ":/usr/sbin:/sbin";
    return Arrays.stream(path.split(":", -1))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }

  private static String lastLine(Path log) throws IOException {
    List<String> lines = Files.readAllLines(log);
    return lines.isEmpty() ? "it says nothing" : lines.get(lines.size() - 1);
  }

  private static RuntimeException unavailable(String why) {
    String line = "no containers: " + why;
    if (WANTED.equals("required")) {
      throw new AssertionError(line);
    }
    System.out.println("Skipped, " + line);
    return Assumptions.abort(line);
  }
}
