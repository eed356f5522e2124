// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.jobs.flow.SectionId;
import io.tracefleet.jobs.hwaddr.HwaddrFeature;
import io.tracefleet.jobs.table.Chunk;
import io.tracefleet.jobs.table.ChunkKey;
import io.tracefleet.jobs.table.Group;
import io.tracefleet.jobs.table.PackedBytes;
import io.tracefleet.jobs.weight.Weight;
import io.tracefleet.jobs.weight.Weights;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What is scaled is each vCPU by its own weight, before vCPUs are added up. */
class ScaledFormsTest {
  private static final UUID RUN = UUID.fromString("0190a000-0000-7000-8000-000000000001");
  private static final int ROWS_OF_A_CHUNK = 64;

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);

  @Test
  void blocksOfAllVcpusAddUpToWhatWasExecuted() {
    List<Chunk> chunks = new ArrayList<>();
    Map<Integer, Weight> weights = new HashMap<>();
    long executed = 0;
    for (int vcpu = 0; vcpu < 4; vcpu++) {
      List<long[]> rows = new ArrayList<>();
      long encoded = 0;
      for (int i = 0; i < 300; i++) {
        int instructions = 1 + random.nextInt(40);
        long executions = random.nextInt(1 << random.nextInt(1, 20));
        // Kernel addresses have the highest bit; the order of chunks is that of the first sight.
        long vaddr = (random.nextBoolean() ? Long.MIN_VALUE : 0) + (i * 7919L % 300) * 16;
        rows.add(new long[] {vaddr, (long) random.nextInt() << 32 | instructions, executions, 9});
        encoded += executions * instructions;
      }
      chunks.addAll(chunks(SectionId.HOT_BLOCKS, vcpu, rows));
      weights.put(vcpu, new Weight(encoded, vcpu == 2 ? 0 : random.nextLong(100 * encoded)));
      executed += encoded + weights.get(vcpu).passed();
    }

    BlockRows scaled = BlockRows.scaled(new Weights(weights)).decode().apply(all(chunks));
    BlockRows exact = BlockRows.FORM.decode().apply(all(chunks));

    assertThat(scaled.totalWeight()).as("seed %d", seed).isEqualTo(executed);
    assertThat(scaled.size()).isEqualTo(exact.size());
    for (int vcpu = 0; vcpu < 4; vcpu++) {
      Views.Chunks one = new Views.Chunks(chunks, Set.of(vcpu));
      Weight weight = weights.get(vcpu);
      BlockRows own = BlockRows.scaled(new Weights(weights)).decode().apply(one);
      assertThat(own.totalWeight())
          .as("seed %d, vCPU %d", seed, vcpu)
          .isEqualTo(weight.encoded() + weight.passed());
      assertThat(executions(own))
          .isEqualTo(weight.scale(executions(BlockRows.FORM.decode().apply(one))));
    }
  }

  @Test
  void aBlockIsScaledByTheWeightOfEachVcpuThatExecutedIt() {
    List<Chunk> chunks = new ArrayList<>();
    chunks.addAll(chunks(SectionId.HOT_BLOCKS, 0, List.of(new long[] {0x1000, 3, 100, 9})));
    chunks.addAll(chunks(SectionId.HOT_BLOCKS, 1, List.of(new long[] {0x1000, 3, 10, 9})));

    BlockRows rows =
        BlockRows.scaled(new Weights(Map.of(0, new Weight(300, 300), 1, new Weight(30, 270))))
            .decode()
            .apply(all(chunks));

    assertThat(rows.executions(0)).isEqualTo(2 * 100 + 10 * 10);
    assertThat(rows.weight(0)).isEqualTo(3 * (2 * 100 + 10 * 10));
    assertThat(rows.bytes(0)).isEqualTo(9);
  }

  @Test
  void withoutWindowsTheRowsAreTheSame() {
    Weights none = new Weights(Map.of(0, new Weight(1000, 0), 1, new Weight(0, 0)));

    assertThat(BlockRows.scaled(none)).isSameAs(BlockRows.FORM);
    assertThat(PageRows.scaled(none)).isSameAs(PageRows.FORM);
    assertThat(BlockRows.scaled(Weights.NONE)).isSameAs(BlockRows.FORM);
  }

  /** RAM comes first among the devices, so its pages add up to it, and all to the accesses. */
  @Test
  void pagesAddUpToTheirRam() {
    List<long[]> rows = new ArrayList<>();
    long[] ram = new long[HwaddrFeature.COLUMNS];
    for (int page = 0; page < 200; page++) {
      long[] row = {(page * 37L % 200) << 12, HwaddrFeature.PAGE, 0, 0, 0, 0};
      for (int column = 0; column < ram.length; column++) {
        row[2 + column] = random.nextInt(1000);
        ram[column] += row[2 + column];
      }
      rows.add(row);
    }
    Weights weights = new Weights(Map.of(0, new Weight(77, 1234)));
    List<SmallRows.Device> devices =
        List.of(
            new SmallRows.Device(0, true, "serial", new long[] {3, 5, 3, 5}),
            new SmallRows.Device(0, false, "RAM", ram));

    PageRows pages =
        PageRows.scaled(weights).decode().apply(all(chunks(SectionId.HWADDR, 0, rows)));
    List<SmallRows.Device> scaled = SmallRows.scaledDevices(devices, weights);

    assertThat(scaled).extracting(SmallRows.Device::name).containsExactly("RAM", "serial");
    assertThat(scaled.get(0).columns()[HwaddrFeature.READS])
        .as("seed %d", seed)
        .isEqualTo(sum(pages))
        .isEqualTo(weights.of(0).scale(ram[HwaddrFeature.READS]));
    assertThat(
            scaled.get(0).columns()[HwaddrFeature.READS]
                + scaled.get(1).columns()[HwaddrFeature.READS])
        .isEqualTo(weights.of(0).scale(ram[HwaddrFeature.READS] + 3));
    assertThat(pages.pages(0)).isEqualTo(1);
  }

  @Test
  void idlesAndResumesAreNeverScaled() {
    List<SmallRows.Vcpu> rows =
        List.of(
            new SmallRows.Vcpu(3, 1, new long[] {4, 4, 4, 4, 4, 4, 4, 4}),
            new SmallRows.Vcpu(3, 0, new long[] {3, 3, 3, 3, 3, 3, 3, 3}));

    List<SmallRows.Vcpu> scaled =
        SmallRows.scaledVcpus(rows, new Weights(Map.of(3, new Weight(7, 2))));

    assertThat(scaled.get(0).columns()).containsExactly(3, 3, 3, 3, 3, 3, 3, 3); // 3.86
    assertThat(scaled.get(1).columns()).containsExactly(6, 6, 6, 6, 6, 6, 4, 4); // 5.14; 9 in all
    assertThat(rows.get(0).columns()).as("what was kept stays").containsOnly(4);
  }

  private static Views.Chunks all(List<Chunk> chunks) {
    return new Views.Chunks(chunks, Set.of());
  }

  private static long executions(BlockRows rows) {
    long sum = 0;
    for (int row = 0; row < rows.size(); row++) {
      sum += rows.executions(row);
    }
    return sum;
  }

  private static long sum(PageRows rows) {
    long sum = 0;
    for (int row = 0; row < rows.size(); row++) {
      sum += rows.reads(row);
    }
    return sum;
  }

  /** As they lie in the store. */
  private static List<Chunk> chunks(SectionId table, int vcpu, List<long[]> rows) {
    List<Chunk> chunks = new ArrayList<>();
    for (int from = 0; from < rows.size(); from += ROWS_OF_A_CHUNK) {
      List<long[]> some = rows.subList(from, Math.min(rows.size(), from + ROWS_OF_A_CHUNK));
      PackedBytes out = new PackedBytes(64);
      out.u8(2);
      out.varint(some.size());
      out.varint(some.get(0).length - 2);
      long before = 0;
      for (long[] row : some) {
        out.zigzag(row[0] - before);
        before = row[0];
        out.zigzag(row[1]);
        for (int column = 2; column < row.length; column++) {
          out.varint(row[column]);
        }
      }
      chunks.add(
          new Chunk(
              new ChunkKey(table.id(), RUN, vcpu, Group.WHOLE_RUN, from / ROWS_OF_A_CHUNK),
              out.toArray()));
    }
    return chunks;
  }
}
