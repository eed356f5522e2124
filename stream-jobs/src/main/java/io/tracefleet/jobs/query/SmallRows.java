// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.query;

import io.tracefleet.jobs.hwaddr.HwaddrFeature;
import io.tracefleet.jobs.syscalls.SyscallsFeature;
import io.tracefleet.jobs.table.Chunk;
import io.tracefleet.jobs.table.Group;
import io.tracefleet.jobs.timeline.TimelineProcessor;
import io.tracefleet.jobs.vcpu.VcpuFeature;
import io.tracefleet.jobs.weight.ScaledRows;
import io.tracefleet.jobs.weight.Weights;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Decodes tables that have few rows. All rows are added up over the windows that were asked for.
 */
public final class SmallRows {
  private static final long SECOND_MICROS = 1_000_000L;

  /** By vCPU and generation, columns as in {@link VcpuFeature}. */
  public static final Views.Form<List<Vcpu>> VCPUS =
      new Views.Form<>("vcpus", SmallRows::vcpus, List::size);

  /** By vCPU, kind and device, columns as in {@link HwaddrFeature}; no pages. */
  public static final Views.Form<List<Device>> DEVICES =
      new Views.Form<>("hwaddr", SmallRows::devices, List::size);

  /** By number, columns as in {@link SyscallsFeature}. */
  public static final Views.Form<List<Call>> CALLS =
      new Views.Form<>("syscalls", SmallRows::calls, List::size);

  /** By second and vCPU, columns as in {@link TimelineProcessor}. */
  public static final Views.Form<List<Moment>> SECONDS =
      new Views.Form<>("seconds", SmallRows::seconds, List::size);

  /** By minute and vCPU, columns as in {@link TimelineProcessor}, those of memory traffic 0. */
  public static final Views.Form<List<Moment>> MINUTES =
      new Views.Form<>("minutes", SmallRows::minutes, List::size);

  /** By minute and vCPU, columns as in {@link TimelineProcessor}, only those of memory traffic. */
  public static final Views.Form<List<Moment>> MINUTES_OF_TRAFFIC =
      new Views.Form<>("traffic", SmallRows::traffic, List::size);

  /** What counts instructions, and what goes with them; idles and resumes are always recorded. */
  private static final int[] SCALED_OF_VCPUS = {
    VcpuFeature.INSTRUCTIONS,
    VcpuFeature.BLOCKS,
    VcpuFeature.LOADS,
    VcpuFeature.STORES,
    VcpuFeature.LOAD_BYTES,
    VcpuFeature.STORE_BYTES
  };

  private SmallRows() {}

  /** Rows of {@link #VCPUS}, scaled, in the order of their generations. */
  public static List<Vcpu> scaledVcpus(List<Vcpu> rows, Weights weights) {
    Map<Integer, ScaledRows> scaled = new HashMap<>();
    return rows.stream()
        .sorted(Comparator.comparingInt(Vcpu::vcpu).thenComparingInt(Vcpu::generation))
        .map(
            row -> {
              ScaledRows own = scaled(scaled, weights, row.vcpu(), VcpuFeature.COLUMNS);
              long[] columns = row.columns().clone();
              for (int column : SCALED_OF_VCPUS) {
                columns[column] = own.next(column, columns[column]);
              }
              return new Vcpu(row.vcpu(), row.generation(), columns);
            })
        .toList();
  }

  /**
   * Rows of {@link #DEVICES}, scaled, in the order of their names as UTF-8, RAM first; so what RAM
   * has is what its pages have.
   */
  public static List<Device> scaledDevices(List<Device> rows, Weights weights) {
    Map<Integer, ScaledRows> scaled = new HashMap<>();
    return rows.stream()
        .sorted(
            Comparator.comparing(Device::io)
                .thenComparing(
                    device -> device.name().getBytes(StandardCharsets.UTF_8),
                    Arrays::compareUnsigned))
        .map(
            row -> {
              ScaledRows own = scaled(scaled, weights, row.vcpu(), HwaddrFeature.COLUMNS);
              long[] columns = new long[HwaddrFeature.COLUMNS];
              Arrays.setAll(columns, column -> own.next(column, row.columns()[column]));
              return new Device(row.vcpu(), row.io(), row.name(), columns);
            })
        .toList();
  }

  private static ScaledRows scaled(
      Map<Integer, ScaledRows> byVcpu, Weights weights, int vcpu, int columns) {
    return byVcpu.computeIfAbsent(vcpu, key -> new ScaledRows(weights.of(vcpu), columns));
  }

