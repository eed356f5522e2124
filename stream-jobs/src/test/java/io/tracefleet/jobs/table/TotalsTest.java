// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TotalsTest {
  private static final Group GROUP = Group.wholeRun("0190a000-0000-7000-8000-000000000001", 0);

  private final Chunks store = new Chunks();

  @Test
  void sameAsAMapThroughSavesAndLoads() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Map<List<Long>, Long> model = new HashMap<>();
    Totals totals = new Totals(GROUP, 2);
    for (int i = 0; i < 20_000; i++) {
      long first = random.nextInt(100) == 0 ? random.nextLong() : random.nextInt(300);
      long second = random.nextInt(4) - 2L;
      int row = totals.row(first, second);
      totals.add(row, 0, i);
      totals.set(row, 1, -i);
      model.merge(List.of(first, second), (long) i, Long::sum);
      if (random.nextInt(2000) == 0) {
        totals.save(store);
        totals = new Totals(GROUP, 2);
        totals.load(store);
      }
    }

    Map<List<Long>, Long> counted = new HashMap<>();
    for (int row = 0; row < totals.size(); row++) {
      counted.put(List.of(totals.first(row), totals.second(row)), totals.get(row, 0));
    }
    assertThat(counted).as("seed %d", seed).isEqualTo(model);
  }

  @Test
  void onlyChangedChunksAreWritten() {
    Totals totals = new Totals(GROUP, 1);
    for (int key = 0; key < 1000; key++) {
      totals.row(key, 0);
    }
    totals.save(store);
    store.written.clear();

    totals.add(totals.row(70, 0), 0, 1);
    totals.add(totals.row(71, 0), 0, 1);
    totals.add(totals.row(999, 0), 0, 1);
    totals.save(store);
    totals.save(store);

    assertThat(store.written).containsExactly(1, 15);
    assertThat(totals.anyUnsaved()).isFalse();
  }

  @Test
  void eachChangeIsVisitedOnce() {
    Totals totals = new Totals(GROUP, 1);
    for (int key = 0; key < 200; key++) {
      totals.row(key, 0);
    }
    assertThat(changed(totals)).hasSize(200);

    totals.row(5, 0);
    totals.row(63, 0);
    totals.row(64, 0);
    totals.row(5, 0);

    assertThat(changed(totals)).containsExactly(5, 63, 64);
    assertThat(changed(totals)).isEmpty();
    assertThat(totals.anyChanged()).isFalse();
  }

  /** A state that an earlier release left: rows without the number of their columns. */
  @Test
  void columnsThatCameLaterAreZeroInOlderChunks() {
    PackedBytes old = new PackedBytes(64);
    old.u8(1);
    old.varint(2);
    for (long[] row : new long[][] {{5, -1, 300, 1L << 40}, {2, 70, 0, 9}}) {
      old.zigzag(row[0]);
      old.zigzag(row[1]);
      old.varint(row[2]);
      old.varint(row[3]);
    }
    store.write(0, old.toArray());

    Totals totals = new Totals(GROUP, 3);
    totals.load(store);
    totals.add(totals.row(7, 70), 2, 4);
    totals.save(store);
    Totals again = new Totals(GROUP, 3);
    again.load(store);

    assertThat(rows(again)).containsExactly("5 -1: 300 1099511627776 0", "7 70: 0 9 4");
    assertThat(store.chunks.get(0)[0]).isEqualTo((byte) 2);
  }

  @Test
  void chunksOfALaterReleaseAreRefused() {
    Totals totals = new Totals(GROUP, 3);
    totals.row(1, 1);
    totals.save(store);

    assertThatThrownBy(() -> new Totals(GROUP, 2).load(store))
        .hasMessageContaining("have 3 columns; this release knows 2");
    store.chunks.get(0)[0] = 3;
    assertThatThrownBy(() -> new Totals(GROUP, 3).load(store))
        .hasMessageContaining("have format 3; this release reads format 2");
  }

  private static List<String> rows(Totals totals) {
    List<String> rows = new ArrayList<>();
    for (int row = 0; row < totals.size(); row++) {
      rows.add(
          "%d %d: %d %d %d"
              .formatted(
                  totals.first(row),
                  totals.second(row),
                  totals.get(row, 0),
                  totals.get(row, 1),
                  totals.get(row, 2)));
    }
    return rows;
  }

  @Test
  void namesKeepTheirNumbers() {
    Totals totals = new Totals(GROUP, 1);
    int serial = totals.nameNumber("serial");
    int other = totals.nameNumber("pci-\u00e4");
    totals.save(store);

    Totals again = new Totals(GROUP, 1);
    again.load(store);

    assertThat(again.name(serial)).isEqualTo("serial");
    assertThat(again.nameNumber("pci-\u00e4")).isEqualTo(other);
    assertThat(again.anyUnsaved()).isFalse();
    assertThat(again.nameNumber("third")).isEqualTo(2);
    assertThat(again.anyUnsaved()).isTrue();
  }

  @Test
  void manyNamesAreSeveralChunks() {
    for (int count : new int[] {256, 257, 600}) {
      Totals totals = new Totals(GROUP, 1);
      totals.load(store);
      for (int name = totals.nameNumber("name 0"); name < count; name++) {
        totals.nameNumber("name " + name);
      }
      totals.save(store);
      store.written.clear();
      totals.save(store);
      assertThat(store.written).isEmpty();
    }

    Totals again = new Totals(GROUP, 1);
    again.load(store);

    assertThat(store.chunks.keySet()).containsExactlyInAnyOrder(-1, -2, -3);
    for (int name = 0; name < 600; name++) {
      assertThat(again.name(name)).isEqualTo("name " + name);
      assertThat(again.nameNumber("name " + name)).isEqualTo(name);
    }
    assertThat(again.anyUnsaved()).isFalse();
  }

  @Test
  void aFullLastChunkIsReadBack() {
    Totals totals = new Totals(GROUP, 1);
    for (int key = 0; key < 2 * Totals.CHUNK_ROWS; key++) {
      totals.set(totals.row(key, 7), 0, Long.MAX_VALUE - key);
    }
    totals.save(store);

    Totals again = new Totals(GROUP, 1);
    again.load(store);

    assertThat(again.size()).isEqualTo(128);
    assertThat(again.get(127, 0)).isEqualTo(Long.MAX_VALUE - 127);
    assertThat(again.row(127, 7)).isEqualTo(127);
  }

  private static List<Integer> changed(Totals totals) {
    List<Integer> rows = new ArrayList<>();
    totals.visitChanged((same, row) -> rows.add(row));
    return rows;
  }

  private static final class Chunks implements Totals.ChunkStore {
    final Map<Integer, byte[]> chunks = new HashMap<>();
    final Set<Integer> written = new HashSet<>();

    @Override
    public byte[] read(int chunk) {
      return chunks.get(chunk);
    }

    @Override
    public void write(int chunk, byte[] value) {
      chunks.put(chunk, value);
      written.add(chunk);
    }
  }
}
