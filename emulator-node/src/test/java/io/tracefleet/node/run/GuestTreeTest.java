// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.node.config.TraceMode;
import io.tracefleet.node.config.TraceWish;
import io.tracefleet.node.config.TraceWish.AddressRange;
import io.tracefleet.node.publish.TestKafka;
import io.tracefleet.node.publish.TracePublisher;
import io.tracefleet.node.qemu.ProcessIdentity;
import io.tracefleet.node.ring.Doorbell;
import io.tracefleet.node.ring.FakeRing;
import io.tracefleet.schemas.EpochMicros;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.TraceBatch;
import io.tracefleet.schemas.TraceChange;
import io.tracefleet.schemas.TracedRange;
import io.tracefleet.schemas.VcpuAtChange;
import io.tracefleet.schemas.VcpuTotals;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Steps the agent by hand: no thread, no clock, no QEMU. */
class GuestTreeTest {
  private static final String ROOT = "01890a5d-ac96-774b-bcce-b302099a8057";
  private static final String CHILD = "01890a5d-ac96-774b-bcce-b302099a8058";
  private static final Duration FLUSH = Duration.ofMillis(500);
  private static final GuestManifest GUEST =
      new GuestManifest(
          "node-1",
          "guest",
          Map.of("a", "b"),
          List.of("qemu-x86_64", "guest"),
          "7.2.22",
          ROOT,
          "0.1.0",
          false);

  @TempDir private Path directory;
  private final TestKafka kafka = new TestKafka(true);
  private final FakeMachine machine = new FakeMachine();
  private final ProcessIdentity rootProcess = machine.start(100);
  private final List<String> heard = new ArrayList<>();
  private final NodeListener listener =
      new NodeListener() {
        @Override
        public void runStarted(Run run) {
          heard.add("started " + run.getRunId());
        }

        @Override
        public void runEnded(Run run) {
          heard.add("ended " + run.getRunId());
        }

        @Override
        public void warning(String line) {
          heard.add("warning " + line);
        }
      };
  private Doorbell doorbell;
  private TracePublisher publisher;
  private GuestTree tree;
  private OptionalInt exitCode = OptionalInt.empty();
  private Optional<TraceWish> wish = Optional.empty();

  @BeforeEach
  void open() throws Exception {
    doorbell = Doorbell.create(directory, 1, machine.micros());
    publisher = kafka.publisher(1 << 20, doorbell::ring);
    tree = tree(false);
  }

  private GuestTree tree(boolean adopted) {
    return new GuestTree(
        GUEST,
        directory,
        doorbell,
        publisher,
        machine,
        machine,
        listener,
        FLUSH,
        () -> wish,
        adopted);
  }

  @AfterEach
  void close() {
    tree.close();
    publisher.close();
    doorbell.close();
  }

  /** Rounds until there is nothing to do, a moment apart. */
  private void settle() throws Exception {
    int quiet = 0;
    for (int round = 0; quiet < 3; round++) {
      assertThat(round).as("rounds without an end").isLessThan(1000);
      quiet = tree.doWork(exitCode) == 0 ? quiet + 1 : 0;
      machine.advance(Duration.ofMillis(100));
    }
  }

  private FakeRing ring(String runId, String parent, ProcessIdentity process) {
    return FakeRing.create(directory, runId, parent, process, 4);
  }

  private void rootExits(int code) {
    machine.alive.remove(rootProcess);
    exitCode = OptionalInt.of(code);
  }

