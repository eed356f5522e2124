// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.node.config.GuestSpec;
import io.tracefleet.node.publish.TestKafka;
import io.tracefleet.node.publish.TracePublisher;
import io.tracefleet.node.qemu.GuestProcess;
import io.tracefleet.node.qemu.ProcessIdentity;
import io.tracefleet.node.qemu.QemuCommand;
import io.tracefleet.node.qemu.QemuInfo;
import io.tracefleet.node.qemu.QemuInspector;
import io.tracefleet.node.ring.Doorbell;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/** Real QEMU with the real plugin, traced as a node does it; only Kafka is in memory. */
final class RealGuest {
  private static final Path PLUGIN =
      Path.of(System.getProperty("basedir", "."), "target/plugin/libtracefleet.so")
          .toAbsolutePath();
  private static final RunIds RUN_IDS = new RunIds();

  private RealGuest() {}

  /** Compiles C for this machine; the program is {@code directory/name}. */
  static Path compile(Path directory, String name, String source, String... options)
      throws Exception {
    Path file = Files.writeString(directory.resolve(name + ".c"), source);
    Path program = directory.resolve(name);
    List<String> command = new ArrayList<>(List.of("cc"));
    command.addAll(List.of(options));
    command.addAll(List.of("-o", program.toString(), file.toString()));
    Process compiler = new ProcessBuilder(command).inheritIO().start();
    assertThat(compiler.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(compiler.exitValue()).isZero();
    return program;
  }

  /**
   * Traces a guest to its end.
   *
   * @param directory for its rings, in shared memory; removed
   * @param options of the plugin
   * @param meanwhile called once it has been started
   */
  static TraceOutcome trace(
      TestKafka kafka,
      Path directory,
      List<String> command,
      Map<String, String> labels,
      Map<String, String> options,
      BiConsumer<GuestRun, GuestProcess> meanwhile)
      throws Exception {
    GuestSpec guest = GuestSpec.of(command);
    QemuInfo qemu = new QemuInspector().inspect(command.get(0));
    String runId = RUN_IDS.next(NodeClock.SYSTEM.micros());
    Map<String, String> all = new LinkedHashMap<>();
    all.put("ring-dir", directory.toString());
    all.put("run", runId);
    all.putAll(options);
    QemuCommand withPlugin = QemuCommand.withPlugin(qemu, guest.command(), PLUGIN, all);
    GuestManifest manifest =
        new GuestManifest(
            "it", guest.name(), labels, guest.command(), qemu.version(), runId, "it", false);
    try (Doorbell doorbell =
            Doorbell.create(directory, ProcessIdentity.self().pid(), NodeClock.SYSTEM.micros());
        TracePublisher publisher =
            kafka.publisherWithSymbols(24 << 20, doorbell::ring, command, labels);
        GuestTree tree =
            new GuestTree(
                manifest,
                directory,
                doorbell,
                publisher,
                Processes.SYSTEM,
                NodeClock.SYSTEM,
                NodeListener.NONE,
                Duration.ofMillis(100),
                Optional::empty,
                false)) {
      GuestProcess process = GuestProcess.start(withPlugin, guest, doorbell::ring);
      GuestRun run =
          new GuestRun(
              manifest,
              tree,
              RootProcess.of(process),
              publisher,
              doorbell,
              directory,
              NodeClock.SYSTEM,
              Processes.SYSTEM,
              Duration.ofSeconds(20),
              false);
      meanwhile.accept(run, process);
      long begin = System.nanoTime();
      assertThat(run.follow()).isTrue();
      TraceOutcome outcome =
          new TraceOutcome(
              guest,
              process.exitCode().orElseThrow(),
              tree.isRootSeen() ? runId : null,
              tree.ended(),
              tree.progress(),
              Duration.ofNanos(System.nanoTime() - begin),
              0,
              tree.problems());
      try (Stream<Path> left = Files.list(directory)) {
        assertThat(left)
            .extracting(file -> file.getFileName().toString())
            .containsExactly("doorbell");
      }
      return outcome;
    } finally {
      RingDirectories.remove(directory);
    }
  }
}
