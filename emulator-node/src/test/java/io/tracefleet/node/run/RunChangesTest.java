// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.node.config.TraceMode;
import io.tracefleet.node.config.TraceWish;
import io.tracefleet.node.config.TraceWish.AddressRange;
import io.tracefleet.node.config.TraceWish.Window;
import io.tracefleet.node.ring.AppliedChange;
import io.tracefleet.node.ring.FakeRing;
import io.tracefleet.node.ring.RingReader;
import io.tracefleet.schemas.TraceChange;
import io.tracefleet.schemas.TracedWindow;
import io.tracefleet.schemas.VcpuAtChange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes are killed at every arrow of {@link RunChanges}; the next one finds each change once. */
class RunChangesTest {
  private static final String RUN = "01890a5d-ac96-774b-bcce-b302099a8057";
  private static final long FIRST = 1_700_000_000_500_000L;
  private static final long SECOND = 1_700_000_000_600_000L;
  private static final TraceWish OFF = new TraceWish(TraceMode.OFF, List.of(), "me@here");
  private static final TraceWish WINDOWS =
      new TraceWish(
          TraceMode.FULL,
          List.of(new AddressRange(16, -16)),
          List.of(0, 2),
          List.of(new Window(5, 10, 100)),
          7_000,
          "you@there");

  @TempDir private Path directory;
  private final FakeMachine machine = new FakeMachine();
  private final List<String> said = new ArrayList<>();
  private FakeRing ring;
  private RingReader reader;
  private RunChanges changes;
  private Optional<TraceWish> wish = Optional.empty();
  private boolean known = true;

  @BeforeEach
  void begin() throws Exception {
    ring = FakeRing.create(directory, RUN, null, machine.start(100), 4);
    ring.batch(0, 10).batch(1, 5);
    nextNode();
  }

  @AfterEach
  void close() {
    reader.close();
  }

  /** The node is killed, and another one adopts the ring. */
  private void nextNode() throws Exception {
    if (reader != null) {
      reader.close();
    }
    reader = RingReader.adopt(ring.path());
    changes =
        new RunChanges(
            reader,
            new TraceWishes() {
              @Override
              public Optional<TraceWish> wish() {
                return wish;
              }

              @Override
              public boolean areKnown() {
                return known;
              }
            },
            machine,
            said::add);
  }

  private void want(TraceWish wanted) throws Exception {
    wish = Optional.of(wanted);
    step();
  }

  private void step() throws Exception {
    machine.advance(Duration.ofSeconds(1));
    changes.step();
  }

  private void make(TraceWish wanted, long micros) throws Exception {
    want(wanted);
    ring.obeys(micros);
    step();
  }

  private Path notes() {
    return directory.resolve(RUN + ".changes");
  }

  private List<String> modes() {
    return changes.records().stream()
        .map(change -> change.getFrom() + " " + change.getTo() + " " + change.getAskedBy())
        .toList();
  }

  @Test
  void aRunThatNobodyChangesHasNoNotes() throws Exception {
    step();
    nextNode();
    step();

    assertThat(directory.toFile().list()).containsExactly(RUN + ".ring");
    assertThat(changes.records()).isEmpty();
    assertThat(said).isEmpty();
  }

  @Test
  void whatWasNotedIsFoundAsItWas() throws Exception {
    make(OFF, FIRST);
    ring.batch(0, 100);
    make(WINDOWS, SECOND);
    List<TraceChange> before = changes.records();
    // A vCPU of later on had no part in them.
    ring.batch(3, 1);
    nextNode();
    step();

    assertThat(changes.records()).isEqualTo(before).hasSize(2);
    assertThat(before.get(1).getVcpus())
        .containsExactly(new VcpuAtChange(0, 110L, 0L), new VcpuAtChange(1, 5L, 0L));
    assertThat(before.get(1).getWindows()).containsExactly(new TracedWindow(5L, 10L, 100L));
    assertThat(before.get(1).getVcpuFilter()).containsExactly(0, 2);
    assertThat(ring.wanted()).as("what is wanted is in force").isEqualTo(4);
    make(OFF, SECOND + 1);
    assertThat(modes())
        .containsExactly("full off me@here", "off full you@there", "full off me@here");
    assertThat(said).isEmpty();
  }

  @Test
  void killedAfterThePluginObeyed() throws Exception {
    make(OFF, FIRST);
    want(WINDOWS);
    ring.obeys(SECOND);
    nextNode();
    boolean made = changes.step();

    assertThat(made).isTrue();
    assertThat(modes()).containsExactly("full off me@here", "off full you@there");
    assertThat(changes.records().get(1).getAt().toEpochMilli()).isEqualTo(SECOND / 1000);
    assertThat(ring.wanted()).isEqualTo(4);
    nextNode();
    step();
    assertThat(changes.records()).hasSize(2);
    assertThat(said).isEmpty();
  }

