// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.node.publish.TestKafka;
import io.tracefleet.node.qemu.GuestProcess;
import io.tracefleet.node.qemu.Signals;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.TraceBatch;
import io.tracefleet.schemas.VcpuTotals;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real QEMU, the real plugin, a guest compiled here; only Kafka is in memory. */
class RealGuestIT {
  @TempDir private static Path programs;
  private static Path program;

  private final TestKafka kafka = new TestKafka(true);
  private Path directory;

  @BeforeAll
  static void compile() throws Exception {
    program = RealGuest.compile(programs, "guest", GUEST, "-O1", "-static", "-pthread");
  }

  private static final String GUEST =
      """
      #include <pthread.h>
      #include <signal.h>
      #include <stdio.h>
      #include <stdlib.h>
      #include <string.h>
      #include <sys/wait.h>
      #include <unistd.h>
      static volatile long sum;
      static void *work(void *p) { for (long i = 0; i < 300000; i++) sum += i; return p; }
      int main(int argc, char **argv) {
        const char *what = argc > 1 ? argv[1] : "exit";
        work(0);
        if (!strcmp(what, "threads")) {
          pthread_t t[4];
          for (int i = 0; i < 4; i++) pthread_create(&t[i], 0, work, 0);
          for (int i = 0; i < 4; i++) pthread_join(t[i], 0);
        } else if (!strcmp(what, "forks")) {
          for (int i = 0; i < 5; i++) if (!fork()) { work(0); _exit(i); }
          while (wait(0) > 0) { }
        } else if (!strcmp(what, "daemon")) {
          if (!fork()) { work(0); work(0); _exit(3); }
        } else if (!strcmp(what, "abort")) {
          abort();
        } else if (!strcmp(what, "kill")) {
          kill(getpid(), SIGKILL);
        } else if (!strcmp(what, "exec")) {
          execl("/bin/sh", "sh", "-c", "exit 6", (char *)0);
        } else if (!strcmp(what, "deaf")) {
          signal(SIGTERM, SIG_IGN);
          if (!fork()) for (;;) work(0);
          for (;;) work(0);
        } else if (!strcmp(what, "endless")) {
          for (;;) work(0);
        }
        return 7;
      }
      """;

  @BeforeEach
  void makeDirectory() throws Exception {
    directory = Files.createTempDirectory(Path.of("/dev/shm"), "tracefleet-it-");
  }

  private TraceOutcome trace(
      String what, Map<String, String> options, BiConsumer<GuestRun, GuestProcess> meanwhile)
      throws Exception {
    return RealGuest.trace(
        kafka,
        directory,
        List.of("qemu-x86_64", program.toString(), what),
        Map.of(),
        options,
        meanwhile);
  }

  private TraceOutcome trace(String what) throws Exception {
    return trace(what, Map.of(), (run, process) -> {});
  }

  private void assertWhole(TraceOutcome outcome) {
    assertThat(outcome.problems()).isEmpty();
    for (Run run : outcome.runs()) {
      for (VcpuTotals totals : run.getTotals()) {
        List<TraceBatch> batches =
            kafka.batches().stream()
                .filter(
                    batch ->
                        batch.getRunId().equals(run.getRunId())
                            && batch.getVcpu() == totals.getVcpu())
                .toList();
        long next = 0;
        long instructions = 0;
        for (TraceBatch batch : batches) {
          assertThat(batch.getSequence()).isEqualTo(next++);
          assertThat(batch.getFirstInstruction()).isEqualTo(instructions);
          instructions += batch.getInstructions();
        }
        assertThat(totals.getBatches()).isEqualTo(next);
        assertThat(totals.getPublished()).isEqualTo(instructions).isEqualTo(totals.getExecuted());
      }
    }
  }

  @Test
  void aGuestThatExits() throws Exception {
    TraceOutcome outcome = trace("exit");

    assertThat(outcome.exitCode()).isEqualTo(7);
    assertThat(outcome.root().getEndReason()).isEqualTo("exit");
    assertThat(outcome.root().getExitCode()).isEqualTo(7);
    assertThat(outcome.root().getTarget()).isEqualTo("x86_64");
    assertThat(outcome.root().getTotals().get(0).getExecuted()).isGreaterThan(900_000);
    assertThat(kafka.blocks()).anyMatch(block -> block.getImageOffset() != null);
    assertThat(outcome.root().getImage()).isEqualTo(program.toString());
    assertWhole(outcome);
  }

