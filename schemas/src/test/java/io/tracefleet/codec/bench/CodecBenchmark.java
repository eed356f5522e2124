// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec.bench;

import com.sun.management.ThreadMXBean;
import io.tracefleet.codec.Aggregator;
import io.tracefleet.codec.BatchCounts;
import io.tracefleet.codec.FullDecoder;
import io.tracefleet.codec.TraceFormatException;
import io.tracefleet.codec.TraceVisitor;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * How fast traces are read. An operation is one payload; {@code instructions} are the guest's, per
 * second.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class CodecBenchmark {
  /** Directory with payloads, {@code *.payload} each, of one guest in full mode. */
  @Param("")
  public String payloads;

  private final Aggregator aggregator = new Aggregator();
  private final BatchCounts counts = new BatchCounts();
  private final FullDecoder decoder = new FullDecoder();
  private final EventSum events = new EventSum();
  private byte[][] loaded;
  private long[] instructions;
  private int next;

  /** Guest instructions that the payloads stand for. */
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  @State(Scope.Thread)
  public static class Guest {
    /** Of the payloads read so far. */
    public long instructions;
  }

  /** What reading left to the garbage collector: JMH's profiler counts JMH's own garbage, too. */
  @AuxCounters(AuxCounters.Type.EVENTS)
  @State(Scope.Thread)
  public static class Garbage {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Bytes allocated while payloads were read. */
    public long allocated;

    private long begin;

    void begin() {
      begin = THREADS.getCurrentThreadAllocatedBytes();
    }

    void end() {
      allocated += THREADS.getCurrentThreadAllocatedBytes() - begin;
    }
  }

  /** Looks at every event, as a reader would. */
  private static final class EventSum implements TraceVisitor {
    private long blocks;
    private long accesses;
    private long sum;

    @Override
    public void block(int index) {
      blocks++;
      sum += index;
    }

    @Override
    public void access(
        int index, int instruction, int info, long vaddr, int device, long physical) {
      accesses++;
      sum += vaddr + physical + info;
    }
  }

  /** Loads the payloads and checks that both ways of reading find the same in them. */
  @Setup
  public void load() throws IOException, TraceFormatException {
    List<Path> files;
    try (Stream<Path> all = Files.list(Path.of(payloads))) {
      files = all.filter(file -> file.toString().endsWith(".payload")).sorted().toList();
    }
    if (files.isEmpty()) {
      throw new IllegalStateException("no payloads in " + payloads);
    }
    loaded = new byte[files.size()][];
    instructions = new long[files.size()];
    for (int i = 0; i < loaded.length; i++) {
      loaded[i] = Files.readAllBytes(files.get(i));
      counts.clear();
      aggregator.fold(loaded[i], 0, loaded[i].length, counts);
      instructions[i] = counts.instructions();
      events.blocks = 0;
      events.accesses = 0;
      decoder.decode(loaded[i], 0, loaded[i].length, events);
      if (events.blocks != counts.blocks() || events.accesses != counts.accesses()) {
        throw new IllegalStateException("the ways of reading " + files.get(i) + " disagree");
      }
    }
  }

  private byte[] next(Guest guest) {
    next = next + 1 < loaded.length ? next + 1 : 0;
    guest.instructions += instructions[next];
    return loaded[next];
  }

  /** Folds a payload into counts, as the stream jobs do. */
  @Benchmark
  public long aggregator(Guest guest, Garbage garbage) throws TraceFormatException {
    byte[] payload = next(guest);
    garbage.begin();
    counts.clear();
    aggregator.fold(payload, 0, payload.length, counts);
    garbage.end();
    return counts.blocks();
  }

  /** Visits every block and access. */
  @Benchmark
  public long cursor(Guest guest, Garbage garbage) throws TraceFormatException {
    byte[] payload = next(guest);
    garbage.begin();
    decoder.decode(payload, 0, payload.length, events);
    garbage.end();
    return events.sum;
  }
}
