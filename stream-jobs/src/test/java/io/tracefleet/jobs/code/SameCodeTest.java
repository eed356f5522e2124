// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.code;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.jobs.testing.Runs;
import io.tracefleet.schemas.Run;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is one row, in blocks and in functions. */
class SameCodeTest {
  private static final Run ONE =
      Runs.run("0190a000-0000-7000-8000-000000000001", "n1", "a", Map.of());
  private static final Run TWO =
      Runs.run("0190a000-0000-7000-8000-000000000002", "n2", "b", Map.of());
  private static final Run ARM = Run.newBuilder(TWO).setTarget("aarch64").build();

  /** A block that was executed. */
  private record Executed(Run run, long vaddr, int codeHash, long executions, CodePlace place) {}

  private static Executed in(
      Run run, String image, String buildId, long offset, String function, long executions) {
    return new Executed(
        run,
        0x5000_0000L + offset + run.getNode().hashCode() * 0x1000L,
        0x11,
        executions,
        new CodePlace(image, offset, buildId, function, null));
  }

  private static Executed at(Run run, long vaddr, String symbol, long executions) {
    return new Executed(
        run, vaddr, 0x11, executions, new CodePlace(null, null, null, null, symbol));
  }

  private static List<FleetBlock> blocks(Executed... all) {
    return blocks(List.of(all));
  }

  private static List<FleetBlock> blocks(List<Executed> all) {
    FleetCode code = new FleetCode();
    for (Executed one : all) {
      code.add(
          one.run(),
          one.vaddr(),
          one.codeHash(),
          3,
          9,
          one.executions(),
          3 * one.executions(),
          one.place());
    }
    return code.blocks();
  }

  private static List<String> shown(List<HotFunction> functions) {
    return functions.stream()
        .map(
            row ->
                "%s of %s: %d in %d blocks, %d runs"
                    .formatted(
                        row.name(),
                        row.image(),
                        row.instructions(),
                        row.blocks(),
                        row.runs().size()))
        .toList();
  }

  @Test
  void oneBuildUnderTwoPathsIsOneRow() {
    List<FleetBlock> blocks =
        blocks(in(ONE, "/b/prog", "id", 16, "f", 10), in(TWO, "/a/prog", "id", 16, "f", 1));

    assertThat(blocks).hasSize(1);
    FleetBlock block = blocks.get(0);
    assertThat(block.executions()).isEqualTo(11);
    assertThat(block.weight()).isEqualTo(33);
    assertThat(block.runs()).hasSize(2);
    assertThat(block.nodes()).containsExactlyInAnyOrder("n1", "n2");
    assertThat(block.severalAddresses()).isTrue();
    assertThat(shown(HotFunctions.of(blocks)))
        .containsExactly("f of " + block.place().image() + ": 33 in 1 blocks, 2 runs");
  }

  @Test
  void twoBuildsUnderOnePathAreTwoRows() {
    List<FleetBlock> blocks =
        blocks(in(ONE, "/a/prog", "id", 16, "f", 10), in(TWO, "/a/prog", "other", 16, "f", 1));

    assertThat(blocks).extracting(FleetBlock::executions).containsExactly(10L, 1L);
    assertThat(HotFunctions.of(blocks))
        .extracting(HotFunction::buildId)
        .containsExactly("id", "other");
  }

  @Test
  void withoutABuildIdThePathDecides() {
    List<FleetBlock> blocks =
        blocks(
            in(ONE, "/a/prog", null, 16, "f", 10),
            in(TWO, "/a/prog", null, 16, "f", 2),
            in(TWO, "/b/prog", null, 16, "f", 1));

    assertThat(blocks).extracting(FleetBlock::executions).containsExactly(12L, 1L);
    assertThat(HotFunctions.of(blocks)).hasSize(2);
  }

