// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import io.tracefleet.cli.bench.BenchGuest;
import io.tracefleet.cli.cluster.ClusterSettings;
import io.tracefleet.cli.console.Console;
import io.tracefleet.cli.console.Signals;
import io.tracefleet.cli.see.Stage;
import io.tracefleet.jobs.http.HttpConfig;
import io.tracefleet.node.config.NodeSettings;
import io.tracefleet.node.config.TraceMode;
import io.tracefleet.schemas.serde.SerdeFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The embedded cluster with jobs that answer over HTTP, for a benchmark. Used by one thread. */
final class BenchStage implements Stage {
  private static final Duration JOBS_LIMIT = Duration.ofSeconds(30);
  private static final int ANY_PORT = 0;
  private static final String ROUNDS = "20";
  private static final String ROUNDS_QUICK = "2";

  private final EmbeddedStack stack;
  private final ClusterSession session;
  private final Signals signals;
  private final NodeSettings node;
  private final BenchGuest guest;

  private BenchStage(
      EmbeddedStack stack,
      ClusterSession session,
      Signals signals,
      NodeSettings node,
      BenchGuest guest) {
    this.stack = stack;
    this.session = session;
    this.signals = signals;
    this.node = node;
    this.guest = guest;
  }

  static BenchStage open(
      ClusterSettings settings,
      Signals signals,
      NodeSettings node,
      Path guests,
      boolean quick,
      Console console)
      throws Exception {
    signals.phaseInterrupting();
    BenchGuest guest =
        new BenchGuest(
            "bench",
            "sort, hash, copy",
            List.of(
                "qemu-x86_64", guests.resolve("bench").toString(), quick ? ROUNDS_QUICK : ROUNDS),
            List.of(),
            1,
            List.of(),
            BenchGuest.Variant.MAIN);
    EmbeddedStack stack = EmbeddedStack.start(settings, HttpConfig.local(ANY_PORT), console);
    BenchStage stage = null;
    try {
      stack.awaitJobs(JOBS_LIMIT);
      stage = new BenchStage(stack, ClusterSession.open(stack.access()), signals, node, guest);
      return stage;
    } finally {
      if (stage == null) {
        stack.close();
      }
    }
  }

  @Override
  public String bootstrap() {
    return stack.access().bootstrap();
  }

  @Override
  public String registry() {
    return stack.access().registry();
  }

  @Override
  public SerdeFactory serdes() {
    return session.serdes();
  }

  @Override
  public String url() {
    return stack.jobs().url().orElseThrow();
  }

  @Override
  public long trace() throws Exception {
    try (BenchPipeline pipeline = BenchPipeline.open(stack, signals, node)) {
      return pipeline.trace(guest, TraceMode.FULL, Map.of()).outputBytes().orElseThrow();
    }
  }

  @Override
  public void close() {
    Closing.begin(signals);
    try {
      session.close();
    } finally {
      try {
        stack.close();
      } finally {
        signals.phaseInterrupting();
      }
    }
  }
}
