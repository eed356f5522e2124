// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.node.config.GuestSpec;
import io.tracefleet.node.config.TraceMode;
import io.tracefleet.node.run.TraceOutcome;
import io.tracefleet.schemas.EpochMicros;
import io.tracefleet.schemas.InstructionWindow;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.TraceChange;
import io.tracefleet.schemas.TraceControl;
import io.tracefleet.schemas.VcpuTotals;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The control topic steers a node while its guest runs: from the record to the results. */
@ExtendWith(TestCluster.Extension.class)
final class FleetControlIT {
  private static final String NODE = "it";
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final long SECOND_MICROS = 1_000_000;

  /** A guest that runs while a test changes what is traced. */
  private static CompletableFuture<TraceOutcome> start(Traces traces, GuestSpec guest) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return traces.run(guest);
          } catch (Exception e) {
            throw new CompletionException(e);
          }
        });
  }

  /** So many rounds of 100 million instructions. */
  private static List<String> bench(int rounds) throws Exception {
    return List.of("qemu-x86_64", Places.guest("bench").toString(), Integer.toString(rounds));
  }

  private static List<String> command(int vcpus) throws Exception {
    return vcpus == 0 ? bench(10) : LinuxBootIT.command("qemu-system-x86_64", vcpus);
  }

  private static TraceControl control(String mode) {
    return TraceControl.newBuilder()
        .setMode(mode)
        .setUpdatedBy("FleetControlIT")
        .setUpdatedAt(Instant.now().truncatedTo(ChronoUnit.MICROS))
        .build();
  }

  /** The guest's run once it has so many changes; empty if it ended before. */
  private static Optional<Run> awaitChanges(
      TestCluster cluster, String name, int changes, CompletableFuture<?> ended) throws Exception {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!ended.isDone()) {
      assertThat(System.nanoTime()).as("change " + changes + " of " + name).isLessThan(deadline);
      Optional<Run> run = cluster.runs().stream().filter(r -> r.getName().equals(name)).findFirst();
      if (run.isPresent() && run.get().getChanges().size() >= changes) {
        return run;
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
    return Optional.empty();
  }

  /** Full and count together count everything, so the results are the oracle's. */
  @ParameterizedTest(name = "{0} vCPUs of system emulation")
  @ValueSource(ints = {0, 1, 2})
  void theNodeObeysWithinASecondAndTheResultsAreTheOracles(int vcpus, TestCluster cluster)
      throws Exception {
    List<Long> delays = new ArrayList<>();
    String name = "controlled-" + vcpus;
    try (Traces traces = Traces.open(cluster)) {
      CompletableFuture<TraceOutcome> guest =
          start(traces, GuestSpec.of(command(vcpus)).withName(name).withMode(TraceMode.FULL));
      awaitChanges(cluster, name, 0, guest);
      try {
        Optional<Run> run = Optional.of(new Run());
        for (int i = 1; i <= 5 && run.isPresent(); i++) {
          long asked = EpochMicros.of(Instant.now());
          cluster.control(NODE, control(i % 2 == 1 ? "count" : "full"));
          run = awaitChanges(cluster, name, i, guest);
          if (run.isPresent()) {
            delays.add(EpochMicros.of(run.get().getChanges().get(i - 1).getAt()) - asked);
            // One change in a second is made: the next one shall not have to wait for that.
            TimeUnit.MILLISECONDS.sleep(1100);
          }
        }
      } finally {
        cluster.control(NODE, null);
      }
      Traces.Traced traced = traces.read(guest.get());

      delays.sort(null);
      System.out.printf("[control] %d vCPUs: microseconds until changes: %s%n", vcpus, delays);
      assertThat(traced.outcome().exitCode()).as(traces.said()).isZero();
      assertThat(delays).hasSizeGreaterThan(2);
      assertThat(delays.get(delays.size() / 2)).isLessThan(SECOND_MICROS);
      List<TraceChange> changes = traced.outcome().root().getChanges();
      assertThat(changes).hasSizeGreaterThanOrEqualTo(delays.size());
      assertThat(changes.get(0).getFrom()).isEqualTo("full");
      assertThat(changes.get(0).getTo()).isEqualTo("count");
      assertThat(changes.get(0).getAskedBy()).isEqualTo("FleetControlIT");
      assertThat(changes.get(0).getVcpus().get(0).getInstructions()).isPositive();
      traces.assertEqual(traced);
    }
  }

  /** Each step down is a change of the run, and nothing is dropped for it. */
  @Test
  void aBudgetStepsDown(TestCluster cluster) throws Exception {
    String name = "budgeted";
    try (Traces traces = Traces.open(cluster)) {
      TraceControl control = control("full");
      control.setBudget(1_000L);
      cluster.control(NODE, control);
      CompletableFuture<TraceOutcome> guest =
          start(traces, GuestSpec.of(bench(16)).withName(name).withMode(TraceMode.FULL));
      Optional<Run> changed;
      try {
        changed = awaitChanges(cluster, name, 1, guest);
      } finally {
        cluster.control(NODE, null);
      }
      Run run = guest.get().root();

      assertThat(changed).isPresent();
      TraceChange change = changed.get().getChanges().get(0);
      assertThat(change.getFrom() + " " + change.getTo() + " " + change.getAskedBy())
          .isEqualTo("full count budget");
      assertThat(traces.warnings())
          .first()
          .asString()
          .contains("budget of 1,000 bytes per second: ", "tracing steps from full to count");
      assertThat(run.getTotals())
          .allMatch(vcpu -> vcpu.getDropped() == 0 && vcpu.getExecuted() == vcpu.getPublished());
      traces.good();
    }
  }

  /** What the command line says arrives, and the weights are in the run's record. */
  @Test
  void windowsOfTheCommandKeepTheTotalsTrue(TestCluster cluster) throws Exception {
    String name = "windowed";
    try (Traces traces = Traces.open(cluster)) {
      CompletableFuture<TraceOutcome> guest =
          start(traces, GuestSpec.of(bench(30)).withName(name).withMode(TraceMode.COUNT));
      awaitChanges(cluster, name, 0, guest);
      try {
        List<String> set =
            new ArrayList<>(
                List.of(
                    "control", "set", NODE, "--mode", "full", "--window-every", "1000/1000000"));
        set.addAll(cluster.options());
        try (CommandLine command = CommandLine.start(traces.directory(), set)) {
          assertThat(command.exitCode(LIMIT)).as(command.stderr()).isZero();
        }
        assertThat(awaitChanges(cluster, name, 1, guest)).isPresent();
        Traces.Traced traced = traces.read(guest.get());

        Run run = traced.outcome().root();
        assertThat(run.getChanges().get(0).getWindows())
            .extracting(w -> new InstructionWindow(w.getFrom(), w.getCount(), w.getEvery()))
            .containsExactly(new InstructionWindow(0L, 1000L, 1_000_000L));
        VcpuTotals totals = run.getTotals().get(0);
        assertThat(totals.getExecuted()).isEqualTo(traced.oracle().sum("vcpu ", "instructions"));
        assertThat(totals.getPassed()).isPositive();
        assertThat(totals.getEncoded() + totals.getPassed()).isEqualTo(totals.getExecuted());
        assertThat(io.tracefleet.cli.report.Audit.of(List.of(traced.root()), true).failures())
            .isEmpty();
        traces.good();
      } finally {
        cluster.control(NODE, null);
      }
    }
  }
}
