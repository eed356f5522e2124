// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.answers;

import static io.tracefleet.jobs.answers.Answered.hex;
import static io.tracefleet.jobs.answers.Answered.row;

import io.tracefleet.jobs.catalog.Catalog;
import io.tracefleet.jobs.flow.SectionId;
import io.tracefleet.jobs.hwaddr.HwaddrFeature;
import io.tracefleet.jobs.progress.ProgressTracker;
import io.tracefleet.jobs.query.BlockRows;
import io.tracefleet.jobs.query.PageRows;
import io.tracefleet.jobs.query.SmallRows;
import io.tracefleet.jobs.query.View;
import io.tracefleet.jobs.query.Views;
import io.tracefleet.jobs.syscalls.SyscallNames;
import io.tracefleet.jobs.syscalls.SyscallsFeature;
import io.tracefleet.jobs.vcpu.VcpuFeature;
import io.tracefleet.schemas.BlockDetail;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.RunOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Answers about one run. */
public final class RunAnswers {
  /** Fields that hot blocks can be sorted by. */
  public static final List<String> BLOCK_ORDERS =
      List.of("weight", "executions", "instructions", "bytes", "vaddr");

  /** Fields that pages can be sorted by. */
  public static final List<String> PAGE_ORDERS =
      List.of("accesses", "page", "reads", "writes", "readBytes", "writeBytes");

  public static final List<String> VCPU_COLUMNS =
      List.of(
          "vcpu",
          "generation",
          "instructions",
          "blocks",
          "loads",
          "stores",
          "loadBytes",
          "storeBytes",
          "idles",
          "resumes");

  public static final List<String> HWADDR_COLUMNS =
      List.of("vcpu", "kind", "device", "reads", "writes", "readBytes", "writeBytes");

  public static final List<String> SYSCALL_COLUMNS =
      List.of("number", "name", "calls", "returns", "errors");

  private static final List<String> PAGE_COLUMNS =
      List.of("page", "pages", "reads", "writes", "readBytes", "writeBytes");

  private static final List<String> BLOCK_COLUMNS =
      concat(
          List.of("vaddr", "codeHash", "instructions", "bytes", "executions", "weight"),
          CodeJson.COLUMNS);

  private static final int FIRST_SUM = 2;

  private final Views views;
  private final Catalog catalog;
  private final ProgressTracker tracker;
  private final SyscallNames names = new SyscallNames();

  public RunAnswers(Views views, Catalog catalog, ProgressTracker tracker) {
    this.views = views;
    this.catalog = catalog;
    this.tracker = tracker;
  }

  static List<String> concat(List<String> first, List<String> second) {
    List<String> all = new ArrayList<>(first);
    all.addAll(second);
    return List.copyOf(all);
  }

  /** The run itself. */
  public Answered details(Run run) {
    List<Run> children =
        catalog.runs().stream()
            .filter(other -> run.getRunId().equals(other.getParentRunId()))
            .sorted(RunOrder.BY_START)
            .toList();
    ProgressTracker.Snapshot snapshot = tracker.of(List.of(run));
    return Answered.object(
        RunJson.details(run, children, snapshot.byRun().get(run.getRunId())),
        snapshot.missing(),
        false); // the record itself is here
  }

  /** An estimate of one run's tables, by the weights that its vCPUs have now. */
  public Scale scale(Run run) {
    return Scale.of(List.of(run), tracker);
  }

  /** The view behind {@link #hotBlocks}. */
  public View<BlockRows> blocks(Run run, Span span, Set<Integer> vcpus, Scale scale) {
    return views.get(
        BlockRows.scaled(scale.of(run)), span.ask(SectionId.HOT_BLOCKS, run.getRunId()), vcpus);
  }