  private List<String> rings() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.contains(".ring"))
          .toList();
    }
  }

  private Run last(String runId) {
    return kafka.runs().stream()
        .filter(run -> run.getRunId().equals(runId))
        .reduce((a, b) -> b)
        .orElseThrow();
  }

  @Test
  void aRunIsAnnouncedPublishedAndEnded() throws Exception {
    FakeRing root = ring(ROOT, null, rootProcess);
    root.batch(0, 10).batch(1, 5).exits(3);
    settle();
    assertThat(tree.isDone()).isFalse();
    assertThat(heard).containsExactly("started " + ROOT);
    assertThat(last(ROOT).getEnd()).isNull();

    root.open(0);
    root.add(0, 7, 1, 0, 1, "open");
    rootExits(3);
    settle();

    assertThat(tree.isDone()).isTrue();
    assertThat(heard).containsExactly("started " + ROOT, "ended " + ROOT);
    Run run = last(ROOT);
    assertThat(run.getNode()).isEqualTo("node-1");
    assertThat(run.getName()).isEqualTo("guest");
    assertThat(run.getLabels()).isEqualTo(Map.of("a", "b"));
    assertThat(run.getRootRunId()).isEqualTo(ROOT);
    assertThat(run.getParentRunId()).isNull();
    assertThat(run.getQemuVersion()).isEqualTo("7.2.22");
    assertThat(run.getEnd()).isNotNull();
    assertThat(run.getExitCode()).isEqualTo(3);
    assertThat(run.getEndReason()).isEqualTo("exit");
    assertThat(run.getBatches()).isEqualTo(3);
    assertThat(run.getTotals())
        .containsExactly(
            new VcpuTotals(0, 1, 17L, 17L, 0L, 17L, 2L, 0L, 0L),
            new VcpuTotals(1, 1, 5L, 5L, 0L, 5L, 1L, 0L, 0L));
    assertThat(tree.ended()).containsExactly(run);
    assertThat(rings()).isEmpty();
  }

  @Test
  void whatTheFleetWantsTracedIsPassedOnAndKeptInTheRun() throws Exception {
    FakeRing root = ring(ROOT, null, rootProcess);
    root.batch(0, 10).batch(1, 5);
    settle();
    assertThat(root.wanted()).isZero();

    wish = Optional.of(new TraceWish(TraceMode.OFF, List.of(), "me@here"));
    settle();
    assertThat(root.wanted()).isEqualTo(2);
    assertThat(root.wantedMode()).isEqualTo(TraceMode.OFF);
    assertThat(last(ROOT).getChanges()).as("not obeyed yet").isEmpty();

    root.obeys(1_700_000_000_500_000L);
    settle();
    assertThat(last(ROOT).getMode()).isEqualTo("full");
    assertThat(last(ROOT).getEnd()).isNull();
    assertThat(last(ROOT).getChanges())
        .containsExactly(
            new TraceChange(
                EpochMicros.instant(1_700_000_000_500_000L),
                "full",
                "off",
                List.of(),
                List.of(),
                List.of(),
                "me@here",
                List.of(new VcpuAtChange(0, 10L, 0L), new VcpuAtChange(1, 5L, 0L))));

    // One change in a second: what was wanted in between was never wanted.
    wish = Optional.of(new TraceWish(TraceMode.FULL, List.of(), "nobody"));
    tree.doWork(exitCode);
    wish =
        Optional.of(
            new TraceWish(TraceMode.COUNT, List.of(new AddressRange(16, -16)), "you@there"));
    assertThat(root.wanted()).isEqualTo(2);
    machine.advance(Duration.ofSeconds(1));
    settle();
    assertThat(root.wanted()).isEqualTo(4);
    root.obeys(1_700_000_000_600_000L);
    wish = Optional.empty();
    machine.advance(Duration.ofSeconds(1));
    settle();
    root.obeys(1_700_000_000_700_000L);
    rootExits(0);
    settle();
    assertThat(last(ROOT).getChanges())
        .extracting(change -> change.getFrom() + " " + change.getTo())
        .containsExactly("full off", "off count", "count full");
    assertThat(last(ROOT).getChanges().get(1).getAddressFilters())
        .containsExactly(new TracedRange(16L, -16L));
    assertThat(last(ROOT).getEnd()).isNotNull();
  }

  @Test
  void whatASignalEndedSaysSo() throws Exception {
    ring(ROOT, null, rootProcess).batch(0, 10);
    settle();
    rootExits(128 + 11);
    settle();

    assertThat(last(ROOT).getEndReason()).isEqualTo("signal");
    assertThat(last(ROOT).getExitCode()).isEqualTo(139);
  }

  @Test
  void whatWasKilledFromOutsideSaysSo() throws Exception {
    ring(ROOT, null, rootProcess).batch(0, 10);
    settle();
    rootExits(128 + 9);
    settle();

    assertThat(last(ROOT).getEndReason()).isEqualTo("killed");
    assertThat(last(ROOT).getExitCode()).isEqualTo(137);
  }

  @Test
  void forkedChildrenAreRunsOfTheirOwnAndTheRootEndsLast() throws Exception {
    FakeRing root = ring(ROOT, null, rootProcess);
    ProcessIdentity childProcess = machine.start(101);
    FakeRing child = ring(CHILD, ROOT, childProcess);
    root.batch(0, 10).exits(0);
    child.batch(0, 20).exits(4);
    rootExits(0);
    settle();
    assertThat(tree.isDone()).isFalse();
    assertThat(tree.isAlive()).isTrue();
    assertThat(tree.liveProcesses()).containsExactly(childProcess);

    machine.alive.remove(childProcess);
    settle();

    assertThat(tree.isDone()).isTrue();
    assertThat(heard.subList(2, 4)).containsExactly("ended " + CHILD, "ended " + ROOT);
    assertThat(tree.ended()).extracting(Run::getRunId).containsExactly(ROOT, CHILD);
    assertThat(last(CHILD).getParentRunId()).isEqualTo(ROOT);
    assertThat(last(CHILD).getExitCode()).isEqualTo(4);
    assertThat(last(CHILD).getEndReason()).isEqualTo("exit");
    assertThat(last(CHILD).getRootRunId()).isEqualTo(ROOT);
  }

  @Test
  void aChildThatIsKilledLosesNothing() throws Exception {
    ring(ROOT, null, rootProcess);
    ProcessIdentity childProcess = machine.start(101);
    FakeRing child = ring(CHILD, ROOT, childProcess);
    child.open(2);
    child.add(2, 33, 3, 3, 1, "open");
    settle();

    machine.alive.remove(childProcess);
    settle();

    assertThat(last(CHILD).getEndReason()).isEqualTo("killed");
    assertThat(last(CHILD).getExitCode()).isNull();
    assertThat(last(CHILD).getTotals())
        .containsExactly(new VcpuTotals(2, 1, 33L, 33L, 0L, 33L, 1L, 0L, 0L));
    assertThat(kafka.batches()).extracting(TraceBatch::getRescued).containsExactly(true);
    assertThat(rings()).containsExactly(ROOT + ".ring");
  }

  @Test
  void aProcessThatExecutesAnotherProgramHasEnded() throws Exception {
    FakeRing root = ring(ROOT, null, rootProcess);
    root.batch(0, 10).execs();
    settle();
    assertThat(kafka.batches()).hasSize(1);
    root.open(0);
    root.add(0, 5, 1, 0, 1, "open");

    machine.unmapped.add(rootProcess);
    settle();
    assertThat(kafka.batches()).hasSize(2);
    rootExits(9);
    settle();

    assertThat(last(ROOT).getEndReason()).isEqualTo("exec");
    assertThat(last(ROOT).getExitCode()).isEqualTo(9);
    assertThat(tree.isDone()).isTrue();
  }

  @Test
  void anExecThatFailsEndsNothing() throws Exception {
    FakeRing root = ring(ROOT, null, rootProcess);
    root.execs();
    settle();

    assertThat(tree.liveProcesses()).containsExactly(rootProcess);
  }

  @Test
  void theTreeIsNotDoneWhileAForkedProcessHasNoRingYet() throws Exception {
    ring(ROOT, null, rootProcess).batch(0, 10).exits(0);
    machine.stragglers.add(machine.start(101));
    settle();
    rootExits(0);
    settle();
    assertThat(tree.isDone()).isFalse();
    assertThat(last(ROOT).getEnd()).isNull();

    machine.stragglers.clear();
    FakeRing child = ring(CHILD, ROOT, new ProcessIdentity(101, 1010));
    child.batch(0, 1).exits(0);
    settle();
    machine.alive.clear();
    settle();

    assertThat(tree.isDone()).isTrue();
    assertThat(tree.ended()).extracting(Run::getRunId).containsExactly(ROOT, CHILD);
  }

  @Test
  void qemuMayEndBeforeThereIsARing() throws Exception {
    rootExits(1);
    settle();

    assertThat(tree.isDone()).isTrue();
    assertThat(tree.isRootSeen()).isFalse();
    assertThat(tree.ended()).isEmpty();
  }

  @Test
  void openBatchesAreFlushedAtEachInterval() throws Exception {
    FakeRing root = ring(ROOT, null, rootProcess);
    tree.doWork(exitCode);
    int epoch = root.flushEpoch();
    tree.doWork(exitCode);
    assertThat(root.flushEpoch()).isEqualTo(epoch);

    machine.advance(FLUSH);
    tree.doWork(exitCode);

    assertThat(root.flushEpoch()).isEqualTo(epoch + 1);
  }

  @Test
  void everyRoundIsASignOfLife() throws Exception {
    machine.advance(Duration.ofSeconds(3));

    tree.doWork(exitCode);

    ByteBuffer bell =
        ByteBuffer.wrap(Files.readAllBytes(directory.resolve("doorbell")))
            .order(ByteOrder.LITTLE_ENDIAN);
    assertThat(bell.getLong(24)).isEqualTo(machine.micros());
  }

  @Test
  void aRunsEndIsNotSentBeforeItsStartHasArrived() throws Exception {
    ring(ROOT, null, rootProcess).batch(0, 1).exits(0);
    kafka.producer.sendException = new TimeoutException("no broker");
    rootExits(0);
    settle();
    assertThat(kafka.runs()).isEmpty();

    kafka.producer.sendException = null;
    kafka.nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    settle();

    assertThat(kafka.runs()).extracting(run -> run.getEnd() != null).containsExactly(false, true);
    assertThat(tree.isDone()).isTrue();
  }

  @Test
  void withoutABrokerTheRingFillsAndNothingIsLost() throws Exception {
    FakeRing root = ring(ROOT, null, rootProcess);
    kafka.producer.sendException = new TimeoutException("no broker");
    root.batch(0, 1).batch(0, 2).batch(0, 3).batch(0, 4);
    settle();
    assertThat(root.open(0)).as("a fifth buffer").isNegative();

    kafka.producer.sendException = null;
    kafka.nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    settle();

    assertThat(kafka.batches()).extracting(TraceBatch::getSequence).containsExactly(0L, 1L, 2L, 3L);
    assertThat(root.freed()).isEqualTo(4);
  }

  @Test
  void aBrokenRingIsKeptAndSaidAndItsProcessDoesNotHang() throws Exception {
    FakeRing root = ring(ROOT, null, rootProcess);
    ProcessIdentity childProcess = machine.start(101);
    FakeRing child = ring(CHILD, ROOT, childProcess);
    settle();
    child.put(256, 99_999); // buffer_limit
    settle();

    assertThat(machine.killed).containsExactly(childProcess);
    assertThat(heard)
        .anyMatch(
            line -> line.startsWith("warning ring ") && line.contains("buffer_limit is 99999"));
    assertThat(rings()).containsExactlyInAnyOrder(ROOT + ".ring", CHILD + ".ring.broken");

    root.batch(0, 1).exits(0);
    rootExits(0);
    settle();
    assertThat(tree.isDone()).isTrue();
    assertThat(tree.problems()).hasSize(1);
    assertThat(tree.ended()).extracting(Run::getRunId).containsExactly(ROOT);
  }

  @Test
  void aRingThatItsGuestCutsShortIsSaidAndTheOthersGoOn() throws Exception {
    FakeRing root = ring(ROOT, null, rootProcess);
    ProcessIdentity childProcess = machine.start(101);
    FakeRing child = ring(CHILD, ROOT, childProcess);
    settle();
    try (FileChannel file = FileChannel.open(child.path(), StandardOpenOption.WRITE)) {
      file.truncate(0);
    }
    settle();

    assertThat(machine.killed).containsExactly(childProcess);
    assertThat(heard).anyMatch(line -> line.contains("was cut short by the guest"));
    root.batch(0, 1).exits(0);
    rootExits(0);
    settle();
    assertThat(tree.isDone()).isTrue();
    assertThat(tree.ended()).extracting(Run::getRunId).containsExactly(ROOT);
  }

  @Test
  void aTotalThatDoesNotAddUpIsSaid() throws Exception {
    FakeRing root = ring(ROOT, null, rootProcess);
    root.batch(0, 10).batch(0, 20).exits(0).bufferState(0, 0);
    rootExits(0);
    settle();

    assertThat(heard)
        .contains(
            "warning run " + ROOT + ": 1 batches are missing in its ring",
            "warning run "
                + ROOT
                + ", vCPU 0: executed 30 instructions, but encoded 20, dropped 0 and published 20");
  }

  @Test
  void progressIsWhatTheBrokerHasAcknowledged() throws Exception {
    ring(ROOT, null, rootProcess).batch(0, 10).batch(0, 20).putLong(288, 5_000);
    settle();

    NodeProgress progress = tree.progress();

    assertThat(progress.runsLive()).isEqualTo(1);
    assertThat(progress.instructions()).isEqualTo(30);
    assertThat(progress.batches()).isEqualTo(2);
    assertThat(progress.heldNanos()).isEqualTo(5_000);
  }

  @Test
  void theLoadIsWhatHasNotBeenAcknowledged() throws Exception {
    TestKafka silent = new TestKafka(false);
    TracePublisher waiting = silent.publisher(1 << 20, doorbell::ring);
    GuestTree slow =
        new GuestTree(
            GUEST,
            directory,
            doorbell,
            waiting,
            machine,
            machine,
            listener,
            FLUSH,
            () -> Optional.empty(),
            false);
    try {
      FakeRing root = ring(ROOT, null, rootProcess);
      root.batch(0, 10).batch(0, 20).batch(0, 30).put(328, 2);
      slow.doWork(exitCode);
      machine.advance(Duration.ofSeconds(40));
      slow.doWork(exitCode);
      NodeLoad before = slow.load();
      silent.acknowledgeAll();
      machine.advance(Duration.ofSeconds(1));
      slow.doWork(exitCode);
      root.put(328, 0);
      slow.doWork(exitCode);

      assertThat(before).isEqualTo(new NodeLoad(3, 4, 3, 0.75, 2, 40_000_000_000L));
      assertThat(slow.load()).isEqualTo(new NodeLoad(0, 4, 0, 0, 0, 0));
      assertThat(NodeMetrics.stall(before))
          .hasValue("the broker has acknowledged nothing for 40 s, 3 batches wait");
      assertThat(NodeMetrics.stall(slow.load())).isEmpty();
    } finally {
      slow.close();
      waiting.close();
    }
  }

  @Test
  void missingBatchesStayCountedWhenTheRunIsGone() throws Exception {
    ring(ROOT, null, rootProcess).batch(0, 10).batch(0, 20).exits(0).bufferState(0, 0);
    rootExits(0);
    settle();

    assertThat(tree.isDone()).isTrue();
    assertThat(tree.progress().missingBatches()).isEqualTo(1);
  }

  @Test
  void anotherNodeEndsWhatADeadOneBegan() throws Exception {
    FakeRing root = ring(ROOT, null, rootProcess);
    root.batch(0, 10).batch(0, 20);
    settle();
    tree.close();
    root.batch(0, 30);
    root.open(0);
    root.add(0, 5, 1, 0, 1, "open");
    machine.alive.clear();

    tree = tree(true);
    settle();

    assertThat(tree.isDone()).isTrue();
    assertThat(kafka.batches()).extracting(TraceBatch::getSequence).containsExactly(0L, 1L, 2L, 3L);
    assertThat(last(ROOT).getTotals())
        .containsExactly(new VcpuTotals(0, 1, 65L, 65L, 0L, 65L, 4L, 0L, 0L));
    assertThat(last(ROOT).getEndReason()).isEqualTo("killed");
    assertThat(rings()).isEmpty();
  }

  /** The root's ring, which has just obeyed. */
  private FakeRing switchedOff() throws Exception {
    FakeRing root = ring(ROOT, null, rootProcess);
    root.batch(0, 10);
    settle();
    wish = Optional.of(new TraceWish(TraceMode.OFF, List.of(), "me@here"));
    settle();
    root.obeys(1_700_000_000_500_000L);
    return root;
  }

  @Test
  void anotherNodeKeepsWhatADeadOneChanged() throws Exception {
    FakeRing root = switchedOff();
    settle();
    List<TraceChange> before = last(ROOT).getChanges();
    wish = Optional.of(new TraceWish(TraceMode.COUNT, List.of(), "you@there"));
    machine.advance(Duration.ofSeconds(1));
    settle();
    root.obeys(1_700_000_000_600_000L);
    tree.close(); // nothing was noted or sent since
    TestKafka later = new TestKafka(true);
    publisher.close();
    publisher = later.publisher(1 << 20, doorbell::ring);

    tree = tree(true);
    wish = Optional.empty();
    settle();
    root.obeys(1_700_000_000_700_000L);
    settle();
    machine.alive.clear();
    settle();

    Run run = later.runs().get(later.runs().size() - 1);
    assertThat(run.getEnd()).isNotNull();
    assertThat(run.getChanges())
        .extracting(change -> change.getFrom() + " " + change.getTo() + " " + change.getAskedBy())
        .containsExactly("full off me@here", "off count you@there", "count full ");
    assertThat(run.getChanges().get(0)).isEqualTo(before.get(0));
    assertThat(run.getChanges().get(1).getAt())
        .isEqualTo(EpochMicros.instant(1_700_000_000_600_000L));
    assertThat(run.getChangesLeftOut()).isZero();
    assertThat(later.runs().get(0).getChanges())
        .as("what the dead node had sent is in each record from the first one on")
        .startsWith(before.get(0));
    assertThat(directory.toFile().list()).containsExactly("doorbell");
  }

  @Test
  void whatWasChangedLastIsKeptThoughNodeAndGuestAreDead() throws Exception {
    switchedOff();
    tree.close();
    machine.alive.clear();

    tree = tree(true);
    settle();

    assertThat(tree.isDone()).isTrue();
    assertThat(last(ROOT).getChanges()).hasSize(1);
    assertThat(last(ROOT).getChanges().get(0).getVcpus())
        .containsExactly(new VcpuAtChange(0, 10L, 0L));
  }
}
