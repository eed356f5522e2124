// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.codec.DetailReader;
import io.tracefleet.codec.FullDecoder;
import io.tracefleet.codec.TraceVisitor;
import io.tracefleet.node.config.TraceMode;
import io.tracefleet.node.config.TraceWish;
import io.tracefleet.node.ring.AppliedChange;
import io.tracefleet.node.ring.Doorbell;
import io.tracefleet.node.ring.RingBatch;
import io.tracefleet.node.ring.RingException;
import io.tracefleet.node.ring.RingInfo;
import io.tracefleet.node.ring.RingReader;
import io.tracefleet.node.ring.VcpuTally;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One QEMU with the plugin, read by the node's ring reader, without Kafka. Every batch is kept, so
 * guests must be small. Used by one thread.
 */
final class PluginRun implements AutoCloseable {
  private static final int END = 224;
  private static final int FLUSHES = 264;
  private static final int TRANSLATIONS = 272;
  private static final int DEFINITIONS = 280;
  private static final int INLINE = 296;
  private static final int CONTROL = 332;
  private static final int TALLY_STATE = 344;

  /** How QEMU is started. */
  static final class Setup {
    private final List<String> command;
    private TraceMode mode = TraceMode.FULL;
    private String arguments = "";
    private boolean oracle;
    private long flushMillis = 2;
    private final List<String> options = new ArrayList<>();
    private final Map<String, String> environment = new LinkedHashMap<>();

    private Setup(List<String> command) {
      this.command = command;
    }

    Setup mode(TraceMode wanted) {
      mode = wanted;
      return this;
    }

    /** Further plugin arguments. */
    Setup plugin(String... wanted) {
      arguments += "," + String.join(",", wanted);
      return this;
    }

    Setup withOracle() {
      oracle = true;
      return this;
    }

    /** How often open batches are asked for; the default makes many small ones. */
    Setup flushEveryMillis(long millis) {
      flushMillis = millis;
      return this;
    }

    /** QEMU's own options. */
    Setup qemu(String... wanted) {
      options.addAll(List.of(wanted));
      return this;
    }

    Setup environment(String name, String value) {
      environment.put(name, value);
      return this;
    }

    PluginRun start() throws Exception {
      return new PluginRun(this);
    }

    /** Runs it to its end. */
    PluginRun run() throws Exception {
      PluginRun run = start();
      boolean ended = false;
      try {
        run.await(r -> {});
        ended = true;
        return run;
      } finally {
        if (!ended) {
          run.close();
        }
      }
    }
  }

  /** One process. */
  static final class Ring {
    private final RingReader reader;
    private final MappedByteBuffer header;
    private final List<byte[]> payloads = new ArrayList<>();
    private final List<byte[]> details = new ArrayList<>();
    private final NaiveTrace trace = new NaiveTrace();
    private long most;

    private Ring(Path path) throws Exception {
      reader = RingReader.open(path);
      try (FileChannel channel =
          FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        header = channel.map(FileChannel.MapMode.READ_WRITE, 0, 4096);
      }
      header.order(ByteOrder.LITTLE_ENDIAN);
    }

    private boolean take(RingBatch batch) {
      byte[] payload = new byte[batch.payloadSize()];
      batch.copyPayload(payload, 0);
      if (batch.isDetail()) {
        details.add(payload);
      } else {
        assertThat(batch.droppedBatches()).as("dropped batches").isZero();
        payloads.add(payload);
        trace.add(batch.vcpu(), batch.generation(), payload);
      }
      batch.acknowledged();
      return true;
    }

    RingInfo info() throws Exception {
      return reader.info();
    }

    /** What was traced, counted. */
    Counts counts() {
      return trace.counts();
    }

    /** Instructions that were traced, all vCPUs. */
    long instructions() {
      return counts().sum("vcpu ", "instructions");
    }

    /** What the process said about its end: enum ring_end. */
    int end() {
      return header.getInt(END);
    }

    long flushes() {
      return header.getLong(FLUSHES);
    }

    long translations() {
      return header.getLong(TRANSLATIONS);
    }

    long definitions() {
      return header.getLong(DEFINITIONS);
    }

    /** The most definitions that were seen held at one time. */
    long mostDefinitions() {
      return most;
    }

    /** Totals of the inline operations: blocks, instructions, accesses. */
    List<Long> inline() {
      return List.of(
          header.getLong(INLINE), header.getLong(INLINE + 8), header.getLong(INLINE + 16));
    }

    /** The node's control word: 1 detach, 2 re-instrument. */
    void control(int wanted) {
      header.putInt(CONTROL, wanted);
    }

    int control() {
      return header.getInt(CONTROL);
    }

    /** Of counting in line: enum ring_tally. */
    int tallyState() {
      return header.getInt(TALLY_STATE);
    }

    /** Asks for something else to be traced; returns the number of the change. */
    int want(TraceWish wish) {
      return reader.want(wish);
    }

    /** The change with this number, once it is in force. */
    Optional<AppliedChange> applied(int number) {
      try {
        return reader.applied(number);
      } catch (RingException e) {
        throw new AssertionError(e);
      }
    }