  @Test
  void threads() throws Exception {
    TraceOutcome outcome = trace("threads");

    // A thread that ends early leaves its index to a later one, as the next generation.
    assertThat(outcome.root().getTotals().stream().mapToInt(VcpuTotals::getGenerations).sum())
        .isEqualTo(5);
    assertWhole(outcome);
  }

  @Test
  void forkedChildren() throws Exception {
    TraceOutcome outcome = trace("forks");

    assertThat(outcome.runs()).hasSize(6);
    assertThat(outcome.runs().subList(1, 6))
        .extracting(Run::getExitCode)
        .containsExactlyInAnyOrder(0, 1, 2, 3, 4);
    assertThat(outcome.runs().subList(1, 6))
        .allMatch(run -> run.getParentRunId().equals(outcome.rootRunId()));
    assertWhole(outcome);
  }

  @Test
  void aChildThatOutlivesItsParent() throws Exception {
    TraceOutcome outcome = trace("daemon");

    assertThat(outcome.runs()).extracting(Run::getExitCode).containsExactly(7, 3);
    assertWhole(outcome);
  }

  @Test
  void aFatalSignal() throws Exception {
    TraceOutcome outcome = trace("abort");

    assertThat(outcome.exitCode()).isEqualTo(128 + 6);
    assertThat(outcome.root().getEndReason()).isEqualTo("signal");
    assertWhole(outcome);
  }

  @Test
  void aGuestThatKillsItself() throws Exception {
    TraceOutcome outcome = trace("kill");

    assertThat(outcome.exitCode()).isEqualTo(128 + 9);
    assertThat(outcome.root().getEndReason()).isEqualTo("killed");
    assertThat(outcome.root().getTotals().get(0).getExecuted()).isGreaterThan(900_000);
    assertWhole(outcome);
  }

  @Test
  void anotherProgram() throws Exception {
    TraceOutcome outcome = trace("exec");

    assertThat(outcome.exitCode()).isEqualTo(6);
    assertThat(outcome.root().getEndReason()).isEqualTo("exec");
    assertWhole(outcome);
  }

  @Test
  void countMode() throws Exception {
    TraceOutcome outcome = trace("threads", Map.of("mode", "count"), (run, process) -> {});

    assertThat(outcome.root().getMode()).isEqualTo("count");
    assertWhole(outcome);
  }

  /** Sends signals once the guest is at work. */
  private TraceOutcome traceAndSignal(String what, int... signals) throws Exception {
    List<Thread> threads = new ArrayList<>();
    TraceOutcome outcome =
        trace(
            what,
            Map.of(),
            (run, process) -> {
              Thread signaller =
                  new Thread(
                      () -> {
                        while (run.progress().instructions() < 10_000_000) {
                          Thread.onSpinWait();
                        }
                        for (int signal : signals) {
                          run.signal(signal);
                        }
                      });
              signaller.start();
              threads.add(signaller);
            });
    threads.get(0).join(10_000);
    return outcome;
  }

  @Test
  void aSignalEndsTheGuestAndWhatWasRecordedIsPublished() throws Exception {
    TraceOutcome outcome = traceAndSignal("endless", Signals.INTERRUPT);

    assertThat(outcome.exitCode()).isEqualTo(128 + 2);
    assertThat(outcome.root().getEndReason()).isEqualTo("signal");
    assertWhole(outcome);
  }

  @Test
  void aSecondSignalKillsTheGuestAndItsChildren() throws Exception {
    TraceOutcome outcome = traceAndSignal("deaf", Signals.TERMINATE, Signals.TERMINATE);

    assertThat(outcome.exitCode()).isEqualTo(128 + 9);
    assertThat(outcome.runs()).hasSize(2).allMatch(run -> run.getEndReason().equals("killed"));
    assertWhole(outcome);
  }

  @Test
  void aGuestThatDoesNotHearTheFirstSignalIsKilledAfterAWhile() throws Exception {
    TraceOutcome outcome = traceAndSignal("deaf", Signals.TERMINATE);

    assertThat(outcome.exitCode()).isEqualTo(128 + 9);
    assertThat(outcome.elapsed()).isGreaterThan(Duration.ofSeconds(5));
    assertWhole(outcome);
  }

  @Test
  void directoriesMayHaveCommasInTheirNames() throws Exception {
    Files.delete(directory);
    directory =
        Files.createDirectory(directory.resolveSibling(directory.getFileName() + ",with,commas"));

    TraceOutcome outcome = trace("exit");

    assertThat(outcome.exitCode()).isEqualTo(7);
    assertWhole(outcome);
  }
}