  /** Hot blocks; only those that are written are looked up. */
  public Answered hotBlocks(
      Run run, View<BlockRows> view, Span span, Set<Integer> vcpus, Scale scale, Page asked) {
    Page page = asked.orElse("weight", true);
    BlockRows blocks = view.data();
    int[] order = blocks.order(page.sort(), page.descending());
    Map<String, Object> further = row("totalWeight", blocks.totalWeight());
    further.putAll(bounds(span));
    return scale.ofRun(
        new Answered(
            BLOCK_COLUMNS,
            LazyRows.of(
                page,
                order.length,
                (from, to) -> blocks(run, blocks, Arrays.copyOfRange(order, from, to))),
            page,
            order.length,
            further,
            view.missing(),
            view.nothing()),
        run,
        vcpus);
  }

  private List<Map<String, Object>> blocks(Run run, BlockRows blocks, int[] shown) {
    List<BlockDetail> details =
        catalog.details(
            run.getRunId(),
            Arrays.stream(shown).mapToLong(blocks::vaddr).toArray(),
            Arrays.stream(shown).map(blocks::codeHash).toArray());
    List<Map<String, Object>> rows = new ArrayList<>(shown.length);
    for (int i = 0; i < shown.length; i++) {
      Map<String, Object> values =
          row(
              "vaddr", hex(blocks.vaddr(shown[i])),
              "codeHash", hex(blocks.codeHash(shown[i])),
              "instructions", blocks.instructions(shown[i]),
              "bytes", blocks.bytes(shown[i]),
              "executions", blocks.executions(shown[i]),
              "weight", blocks.weight(shown[i]));
      values.putAll(CodeJson.of(details.get(i)));
      rows.add(values);
    }
    return rows;
  }

  /** What each vCPU executed. */
  public Answered vcpus(Run run, Span span, Set<Integer> vcpus, Scale scale, Page page) {
    View<List<SmallRows.Vcpu>> view =
        views.get(SmallRows.VCPUS, span.ask(SectionId.VCPU_INSTRUCTIONS, run.getRunId()), vcpus);
    List<Map<String, Object>> rows = new ArrayList<>();
    long[] sums = new long[VcpuFeature.COLUMNS];
    for (SmallRows.Vcpu vcpu : SmallRows.scaledVcpus(view.data(), scale.of(run))) {
      Map<String, Object> values = row("vcpu", vcpu.vcpu(), "generation", vcpu.generation());
      for (int i = 0; i < VcpuFeature.COLUMNS; i++) {
        values.put(VCPU_COLUMNS.get(FIRST_SUM + i), vcpu.columns()[i]);
        sums[i] += vcpu.columns()[i];
      }
      rows.add(values);
    }
    Map<String, Object> sum = new LinkedHashMap<>();
    for (int i = 0; i < VcpuFeature.COLUMNS; i++) {
      sum.put(VCPU_COLUMNS.get(FIRST_SUM + i), sums[i]);
    }
    Map<String, Object> further = row("sum", sum);
    further.putAll(bounds(span));
    return scale.ofRun(
        Answered.sorted(VCPU_COLUMNS, rows, page, further, view.missing(), view.nothing()),
        run,
        vcpus);
  }

  /**
   * Memory traffic by device.
   *
   * @param perVcpu false: over all vCPUs
   */
  public Answered hwaddr(
      Run run, Span span, Set<Integer> vcpus, boolean perVcpu, Scale scale, Page page) {
    View<List<SmallRows.Device>> view =
        views.get(SmallRows.DEVICES, span.ask(SectionId.HWADDR, run.getRunId()), vcpus);
    record Key(int vcpu, String kind, String device) {}
    Map<Key, long[]> sums =
        new TreeMap<>(
            Comparator.comparingInt(Key::vcpu)
                .thenComparing(Key::kind, Comparator.reverseOrder())
                .thenComparing(Key::device));
    long[] ram = new long[HwaddrFeature.COLUMNS];
    long[] io = new long[HwaddrFeature.COLUMNS];
    for (SmallRows.Device device : SmallRows.scaledDevices(view.data(), scale.of(run))) {
      Key key = new Key(perVcpu ? device.vcpu() : -1, device.io() ? "IO" : "RAM", device.name());
      add(sums.computeIfAbsent(key, none -> new long[HwaddrFeature.COLUMNS]), device.columns());
      add(device.io() ? io : ram, device.columns());
    }
    List<Map<String, Object>> rows = new ArrayList<>();
    sums.forEach(
        (key, columns) -> {
          Map<String, Object> values =
              row(
                  "vcpu", perVcpu ? key.vcpu() : null,
                  "kind", key.kind(),
                  "device", key.device());
          values.putAll(traffic(columns));
          rows.add(values);
        });
    Map<String, Object> further = row("sum", row("ram", traffic(ram), "io", traffic(io)));
    further.putAll(bounds(span));
    return scale.ofRun(
        Answered.sorted(HWADDR_COLUMNS, rows, page, further, view.missing(), view.nothing()),
        run,
        vcpus);
  }