    /** What became of each vCPU's instructions. */
    List<VcpuTally> tallies() {
      return reader.tallies();
    }

    /** Batches so far. */
    int batches() {
      return payloads.size();
    }

    /** All events, batch by batch in the order in which they were sealed. Full mode, one vCPU. */
    void visit(TraceVisitor visitor) throws Exception {
      FullDecoder decoder = new FullDecoder();
      for (byte[] payload : payloads) {
        decoder.decode(payload, 0, payload.length, visitor);
      }
    }

    /** Calls {@code each} at every block detail. */
    void details(Consumer<DetailReader> each) throws Exception {
      DetailReader detail = new DetailReader();
      for (byte[] payload : details) {
        detail.wrap(payload, 0, payload.length);
        while (detail.next()) {
          each.accept(detail);
        }
      }
    }
  }

  private final Path directory;
  private final Doorbell doorbell;
  private final Process process;
  private final Map<Path, Ring> rings = new LinkedHashMap<>();
  private final long flushNanos;
  private long flushed;

  static Setup of(List<String> command) {
    return new Setup(command);
  }

  static Setup of(String... command) {
    return new Setup(List.of(command));
  }

  private PluginRun(Setup setup) throws Exception {
    flushNanos = TimeUnit.MILLISECONDS.toNanos(setup.flushMillis);
    directory = Files.createTempDirectory(Path.of("/dev/shm"), "tracefleet-it-");
    doorbell = Doorbell.create(directory, ProcessHandle.current().pid(), now());
    List<String> command = new ArrayList<>(setup.command);
    command.addAll(1, setup.options);
    command.addAll(
        1,
        List.of(
            "-plugin",
            Places.plugin()
                + ",ring-dir="
                + directory
                + ",run="
                + UUID.randomUUID()
                + ",mode="
                + setup.mode.name().toLowerCase(java.util.Locale.ROOT)
                + setup.arguments));
    if (setup.oracle) {
      command.addAll(
          1, List.of("-plugin", Places.oracle() + ",out=" + directory.resolve("oracle")));
    }
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("said").toFile());
    builder.environment().putAll(setup.environment);
    process = builder.start();
  }

  private static long now() {
    return System.currentTimeMillis() * 1000;
  }

  /** Reads until QEMU and its children are gone; {@code round} is called once per round. */
  void await(Consumer<PluginRun> round) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(180);
    boolean over = false;
    while (!over) {
      assertThat(System.nanoTime())
          .as("QEMU ends in time; it said: " + said())
          .isLessThan(deadline);
      // Dead before the last poll, or something may be left behind.
      boolean gone = !process.isAlive();
      for (Ring ring : rings.values()) {
        gone &= !ring.info().process().isAlive();
      }
      int before = rings.size();
      find();
      over = gone && rings.size() == before;
      boolean any = false;
      int word = doorbell.word();
      for (Ring ring : rings.values()) {
        any |= ring.reader.poll(ring::take) > 0;
        ring.most = Math.max(ring.most, ring.definitions());
      }
      if (System.nanoTime() - flushed > flushNanos) {
        // Many small batches: the plugin looks at its limits when one ends.
        for (Ring ring : rings.values()) {
          ring.reader.flush();
        }
        flushed = System.nanoTime();
      }
      doorbell.beat(now());
      round.accept(this);
      if (!any && !over) {
        doorbell.await(word, java.time.Duration.ofMillis(2));
      }
    }
    for (Ring ring : rings.values()) {
      assertThat(ring.reader.complete(now())).as("missing batches").isZero();
      ring.reader.poll(ring::take);
      assertThat(ring.reader.isDone()).isTrue();
      ring.reader
          .tallies()
          .forEach(
              tally ->
                  assertThat(tally.executed())
                      .as("vCPU " + tally.vcpu())
                      .isEqualTo(tally.encoded() + tally.dropped() + tally.passed()));
    }
  }

  private void find() throws Exception {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.ring")) {
      for (Path file : files) {
        if (!rings.containsKey(file)) {
          rings.put(file, new Ring(file));
        }
      }
    }
  }

  /** Ends QEMU, as kill -9 does. */
  void kill() {
    process.destroyForcibly();
  }

  /** Every process that was traced. */
  List<Ring> rings() {
    return List.copyOf(rings.values());
  }

  /** The only process. */
  Ring ring() {
    assertThat(rings).as("rings; QEMU said: " + said()).hasSize(1);
    return rings.values().iterator().next();
  }

  /** Of QEMU, and so of the guest; 128 + signal. */
  int exitCode() throws InterruptedException {
    return process.waitFor();
  }

  /** Counts of the oracle in the first process. */
  Counts oracle() throws IOException {
    return Counts.ofOracle(Places.oracleDump(), directory.resolve("oracle"));
  }

  String said() {
    try {
      return Files.readString(directory.resolve("said"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  Path directory() {
    return directory;
  }

  @Override
  public void close() throws IOException {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    for (Ring ring : rings.values()) {
      ring.reader.close();
    }
    doorbell.close();
    RingCheck.delete(directory);
  }
}