  @Test
  void killedBeforeThePluginObeyed() throws Exception {
    want(OFF);
    nextNode();
    wish = Optional.of(WINDOWS);
    step();
    assertThat(changes.records()).isEmpty();
    assertThat(ring.wanted()).as("one change after the other").isEqualTo(2);

    ring.obeys(FIRST);
    step();
    ring.obeys(SECOND);
    step();

    assertThat(modes()).containsExactly("full off me@here", "off full you@there");
    assertThat(said).isEmpty();
  }

  @Test
  void killedBetweenNotingAndTelling() throws Exception {
    make(OFF, FIRST);
    want(WINDOWS);
    ring.wanted(2);
    nextNode();
    make(TraceWish.of(TraceMode.COUNT), SECOND);

    assertThat(modes()).containsExactly("full off me@here", "off count ");
    assertThat(ring.wanted()).isEqualTo(4);
    assertThat(said).isEmpty();
  }

  @Test
  void killedWhileTelling() throws Exception {
    make(OFF, FIRST);
    want(WINDOWS);
    ring.wanted(3);
    ring.wantedRange(32, 16); // half of a range
    nextNode();
    make(WINDOWS, SECOND);

    assertThat(modes()).containsExactly("full off me@here", "off full you@there");
    assertThat(ring.wanted()).isEqualTo(4);
    assertThat(said).isEmpty();
  }

  @Test
  void asStartedIsWhatTheFirstNodeFound() throws Exception {
    make(OFF, FIRST);
    nextNode();
    wish = Optional.empty();
    step();

    assertThat(ring.wantedMode()).isEqualTo(TraceMode.FULL);
    ring.obeys(SECOND);
    step();
    assertThat(modes()).containsExactly("full off me@here", "off full ");
  }

  @Test
  void aChildBeginsWithWhatIsInForceInItsParent() throws Exception {
    ring.wantedRange(16, 32);
    nextNode();
    make(OFF, FIRST);
    nextNode();
    wish = Optional.empty();
    step();
    ring.obeys(SECOND);
    step();

    assertThat(changes.records().get(1).getAddressFilters())
        .extracting(range -> range.getLow() + "-" + range.getHigh())
        .containsExactly("16-32");
  }

  @Test
  void nothingChangesUntilItIsKnownWhatIsWanted() throws Exception {
    make(OFF, FIRST);
    known = false;
    wish = Optional.empty();
    nextNode();
    step();

    assertThat(ring.wanted()).isEqualTo(2);
  }

  /** Another file system than tmpfs may do this to it; a kill does not. */
  @Test
  void notesThatEndAnywhereAreOneLineAndTheRunGoesOn() throws Exception {
    make(OFF, FIRST);
    byte[] whole = Files.readAllBytes(notes());
    for (int length = 0; length < whole.length; length++) {
      byte[] torn = Arrays.copyOf(whole, length);
      Files.write(notes(), torn);
      said.clear();
      nextNode();
      step();

      assertThat(said)
          .as("%d of %d bytes", length, whole.length)
          .singleElement()
          .asString()
          .contains(RUN + ".changes is broken: ")
          .endsWith("; changes that are missing in the run's record: 1")
          .doesNotContain("\n");
      assertThat(ring.wanted()).as("what is in force is known").isEqualTo(2);
    }
    make(WINDOWS, SECOND);
    assertThat(modes()).containsExactly("off full you@there");
  }

  @Test
  void notesOfAnotherVersionAreOneLine() throws Exception {
    make(OFF, FIRST);
    Files.writeString(
        notes(), Files.readString(notes()).replaceFirst("\"version\":1", "\"version\":2"));
    nextNode();

    assertThat(said).singleElement().asString().contains("it has version 2, this node reads 1");
  }

  @Test
  void whatANewerNodeNotedBesidesIsPassedOver() throws Exception {
    make(OFF, FIRST);
    Files.writeString(
        notes(), Files.readString(notes()).replaceFirst("\\{", "{\"someday\":{\"new\":[1]},"));
    nextNode();

    assertThat(modes()).containsExactly("full off me@here");
    assertThat(said).isEmpty();
  }

  @Test
  void anOlderNodeMadeNoNotes() throws Exception {
    make(OFF, FIRST);
    make(WINDOWS, SECOND);
    Files.delete(notes());
    nextNode();
    step();

    assertThat(said)
        .containsExactly(
            "run "
                + RUN
                + ": the dead node that steered it made no notes beside its ring; changes that are missing in the run's record: 2");
    assertThat(ring.wanted()).isEqualTo(4);
    make(OFF, SECOND + 1);
    assertThat(modes()).containsExactly("full off me@here");
  }

