// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.bench;

import io.tracefleet.cli.console.CommandException;
import io.tracefleet.cli.console.Exit;
import io.tracefleet.node.config.NodeSettings;
import io.tracefleet.node.qemu.QemuCommand;
import io.tracefleet.node.qemu.QemuInspector;
import io.tracefleet.node.ring.BatchSink;
import io.tracefleet.node.ring.Doorbell;
import io.tracefleet.node.ring.RingBatch;
import io.tracefleet.node.ring.RingException;
import io.tracefleet.node.ring.RingReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Traces a guest without Kafka and keeps the payloads of its last full batches. Stateless. */
final class PayloadCapture {
  private static final int KEPT = 32;

  /** A smaller batch was ended by time, not by size. */
  private static final int LEAST_BYTES = 64 << 10;

  private static final Duration WAIT = Duration.ofMillis(20);

  private PayloadCapture() {}

  /**
   * @param rings an empty directory, in memory
   * @param to an empty directory, which gets the payloads
   */
  static void run(BenchGuest guest, Path rings, Path to, NodeSettings node) throws Exception {
    Deque<byte[]> kept = new ArrayDeque<>();
    List<RingBatch> taken = new ArrayList<>();
    BatchSink sink = taken::add;
    Map<String, String> options = new LinkedHashMap<>();
    options.put("ring-dir", rings.toString());
    options.put("run", UUID.randomUUID().toString());
    options.put("disas", "off");
    QemuCommand command =
        QemuCommand.withPlugin(
            new QemuInspector().inspect(guest.qemu()),
            guest.command(),
            node.pluginLibrary(),
            options);
    ProcessBuilder builder =
        new ProcessBuilder(command.arguments())
            .redirectInput(new File("/dev/null"))
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().putAll(command.environment());
    long deadline = System.nanoTime() + Workbench.LIMIT.toNanos();
    RingReader reader = null;
    Process process = null;
    try (Doorbell doorbell = Doorbell.create(rings, ProcessHandle.current().pid(), micros())) {
      process = builder.start();
      process.onExit().thenRun(doorbell::ring);
      boolean alive = true;
      while (alive) {
        int seen = doorbell.word();
        alive = process.isAlive();
        doorbell.beat(micros());
        if (reader == null) {
          reader = open(rings);
        }
        int work = reader == null ? 0 : reader.poll(sink);
        for (RingBatch batch : taken) {
          keep(batch, kept);
          batch.acknowledged();
        }
        taken.clear();
        if (Thread.interrupted()) {
          throw new InterruptedException("capturing");
        }
        if (System.nanoTime() - deadline > 0) {
          throw failure(guest, "did not end within " + Workbench.LIMIT.toSeconds() + " s");
        }
        if (work == 0 && alive) {
          doorbell.await(seen, WAIT);
        }
      }
      if (process.exitValue() != 0 || kept.isEmpty()) {
        throw failure(
            guest, "ended with " + process.exitValue() + " and left " + kept.size() + " batches");
      }
    } finally {
      if (process != null) {
        process.destroyForcibly().waitFor();
      }
      if (reader != null) {
        reader.close();
      }
    }
    int number = 0;
    for (byte[] payload : kept) {
      Files.write(to.resolve(Show.format("%03d.payload", number++)), payload);
    }
  }

  private static void keep(RingBatch batch, Deque<byte[]> kept) {
    if (batch.isDetail() || batch.payloadSize() < LEAST_BYTES) {
      return;
    }
    byte[] payload = new byte[batch.payloadSize()];
    batch.copyPayload(payload, 0);
    kept.addLast(payload);
    if (kept.size() > KEPT) {
      kept.removeFirst();
    }
  }

  /** Null while there is no ring. */
  private static RingReader open(Path rings) throws IOException, CommandException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(rings, "*.ring")) {
      for (Path file : files) {
        return RingReader.open(file);
      }
      return null;
    } catch (RingException e) {
      throw new CommandException(Exit.FAILURE, e.getMessage(), e);
    }
  }

  private static CommandException failure(BenchGuest guest, String what) {
    return new CommandException(Exit.FAILURE, "The guest " + guest.id() + " " + what + ".");
  }

  private static long micros() {
    return System.currentTimeMillis() * 1000;
  }
}