  private static Map<String, Object> traffic(long[] columns) {
    return row(
        "reads", columns[HwaddrFeature.READS],
        "writes", columns[HwaddrFeature.WRITES],
        "readBytes", columns[HwaddrFeature.READ_BYTES],
        "writeBytes", columns[HwaddrFeature.WRITE_BYTES]);
  }

  /**
   * Traffic by page.
   *
   * @param bins most buckets, or 0 for a row for each page
   */
  public Answered pages(Run run, Set<Integer> vcpus, int bins, Scale scale, Page asked) {
    View<PageRows> view =
        views.get(
            PageRows.scaled(scale.of(run)),
            Span.WHOLE.ask(SectionId.HWADDR, run.getRunId()),
            vcpus);
    PageRows all = view.data();
    PageRows pages = bins > 0 ? all.binned(bins) : all;
    Page page = bins > 0 ? asked.orElse("page", false) : asked.orElse("accesses", true);
    int[] order = pages.order(page.sort(), page.descending());
    Map<String, Object> further =
        row(
            "bucketBytes", pages.bucketBytes(),
            "lowest", all.size() == 0 ? null : hex(all.lowest()),
            "highest", all.size() == 0 ? null : hex(all.highest()));
    return scale.ofRun(
        new Answered(
            PAGE_COLUMNS,
            LazyRows.of(
                page,
                order.length,
                (from, to) ->
                    Arrays.stream(order, from, to).mapToObj(at -> pageRow(pages, at)).toList()),
            page,
            order.length,
            further,
            view.missing(),
            view.nothing()),
        run,
        vcpus);
  }

  private static Map<String, Object> pageRow(PageRows pages, int at) {
    return row(
        "page", hex(pages.page(at)),
        "pages", pages.pages(at),
        "reads", pages.reads(at),
        "writes", pages.writes(at),
        "readBytes", pages.readBytes(at),
        "writeBytes", pages.writeBytes(at));
  }

  /** System calls. */
  public Answered syscalls(Run run, Span span, Set<Integer> vcpus, Page page) {
    View<List<SmallRows.Call>> view =
        views.get(SmallRows.CALLS, span.ask(SectionId.SYSCALLS, run.getRunId()), vcpus);
    List<Map<String, Object>> rows = new ArrayList<>();
    for (SmallRows.Call call : view.data()) {
      rows.add(
          row(
              "number", call.number(),
              "name", names.name(run.getTarget(), call.number()),
              "calls", call.columns()[SyscallsFeature.CALLS],
              "returns", call.columns()[SyscallsFeature.RETURNS],
              "errors", call.columns()[SyscallsFeature.ERRORS]));
    }
    return Answered.sorted(
        SYSCALL_COLUMNS,
        rows,
        page.orElse("calls", true),
        bounds(span),
        view.missing(),
        view.nothing());
  }

  static Map<String, Object> bounds(Span span) {
    Span windows = span.inWindows();
    return row("from", windows.from(), "to", windows.to());
  }

  private static void add(long[] sum, long[] more) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += more[i];
    }
  }
}
