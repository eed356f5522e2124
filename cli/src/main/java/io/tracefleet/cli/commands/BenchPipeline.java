// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import io.tracefleet.cli.bench.BenchGuest;
import io.tracefleet.cli.bench.CpuClock;
import io.tracefleet.cli.bench.Events;
import io.tracefleet.cli.bench.Part;
import io.tracefleet.cli.bench.PeakMemory;
import io.tracefleet.cli.bench.Pipeline;
import io.tracefleet.cli.bench.Sample;
import io.tracefleet.cli.console.CommandException;
import io.tracefleet.cli.console.Exit;
import io.tracefleet.cli.console.Signals;
import io.tracefleet.cli.report.AggregationProgress;
import io.tracefleet.cli.report.ResultException;
import io.tracefleet.cli.report.ResultReader;
import io.tracefleet.node.config.GuestSpec;
import io.tracefleet.node.config.NodeException;
import io.tracefleet.node.config.NodeSettings;
import io.tracefleet.node.config.TraceMode;
import io.tracefleet.node.run.EmulatorNode;
import io.tracefleet.node.run.NodeListener;
import io.tracefleet.node.run.NodeProgress;
import io.tracefleet.node.run.TraceOutcome;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.VcpuTotals;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The benchmark's pipeline: node, broker and stream jobs in this JVM. Used by one thread, which is
 * the node's as well.
 */
final class BenchPipeline implements Pipeline, AutoCloseable {
  private static final Duration RESULT_LIMIT = Duration.ofSeconds(60);
  private static final double NANOS = 1e9;

  private final EmbeddedStack stack;
  private final Signals signals;
  private final EmulatorNode node;
  private final ClusterSession session;
  private final ResultReader reader;
  private Recording recording;

  private BenchPipeline(
      EmbeddedStack stack,
      Signals signals,
      NodeSettings settings,
      ClusterSession session,
      ResultReader reader)
      throws NodeException {
    this.stack = stack;
    this.signals = signals;
    this.session = session;
    this.reader = reader;
    this.node = EmulatorNode.open(settings, stack.access(), new Listener());
  }

  static BenchPipeline open(EmbeddedStack stack, Signals signals, NodeSettings settings)
      throws NodeException, ResultException {
    ClusterSession session = ClusterSession.open(stack.access());
    ResultReader reader = null;
    BenchPipeline pipeline = null;
    try {
      reader = session.reader();
      pipeline = new BenchPipeline(stack, signals, settings, session, reader);
      return pipeline;
    } finally {
      if (pipeline == null) {
        if (reader != null) {
          reader.close();
        }
        session.close();
      }
    }
  }

  /** One execution while it is measured. */
  private final class Recording {
    private final long begin = System.nanoTime();
    private final double childrenBegin = CpuClock.endedChildren();
    private final double registryBegin = CpuClock.process(stack.registryPid());
    private final boolean jvmPeak = PeakMemory.resetOwn();
    private final PeakMemory memory;
    private final ThreadCpu threads = ThreadCpu.begin();
    private volatile long guestEnd = begin;

    Recording(long pid) {
      this.memory = PeakMemory.of(pid);
    }

    /** The node's threads are still there. */
    void published() {
      threads.look();
      memory.close();
      if (guestEnd == begin) {
        guestEnd = System.nanoTime(); // the thread that tells is late
      }
    }

    Sample end(TraceOutcome outcome) {
      final long end = System.nanoTime();
      Map<Part, Double> cpu = threads.end();
      cpu.put(Part.GUEST, CpuClock.endedChildren() - childrenBegin);
      cpu.put(Part.REGISTRY, CpuClock.process(stack.registryPid()) - registryBegin);
      NodeProgress published = outcome.published();
      return new Sample(
          (end - begin) / NANOS,
          (guestEnd - begin) / NANOS,
          cpu,
          memory.peak(),
          jvmPeak ? PeakMemory.own() : OptionalLong.empty(),
          OptionalLong.of(published.payloadBytes()),
          OptionalLong.of(outcome.runs().stream().mapToLong(Run::getWireBytes).sum()),
          Optional.of(
              new Events(published.instructions(), published.blocks(), published.accesses())));
    }
  }

  private final class Listener implements NodeListener {
    @Override
    public void guestStarted(GuestSpec guest, String rootRunId, long pid) {
      recording = new Recording(pid);
      Recording mine = recording;
      ProcessHandle.of(pid)
          .ifPresent(process -> process.onExit().thenRun(() -> mine.guestEnd = System.nanoTime()));
    }

    @Override
    public void guestEnded(TraceOutcome outcome) {
      recording.published();
    }
  }

  @Override
  public Sample trace(BenchGuest guest, TraceMode mode, Map<String, String> options)
      throws Exception {
    Path nowhere = Path.of("/dev/null");
    GuestSpec spec =
        GuestSpec.of(guest.command())
            .withName(guest.id())
            .withMode(mode)
            .withPlugin(options)
            .withStdin(nowhere)
            .withStdout(nowhere)
            .withStderr(nowhere);
    Thread self = Thread.currentThread();
    signals.phase(
        number -> {
          node.signal(number);
          self.interrupt();
        });
    TraceOutcome outcome;
    try {
      outcome = node.trace(spec);
    } finally {
      signals.phaseInterrupting();
    }
    if (Thread.interrupted() || signals.first() != 0) {
      throw new InterruptedException("measuring");
    }
    AggregationProgress progress = new AggregationProgress(outcome.runs());
    boolean complete = reader.awaitAggregated(progress, RESULT_LIMIT, stack::jobsAlive, () -> {});
    Sample sample = recording.end(outcome);
    check(guest, outcome, complete);
    return sample;
  }

  /** A number is only worth something if the whole trace arrived. */
  private static void check(BenchGuest guest, TraceOutcome outcome, boolean complete)
      throws CommandException {
    String problem = null;
    if (outcome.exitCode() != 0) {
      problem = "ended with exit code " + outcome.exitCode();
    } else if (!outcome.problems().isEmpty()) {
      problem = outcome.problems().get(0);
    } else if (outcome.root() == null) {
      problem = "was not traced";
    } else if (!complete) {
      problem = "its results were not complete after " + RESULT_LIMIT.toSeconds() + " s";
    } else {
      for (Run run : outcome.runs()) {
        for (VcpuTotals totals : run.getTotals()) {
          if (totals.getDropped() != 0 || totals.getExecuted() != totals.getPublished()) {
            problem =
                "lost instructions of vCPU "
                    + totals.getVcpu()
                    + ": executed "
                    + totals.getExecuted()
                    + ", published "
                    + totals.getPublished();
          }
        }
      }
    }
    if (problem != null) {
      throw new CommandException(Exit.FAILURE, "The guest " + guest.id() + " " + problem + ".");
    }
  }

  @Override
  public void close() {
    try {
      node.close();
    } finally {
      try {
        reader.close();
      } finally {
        session.close();
      }
    }
  }
}
