// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.node.config.GuestSpec;
import io.tracefleet.node.config.TraceMode;
import io.tracefleet.node.run.TraceOutcome;
import io.tracefleet.schemas.EpochMicros;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.TraceChange;
import io.tracefleet.schemas.TraceControl;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A budget that a node's guest can never keep: all steps down, and up again after the rest. */
@ExtendWith(TestCluster.Extension.class)
final class BudgetIT {
  private static final String NODE = "it";
  private static final String NAME = "poor";
  private static final int TERMINATE = 15;
  private static final Duration LIMIT = Duration.ofMinutes(3);

  /** In docs/control.md. */
  private static final long REST_MICROS = 15_000_000;

  private static TraceControl budget(long bytes) {
    return TraceControl.newBuilder()
        .setMode("full")
        .setBudget(bytes)
        .setUpdatedBy("BudgetIT")
        .setUpdatedAt(Instant.now().truncatedTo(ChronoUnit.MICROS))
        .build();
  }

  private static TraceOutcome run(Traces traces, GuestSpec guest) {
    try {
      return traces.run(guest);
    } catch (Exception e) {
      throw new CompletionException(e);
    }
  }

  private static void awaitChanges(TestCluster cluster, int changes, CompletableFuture<?> guest)
      throws Exception {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (true) {
      Optional<Run> run = cluster.runs().stream().filter(r -> r.getName().equals(NAME)).findFirst();
      if (run.isPresent() && run.get().getChanges().size() >= changes) {
        return;
      }
      assertThat(guest.isDone()).as("the guest ended early").isFalse();
      assertThat(System.nanoTime()).as(changes + " changes: " + run).isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(200);
    }
  }

  @Test
  void aBudgetStepsDownToOffAndUpAgain(TestCluster cluster) throws Exception {
    List<String> bench = List.of("qemu-x86_64", Places.guest("bench").toString(), "10000");
    try (Traces traces = Traces.open(cluster)) {
      cluster.control(NODE, budget(1));
      Run run;
      try {
        CompletableFuture<TraceOutcome> guest =
            CompletableFuture.supplyAsync(
                () -> run(traces, GuestSpec.of(bench).withName(NAME).withMode(TraceMode.FULL)));
        awaitChanges(cluster, 3, guest);
        traces.node().signal(TERMINATE);
        run = guest.get(LIMIT.toSeconds(), TimeUnit.SECONDS).root();
      } finally {
        cluster.control(NODE, null);
      }

      List<TraceChange> changes = run.getChanges().subList(0, 3);
      assertThat(changes)
          .extracting(change -> change.getFrom() + " " + change.getTo())
          .containsExactly("full count", "count off", "off count");
      assertThat(changes).allMatch(change -> change.getAskedBy().equals("budget"));
      // Off is off: nothing was counted until the step up.
      assertThat(changes.get(2).getVcpus()).isEqualTo(changes.get(1).getVcpus());
      assertThat(changes.get(1).getVcpus().get(0).getInstructions())
          .isGreaterThan(changes.get(0).getVcpus().get(0).getInstructions());
      assertThat(EpochMicros.of(changes.get(2).getAt()) - EpochMicros.of(changes.get(1).getAt()))
          .isGreaterThan(REST_MICROS - 1_500_000); // the step off may have been obeyed late
      assertThat(traces.warnings().subList(0, 3))
          .allMatch(line -> line.startsWith("budget of 1 bytes per second: "))
          .satisfiesExactly(
              line -> assertThat(line).endsWith("tracing steps from full to count"),
              line -> assertThat(line).endsWith("tracing steps from count to off"),
              line ->
                  assertThat(line).endsWith(": 0 were published; tracing steps from off to count"));
      assertThat(run.getTotals())
          .allMatch(vcpu -> vcpu.getDropped() == 0 && vcpu.getExecuted() == vcpu.getPublished());
      traces.good();
    }
  }
}
