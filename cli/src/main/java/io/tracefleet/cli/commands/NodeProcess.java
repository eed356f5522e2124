// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tracefleet.node.config.ClusterAccess;
import io.tracefleet.node.config.RingSettings;
import io.tracefleet.schemas.clients.ClientSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A node in a JVM of its own, running one of the demo's guests. It ends with this process: its
 * standard input is a pipe from here. Used by one thread.
 */
final class NodeProcess implements AutoCloseable {
  private static final Duration STOP_LIMIT = Duration.ofSeconds(10);
  private static final int LOG_LINES_SHOWN = 3;
  private static final String PLUGIN_PROPERTY = "tracefleet.plugin";

  private final DemoGuest guest;
  private final Process process;
  private final Path log;
  private final Path rings;

  private NodeProcess(DemoGuest guest, Process process, Path log, Path rings) {
    this.guest = guest;
    this.process = process;
    this.log = log;
    this.rings = rings;
  }

  static NodeProcess start(DemoGuest guest, ClusterAccess access, Path directory)
      throws IOException {
    Path config = directory.resolve(guest.name() + ".yaml");
    Path log = directory.resolve(guest.name() + ".log");
    // Of its own: what a dead node of another cluster has left is not for this one to publish.
    Path common = RingSettings.defaults().directory();
    Path rings =
        common.resolveSibling(
            "%s-demo-%d-%s"
                .formatted(common.getFileName(), ProcessHandle.current().pid(), guest.name()));
    // JSON is YAML, too.
    JsonMapper.builder()
        .build()
        .writeValue(
            config.toFile(),
            Map.of(
                "node",
                "node-" + guest.name(),
                "bootstrap",
                access.bootstrap(),
                "registry",
                access.registry(),
                "ringDir",
                rings.toString(),
                "guests",
                List.of(
                    Map.of(
                        "name",
                        guest.name(),
                        "command",
                        guest.command(),
                        "labels",
                        Map.of("demo", "true"),
                        "stdin",
                        "/dev/null",
                        "stdout",
                        directory.resolve(guest.name() + ".out").toString(),
                        "stderr",
                        directory.resolve(guest.name() + ".err").toString()))));
    List<String> command = new ArrayList<>();
    if (Files.isExecutable(Path.of("/usr/bin/setsid"))) {
      command.add("/usr/bin/setsid"); // ctrl-C comes to this process only, which passes it on
    }
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:-UsePerfData"));
    String plugin = System.getProperty(PLUGIN_PROPERTY);
    if (plugin != null) {
      command.add("-D" + PLUGIN_PROPERTY + "=" + plugin);
    }
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "node",
            "--stop-with-stdin",
            "--config",
            config.toString()));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().remove(ClientSettings.VARIABLE); // the demo's cluster has no security
    Process process = builder.start();
    return new NodeProcess(guest, process, log, rings);
  }

  DemoGuest guest() {
    return guest;
  }

  boolean alive() {
    return process.isAlive();
  }

  /** Only when it is not alive. */
  int exitCode() {
    return process.exitValue();
  }

  /** Asks it to stop its guest and publish what there is. */
  void interrupt() {
    process.destroy();
  }

  /** The last lines it wrote. */
  String lastLines() {
    try {
      List<String> lines = Files.readAllLines(log, StandardCharsets.ISO_8859_1);
      return String.join(
          " | ", lines.subList(Math.max(0, lines.size() - LOG_LINES_SHOWN), lines.size()));
    } catch (IOException e) {
      return "no log: " + e.getMessage();
    }
  }

  /** Ends it, in the end by force. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    deleteRings();
  }

  private void deleteRings() {
    try (Stream<Path> files = Files.walk(rings)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      // It was never made, or a guest that is being killed still has it: it is memory of this boot.
    }
  }
}
