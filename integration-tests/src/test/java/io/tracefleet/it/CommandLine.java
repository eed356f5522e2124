// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** The tracefleet command in a JVM of its own, as the launcher starts it. Used by one thread. */
final class CommandLine implements AutoCloseable {
  private final Path stdout;
  private final Path stderr;
  private final Process process;

  private CommandLine(Path stdout, Path stderr, Process process) {
    this.stdout = stdout;
    this.stderr = stderr;
    this.process = process;
  }

  /**
   * Starts the command in this directory, which takes its outputs and is all that it knows of the
   * user.
   */
  static CommandLine start(Path directory, List<String> arguments) throws IOException {
    return start(directory, "io.tracefleet.cli.commands.Main", Map.of(), arguments);
  }

  /** The same with a main class of another component, and more environment. */
  static CommandLine start(
      Path directory, String main, Map<String, String> environment, List<String> arguments)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-Xmx768m",
                "-XX:+UseSerialGC",
                "-Dtracefleet.plugin=" + Places.plugin(),
                "-Dtracefleet.registry.home=" + Places.registryHome(),
                "-cp",
                classPath(),
                main));
    command.addAll(arguments);
    Path stdout = Files.createTempFile(directory, "stdout-", "");
    Path stderr = Files.createTempFile(directory, "stderr-", "");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectInput(new File("/dev/null"))
            .redirectOutput(stdout.toFile())
            .redirectError(stderr.toFile());
    builder.environment().put("XDG_RUNTIME_DIR", directory.toString());
    builder.environment().putAll(environment);
    return new CommandLine(stdout, stderr, builder.start());
  }

  /** This JVM's, without the tests. */
  private static String classPath() {
    String all =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    return Arrays.stream(all.split(File.pathSeparator, -1))
        .filter(entry -> !entry.endsWith("test-classes") && !entry.endsWith("-tests.jar"))
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** Waits for the end. */
  int exitCode(Duration limit) throws InterruptedException, IOException {
    assertThat(process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS))
        .as("ends within " + limit + "; it said:\n" + stdout() + stderr())
        .isTrue();
    return process.exitValue();
  }

  /** Waits until one of the outputs contains this. */
  void awaitText(String text, Duration limit) throws InterruptedException, IOException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (true) {
      boolean alive = process.isAlive(); // asked first: it may say the text and end
      if ((stdout() + stderr()).contains(text)) {
        return;
      }
      assertThat(alive).as("alive; it said:\n" + stdout() + stderr()).isTrue();
      assertThat(System.nanoTime())
          .as("'" + text + "' within " + limit + "; it said:\n" + stdout() + stderr())
          .isLessThan(deadline);
      process.waitFor(50, TimeUnit.MILLISECONDS);
    }
  }

  /** Sends a signal by name, such as INT. */
  void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  /** What it started and what that started, while they live. */
  List<ProcessHandle> descendants() {
    return process.descendants().toList();
  }

  String stdout() throws IOException {
    return Files.readString(stdout);
  }

  String stderr() throws IOException {
    return Files.readString(stderr);
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Ends it and all that it started, at once. */
  void kill() throws InterruptedException {
    List<ProcessHandle> all = descendants();
    process.destroyForcibly().waitFor();
    all.forEach(ProcessHandle::destroyForcibly);
    all.forEach(handle -> handle.onExit().join());
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
