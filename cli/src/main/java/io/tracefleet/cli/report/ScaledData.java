// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.report;

import io.tracefleet.jobs.weight.ScaledRows;
import io.tracefleet.jobs.weight.Weight;
import io.tracefleet.jobs.weight.Weights;
import io.tracefleet.schemas.HotBlock;
import io.tracefleet.schemas.HotBlockKey;
import io.tracefleet.schemas.Hwaddr;
import io.tracefleet.schemas.HwaddrKey;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.VcpuInstructions;
import io.tracefleet.schemas.VcpuKey;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;

/**
 * Scales the tables of each vCPU by its weight, as the HTTP interface does, in the same order.
 * System calls, idles and resumes are recorded whatever the windows are, so they stay.
 */
public final class ScaledData {
  private static final Comparator<HotBlockKey> BLOCKS =
      Comparator.comparingLong(HotBlockKey::getVaddr)
          .thenComparingInt(HotBlockKey::getCodeHash)
          .thenComparingInt(HotBlockKey::getInstructions);

  private static final Comparator<VcpuKey> GENERATIONS =
      Comparator.comparingInt(VcpuKey::getGeneration);

  /** RAM first, so that it has what its pages have, which are scaled by themselves. */
  private static final Comparator<HwaddrKey> DEVICES =
      Comparator.comparing(HwaddrKey::getIo)
          .thenComparing(
              key -> key.getDevice().getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);

  private static final Comparator<HwaddrKey> PAGES =
      Comparator.comparing(HwaddrKey::getPage, Comparator.naturalOrder());

  /** Of the table with the most. */
  private static final int COLUMNS = 6;

  private final RunData data;
  private final Map<String, Weights> weights;

  private ScaledData(RunData data) {
    this.data = data;
    this.weights = weights(data);
  }

  /** The weights of each run's vCPUs: by its totals, while it goes on by what the jobs counted. */
  private static Map<String, Weights> weights(RunData data) {
    Map<String, Map<Integer, Weight>> soFar = new HashMap<>();
    data.accounting()
        .forEach(
            (key, value) ->
                soFar
                    .computeIfAbsent(key.getRunId(), run -> new HashMap<>())
                    .put(key.getVcpu(), new Weight(value.getInstructions(), value.getPassed())));
    Map<String, Weights> weights = new HashMap<>();
    for (Run run : data.runs()) {
      Map<Integer, Weight> own = soFar.getOrDefault(run.getRunId(), Map.of());
      weights.put(run.getRunId(), Weights.of(run, own));
    }
    return weights;
  }

  /** The weights of a run's vCPUs. */
  public static Weights weights(RunData data, Run run) {
    return weights(data).getOrDefault(run.getRunId(), Weights.NONE);
  }

  /** Of how many of these runs something was passed over. */
  public static long runsScaled(RunData data) {
    return weights(data).values().stream().filter(Weights::scale).count();
  }

  /** The same runs with scaled counts. */
  public static RunData of(RunData data) {
    return new ScaledData(data).scaled();
  }

  private RunData scaled() {
    Map<VcpuKey, VcpuInstructions> vcpus = new HashMap<>();
    rows(
        keys(data.vcpus(), key -> key.getWindowStart() == null),
        VcpuKey::getRunId,
        VcpuKey::getVcpu,
        GENERATIONS,
        (key, scale) -> vcpus.put(key, vcpu(data.vcpus().get(key), scale)));
    Map<HotBlockKey, HotBlock> blocks = new HashMap<>();
    Map<HotBlockKey, Long> blockWeights = new HashMap<>();
    rows(
        keys(data.hotBlocks(), key -> key.getWindowStart() == null),
        HotBlockKey::getRunId,
        HotBlockKey::getVcpu,
        BLOCKS,
        (key, scale) -> {
          HotBlock block = data.hotBlocks().get(key);
          long executions = block.getExecutions();
          blockWeights.put(key, scale.next(1, executions * key.getInstructions()));
          blocks.put(
              key, HotBlock.newBuilder(block).setExecutions(scale.next(0, executions)).build());
        });
    Map<HwaddrKey, Hwaddr> hwaddr = new HashMap<>();
    BiConsumer<HwaddrKey, ScaledRows> traffic =
        (key, scale) -> hwaddr.put(key, traffic(data.hwaddr().get(key), scale));
    rows(
        keys(data.hwaddr(), key -> key.getWindowStart() == null && key.getPage() == null),
        HwaddrKey::getRunId,
        HwaddrKey::getVcpu,
        DEVICES,
        traffic);
    rows(
        keys(data.hwaddr(), key -> key.getWindowStart() == null && key.getPage() != null),
        HwaddrKey::getRunId,
        HwaddrKey::getVcpu,
        PAGES,
        traffic);
    return new RunData(
        data.runs(),
        vcpus,
        blocks,
        hwaddr,
        data.syscalls(),
        data.accounting(),
        data.blocks(),
        blockWeights);
  }

  private static <K> Stream<K> keys(Map<K, ?> table, Predicate<K> wanted) {
    return table.keySet().stream().filter(wanted);
  }

  /** Goes through a table's rows, those of each run and vCPU in this order. */
  private <K> void rows(
      Stream<K> keys,
      Function<K, String> runId,
      ToIntFunction<K> vcpu,
      Comparator<K> order,
      BiConsumer<K, ScaledRows> row) {
    record Owner(String runId, int vcpu) {}
    Map<Owner, ScaledRows> scales = new HashMap<>();
    keys.sorted(order)
        .forEach(
            key ->
                row.accept(
                    key,
                    scales.computeIfAbsent(
                        new Owner(runId.apply(key), vcpu.applyAsInt(key)),
                        owner ->
                            new ScaledRows(
                                weights.getOrDefault(owner.runId(), Weights.NONE).of(owner.vcpu()),
                                COLUMNS))));
  }

  private static VcpuInstructions vcpu(VcpuInstructions counts, ScaledRows scale) {
    return VcpuInstructions.newBuilder(counts)
        .setInstructions(scale.next(0, counts.getInstructions()))
        .setBlocks(scale.next(1, counts.getBlocks()))
        .setLoads(scale.next(2, counts.getLoads()))
        .setStores(scale.next(3, counts.getStores()))
        .setLoadBytes(scale.next(4, counts.getLoadBytes()))
        .setStoreBytes(scale.next(5, counts.getStoreBytes()))
        .build();
  }

  private static Hwaddr traffic(Hwaddr counts, ScaledRows scale) {
    return new Hwaddr(
        scale.next(0, counts.getReads()),
        scale.next(1, counts.getWrites()),
        scale.next(2, counts.getReadBytes()),
        scale.next(3, counts.getWriteBytes()));
  }
}