  /** Sums of one vCPU's generation. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Vcpu(int vcpu, int generation, long[] columns) {}

  /** Sums of one vCPU and device; RAM as a whole is the device RAM. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Device(int vcpu, boolean io, String name, long[] columns) {}

  /** Sums of one system call. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Call(long number, long[] columns) {}

  /** Sums of one vCPU and a step of time that begins at a time, microseconds since the epoch. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Moment(long start, int vcpu, long[] columns) {}

  private static List<Vcpu> vcpus(Views.Chunks chunks) {
    Map<Long, Vcpu> sums = new TreeMap<>();
    for (Chunk chunk : chunks.wanted()) {
      chunk.rows(
          VcpuFeature.COLUMNS,
          (generation, unused, columns) -> {
            int vcpu = chunk.key().vcpu();
            Vcpu sum =
                sums.computeIfAbsent(
                    (long) vcpu << 32 | generation,
                    key -> new Vcpu(vcpu, (int) generation, new long[VcpuFeature.COLUMNS]));
            add(sum.columns, columns);
          });
    }
    return List.copyOf(sums.values());
  }

  private record DeviceKey(int vcpu, boolean io, String name) {}

  private static List<Device> devices(Views.Chunks chunks) {
    // A group's names come behind its rows, so they are collected first.
    Map<Long, List<String>> names = new HashMap<>();
    for (Chunk chunk : chunks.wanted()) {
      if (chunk.key().names()) {
        // Chunk -1 has the first names; the order of the keys is that of the unsigned numbers.
        names.computeIfAbsent(groupOf(chunk), key -> new ArrayList<>()).addAll(0, chunk.nameList());
      }
    }
    Map<DeviceKey, long[]> sums = new HashMap<>();
    for (Chunk chunk : chunks.wanted()) {
      if (!chunk.key().names()) {
        chunk.rows(
            HwaddrFeature.COLUMNS,
            (first, kind, columns) -> {
              if (kind != HwaddrFeature.PAGE) {
                boolean io = kind == HwaddrFeature.DEVICE;
                String name = io ? names.get(groupOf(chunk)).get((int) first) : "RAM";
                add(
                    sums.computeIfAbsent(
                        new DeviceKey(chunk.key().vcpu(), io, name),
                        key -> new long[HwaddrFeature.COLUMNS]),
                    columns);
              }
            });
      }
    }
    List<Device> devices = new ArrayList<>();
    sums.forEach(
        (key, columns) -> devices.add(new Device(key.vcpu(), key.io(), key.name(), columns)));
    return List.copyOf(devices);
  }

  /** Tells the groups of one table and run apart: there are no windows beyond the year 10,000. */
  private static long groupOf(Chunk chunk) {
    long window = chunk.key().windowStart();
    return (long) chunk.key().vcpu() << 33
        | (window == Group.WHOLE_RUN ? 1L << 32 : window / Group.WINDOW_MICROS & 0xffff_ffffL);
  }

  private static List<Call> calls(Views.Chunks chunks) {
    Map<Long, long[]> sums = new TreeMap<>();
    for (Chunk chunk : chunks.wanted()) {
      if (!chunk.key().names()) {
        chunk.rows(
            SyscallsFeature.COLUMNS,
            (number, unused, columns) ->
                add(
                    sums.computeIfAbsent(number, key -> new long[SyscallsFeature.COLUMNS]),
                    columns));
      }
    }
    return sums.entrySet().stream().map(sum -> new Call(sum.getKey(), sum.getValue())).toList();
  }

  private static List<Moment> seconds(Views.Chunks chunks) {
    List<Moment> moments = new ArrayList<>();
    for (Chunk chunk : chunks.wanted()) {
      chunk.rows(
          TimelineProcessor.COLUMNS,
          (second, unused, columns) ->
              moments.add(
                  new Moment(
                      chunk.key().windowStart() + second * SECOND_MICROS,
                      chunk.key().vcpu(),
                      columns.clone())));
    }
    return List.copyOf(moments);
  }

  private static List<Moment> minutes(Views.Chunks chunks) {
    List<Moment> moments = new ArrayList<>();
    for (Chunk chunk : chunks.wanted()) {
      long[] sum = new long[TimelineProcessor.COLUMNS];
      chunk.rows(
          VcpuFeature.COLUMNS,
          (generation, unused, columns) -> {
            sum[TimelineProcessor.INSTRUCTIONS] += columns[VcpuFeature.INSTRUCTIONS];
            sum[TimelineProcessor.BLOCKS] += columns[VcpuFeature.BLOCKS];
            sum[TimelineProcessor.LOADS] += columns[VcpuFeature.LOADS];
            sum[TimelineProcessor.STORES] += columns[VcpuFeature.STORES];
          });
      moments.add(new Moment(chunk.key().windowStart(), chunk.key().vcpu(), sum));
    }
    return List.copyOf(moments);
  }

  private static List<Moment> traffic(Views.Chunks chunks) {
    List<Moment> moments = new ArrayList<>();
    for (Chunk chunk : chunks.wanted()) {
      if (!chunk.key().names()) {
        long[] sum = new long[TimelineProcessor.COLUMNS];
        chunk.rows(
            HwaddrFeature.COLUMNS,
            (first, kind, columns) -> {
              int at =
                  kind == HwaddrFeature.DEVICE
                      ? TimelineProcessor.IO_READS
                      : TimelineProcessor.RAM_READS;
              for (int column = 0; column < HwaddrFeature.COLUMNS; column++) {
                sum[at + column] += columns[column];
              }
            });
        moments.add(new Moment(chunk.key().windowStart(), chunk.key().vcpu(), sum));
      }
    }
    return List.copyOf(moments);
  }

  /** Adds up what lies in the same step of this length, microseconds; sorted by start and vCPU. */
  public static List<Moment> inSteps(List<Moment> moments, long step, boolean perVcpu) {
    Map<Long, Map<Integer, long[]>> sums = new TreeMap<>();
    for (Moment moment : moments) {
      add(
          sums.computeIfAbsent(Math.floorDiv(moment.start(), step) * step, key -> new TreeMap<>())
              .computeIfAbsent(
                  perVcpu ? moment.vcpu() : -1, key -> new long[TimelineProcessor.COLUMNS]),
          moment.columns());
    }
    List<Moment> all = new ArrayList<>();
    sums.forEach(
        (start, vcpus) ->
            vcpus.forEach((vcpu, columns) -> all.add(new Moment(start, vcpu, columns))));
    return all;
  }

  private static void add(long[] sum, long[] more) {
    Arrays.setAll(sum, i -> sum[i] + more[i]);
  }
}
