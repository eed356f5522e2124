// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.bench;

import io.tracefleet.cli.console.CommandException;
import io.tracefleet.cli.console.Exit;
import io.tracefleet.cli.console.Printable;
import io.tracefleet.node.config.NodeException;
import io.tracefleet.node.config.NodeSettings;
import io.tracefleet.node.qemu.QemuCommand;
import io.tracefleet.node.qemu.QemuInfo;
import io.tracefleet.node.qemu.QemuInspector;
import io.tracefleet.node.ring.Doorbell;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Runs a guest once, in any way, and measures it. Used by one thread. */
final class Workbench implements AutoCloseable {
  /** A guest that runs longer is killed. */
  static final Duration LIMIT = Duration.ofMinutes(4);

  private static final double NANOS = 1e9;
  private static final int LINES_SHOWN = 3;

  private final Path scratch;
  private final NodeSettings node;
  private final Pipeline pipeline;
  private final QemuInspector inspector = new QemuInspector();
  private final Map<String, QemuInfo> qemus = new HashMap<>();

  private Workbench(Path scratch, NodeSettings node, Pipeline pipeline) {
    this.scratch = scratch;
    this.node = node;
    this.pipeline = pipeline;
  }

  /**
   * Makes a directory for what is written meanwhile.
   *
   * @param base where; should be in memory
   * @param pipeline null if no case needs it
   */
  static Workbench open(Path base, NodeSettings node, Pipeline pipeline) throws IOException {
    return new Workbench(Files.createTempDirectory(base, "tracefleet-bench-"), node, pipeline);
  }

  /** What a guest's QEMU is; asked once each. */
  QemuInfo qemu(BenchGuest guest) throws NodeException {
    QemuInfo known = qemus.get(guest.qemu());
    if (known == null) {
      known = inspector.inspect(guest.qemu());
      qemus.put(guest.qemu(), known);
    }
    return known;
  }

  Sample run(BenchGuest guest, BenchCase which) throws Exception {
    if (which.method() instanceof Method.Bare) {
      return execute(guest, which, guest.command(), Map.of(), false);
    } else if (which.method() instanceof Method.PluginAlone alone) {
      return pluginAlone(guest, which, alone);
    } else if (which.method() instanceof Method.Everything everything) {
      return pipeline.trace(guest, everything.mode(), everything.options());
    } else if (which.method() instanceof Method.StockPlugin stock) {
      List<String> command = new ArrayList<>(guest.command());
      command.addAll(1, List.of("-plugin", stock.library().toString(), "-d", "plugin"));
      return execute(guest, which, command, Map.of(), stock.logged());
    } else if (which.method() instanceof Method.Tool tool) {
      Path out = Files.createDirectory(scratch.resolve("out"));
      try {
        List<String> command = new ArrayList<>();
        tool.prefix().forEach(word -> command.add(word.replace("{out}", out.toString())));
        command.addAll(guest.program());
        Sample sample = execute(guest, which, command, Map.of(), false);
        return new Sample(
            sample.wallSeconds(),
            sample.guestSeconds(),
            sample.cpuSeconds(),
            sample.guestPeakBytes(),
            sample.jvmPeakBytes(),
            OptionalLong.of(size(out)),
            OptionalLong.empty(),
            Optional.empty());
      } finally {
        delete(out);
      }
    }
    throw new IllegalStateException("unknown method " + which.method());
  }

  private Sample pluginAlone(BenchGuest guest, BenchCase which, Method.PluginAlone alone)
      throws Exception {
    Path rings = Files.createDirectory(scratch.resolve("rings"));
    try (Doorbell doorbell =
        Doorbell.create(rings, ProcessHandle.current().pid(), System.currentTimeMillis() * 1000)) {
      Map<String, String> options = new LinkedHashMap<>();
      options.put("ring-dir", rings.toString());
      options.put("run", UUID.randomUUID().toString());
      options.put("mode", alone.mode().word());
      options.put("discard", "on");
      options.putAll(alone.options());
      QemuCommand command =
          QemuCommand.withPlugin(qemu(guest), guest.command(), node.pluginLibrary(), options);
      return execute(guest, which, command.arguments(), command.environment(), false);
    } finally {
      delete(rings);
    }
  }

  private Sample execute(
      BenchGuest guest,
      BenchCase which,
      List<String> command,
      Map<String, String> environment,
      boolean logged)
      throws IOException, InterruptedException, CommandException {
    Path stdout = scratch.resolve("stdout");
    Path stderr = scratch.resolve("stderr");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectInput(new File("/dev/null"))
            .redirectOutput(stdout.toFile())
            .redirectError(stderr.toFile());
    builder.environment().putAll(environment);
    double cpuBefore = CpuClock.endedChildren();
    Process process = builder.start();
    long begin = System.nanoTime();
    try (PeakMemory memory = PeakMemory.of(process.pid())) {
      if (!process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        throw failure(guest, which, "did not end within " + LIMIT.toSeconds() + " s", stderr);
      }
      double seconds = (System.nanoTime() - begin) / NANOS;
      double cpu = CpuClock.endedChildren() - cpuBefore;
      if (process.exitValue() != 0) {
        throw failure(guest, which, "ended with exit code " + process.exitValue(), stderr);
      }
      return new Sample(
          seconds,
          seconds,
          Map.of(Part.GUEST, cpu),
          memory.peak(),
          OptionalLong.empty(),
          logged ? OptionalLong.of(Files.size(stderr)) : OptionalLong.empty(),
          OptionalLong.empty(),
          Optional.empty());
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private static CommandException failure(
      BenchGuest guest, BenchCase which, String what, Path output) throws IOException {
    List<String> lines;
    try (Stream<String> all = Files.lines(output, StandardCharsets.ISO_8859_1)) {
      lines = all.limit(LINES_SHOWN).map(line -> Printable.of(line, 200)).toList();
    }
    return new CommandException(
        Exit.FAILURE,
        guest.id() + "/" + which.id() + " " + what + ": " + String.join(" | ", lines));
  }

  private static long size(Path directory) throws IOException {
    long bytes = 0;
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        bytes += Files.size(file);
      }
    }
    return bytes;
  }

  /** A directory and what is in it. */
  static void delete(Path directory) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
          delete(file);
        } else {
          Files.deleteIfExists(file);
        }
      }
    }
    Files.deleteIfExists(directory);
  }

  @Override
  public void close() throws IOException {
    delete(scratch);
  }
}