  @Test
  void onePathOfTwoTargetsIsTwoImages() {
    List<FleetBlock> blocks =
        blocks(in(ONE, "/a/prog", null, 16, "f", 10), in(ARM, "/a/prog", null, 16, "f", 2));

    assertThat(blocks).hasSize(2);
    assertThat(HotFunctions.of(blocks))
        .extracting(HotFunction::target)
        .containsExactly("x86_64", "aarch64");
  }

  @Test
  void codeOfNoImageIsKnownByItsAddress() {
    List<FleetBlock> blocks =
        blocks(at(ONE, 0x10, "s", 4), at(TWO, 0x10, null, 3), at(TWO, 0x20, null, 1));

    assertThat(blocks).extracting(FleetBlock::executions).containsExactly(7L, 1L);
    assertThat(blocks.get(0).place().symbol()).isEqualTo("s");
    assertThat(blocks.get(0).severalAddresses()).isFalse();
  }

  @Test
  void otherBytesAtOnePlaceAreOtherCodeOfTheSameFunction() {
    Executed one = in(ONE, "/a/prog", null, 16, "f", 10);
    List<FleetBlock> blocks =
        blocks(one, new Executed(one.run(), one.vaddr(), 0x12, 2, one.place()));

    assertThat(blocks).hasSize(2);
    assertThat(shown(HotFunctions.of(blocks)))
        .containsExactly("f of /a/prog: 36 in 2 blocks, 1 runs");
  }

  @Test
  void whatHasNoNameIsCalledByItsImage() {
    List<FleetBlock> blocks =
        blocks(
            in(ONE, "/lib/libc.so.6", "id", 16, null, 5),
            in(ONE, "/lib/libc.so.6", "id", 32, null, 1),
            in(ONE, "/lib/libc.so.6", "id", 48, "puts", 3),
            at(ONE, 0x10, null, 2),
            at(TWO, 0x20, null, 1),
            at(ONE, 0x30, "start", 1));

    assertThat(shown(HotFunctions.of(blocks)))
        .containsExactly(
            "[libc.so.6] of /lib/libc.so.6: 18 in 2 blocks, 1 runs",
            "puts of /lib/libc.so.6: 9 in 1 blocks, 1 runs",
            "[unknown] of null: 9 in 2 blocks, 2 runs",
            "start of null: 3 in 1 blocks, 1 runs");
  }

  @Test
  void aRunIsFoldedAsTheFleetIs() {
    List<Executed> all =
        List.of(
            in(ONE, "/a/prog", "id", 16, "f", 10),
            in(ONE, "/a/prog", "id", 32, "f", 1),
            in(ONE, "/a/prog", "id", 48, null, 2),
            at(ONE, 0x10, null, 3));
    HotFunctions run = new HotFunctions();
    all.forEach(one -> run.add(one.run(), one.place(), 3 * one.executions(), one.executions()));

    assertThat(shown(run.rows()))
        .isEqualTo(shown(HotFunctions.of(blocks(all))))
        .first()
        .isEqualTo("f of /a/prog: 33 in 2 blocks, 1 runs");
  }

  @Test
  void theOrderOfAddingDoesNotMatter() {
    List<Executed> all =
        new ArrayList<>(
            List.of(
                in(ONE, "/b/prog", "id", 16, "f", 10),
                in(TWO, "/a/prog", "id", 16, null, 10),
                in(TWO, "/c/prog", "id", 32, "g", 10),
                in(ONE, "/c/prog", "id", 32, "g", 10),
                at(TWO, 0x10, null, 20),
                at(ONE, 0x10, null, 20)));
    List<String> expected = described(blocks(all));
    for (int i = 0; i < all.size(); i++) {
      Collections.rotate(all, 1);
      assertThat(described(blocks(all))).isEqualTo(expected);
    }
  }

  private static List<String> described(List<FleetBlock> blocks) {
    return blocks.stream()
        .map(
            block ->
                block.runId() + " " + block.vaddr() + " " + block.place() + " " + block.weight())
        .toList();
  }
}