  /** It asked under the number under which this one was about to. */
  @Test
  void anOlderNodeCameInBetween() throws Exception {
    want(OFF);
    Files.copy(notes(), directory.resolve("kept"));
    make(OFF, FIRST);
    make(TraceWish.of(TraceMode.COUNT), FIRST);
    ring.wanted(2);
    Files.move(directory.resolve("kept"), notes(), StandardCopyOption.REPLACE_EXISTING);
    nextNode();
    step();

    assertThat(changes.records()).isEmpty();
    assertThat(said).singleElement().asString().endsWith("missing in the run's record: 1");
  }

  /** What is in force is not to be read then, so it is asked for again. */
  @Test
  void anOlderNodeWasKilledWhileTelling() throws Exception {
    ring.wantedRange(32, 16);
    ring.wanted(1);
    nextNode();
    step();

    assertThat(ring.wanted()).isEqualTo(2);
    assertThat(said).isEmpty();
  }

  @Test
  void withoutRoomForNotesTheFleetIsObeyedAndOneLineSaysSo() throws Exception {
    Path part = Files.createDirectory(directory.resolve(RUN + ".changes.part"));
    Files.createFile(part.resolve("in-the-way"));
    make(OFF, FIRST);
    make(WINDOWS, SECOND);
    assertThat(said)
        .singleElement()
        .asString()
        .contains("cannot be noted in " + notes())
        .doesNotContain("\n");
    said.clear();
    Files.delete(part.resolve("in-the-way"));
    Files.delete(part);
    make(OFF, SECOND + 1);
    nextNode();

    assertThat(modes())
        .containsExactly("full off me@here", "off full you@there", "full off me@here");
    assertThat(said).isEmpty();
  }

  @Test
  void notesThatAreOlderThanTheRingAreOneLine() throws Exception {
    make(OFF, FIRST);
    byte[] old = Files.readAllBytes(notes());
    make(WINDOWS, SECOND);
    Files.write(notes(), old);
    nextNode();

    assertThat(modes()).containsExactly("full off me@here");
    assertThat(said)
        .containsExactly(
            "run "
                + RUN
                + ": "
                + RUN
                + ".changes is older than its ring; changes that are missing in the run's record: 1");
    make(OFF, SECOND + 1);
    assertThat(changes.records().get(1).getFrom()).isEqualTo("full");
  }

  /** A node that changes what is traced for weeks. */
  @Test
  void theNewestChangesAreKeptAndTheOthersCounted() throws Exception {
    String longName = "x".repeat(10_000);
    for (int i = 0; i < 40; i++) {
      make(new TraceWish(i % 2 == 0 ? TraceMode.OFF : TraceMode.FULL, List.of(), i + longName), i);
      if (i % 7 == 0) {
        nextNode();
        step();
      }
    }
    nextNode();

    int kept = changes.records().size();
    assertThat(kept).isBetween(10, 20);
    assertThat(changes.leftOut()).isEqualTo(40 - kept);
    assertThat(changes.records().get(0).getAskedBy()).startsWith((40 - kept) + "x");
    assertThat(changes.records().get(kept - 1).getAskedBy()).startsWith("39x");
    assertThat(Files.size(notes())).isLessThan(2 << 20);
    assertThat(said).isEmpty();
  }

  @Test
  void aChangeTakesNoMoreInARecordThanReckoned() throws IOException {
    Map<Integer, AppliedChange.Counted> vcpus = new TreeMap<>();
    for (int i = 4000; i < 4096; i++) {
      vcpus.put(i, new AppliedChange.Counted(Long.MAX_VALUE, Long.MAX_VALUE));
    }
    List<AddressRange> ranges = new ArrayList<>();
    List<Window> windows = new ArrayList<>();
    List<Integer> indices = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      ranges.add(new AddressRange(Long.MAX_VALUE, Long.MIN_VALUE));
      indices.add(Integer.MAX_VALUE);
    }
    for (int i = 0; i < 8; i++) {
      windows.add(new Window(Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE));
    }
    MadeChange change =
        new MadeChange(
            TraceMode.COUNT,
            new TraceWish(TraceMode.COUNT, ranges, indices, windows, 0, "\u20ac".repeat(50)),
            Long.MAX_VALUE / 1000,
            vcpus);

    int bytes = TraceChange.getEncoder().encode(RunRecords.change(change)).remaining();

    assertThat(change.recordBytesMost()).isGreaterThanOrEqualTo(bytes);
  }
}
