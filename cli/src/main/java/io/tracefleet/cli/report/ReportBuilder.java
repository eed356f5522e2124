// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.report;

import io.tracefleet.cli.report.RunReport.AccountingRow;
import io.tracefleet.cli.report.RunReport.HotBlockRow;
import io.tracefleet.cli.report.RunReport.HotFunctionRow;
import io.tracefleet.cli.report.RunReport.HwaddrRow;
import io.tracefleet.cli.report.RunReport.PluginApi;
import io.tracefleet.cli.report.RunReport.RunInfo;
import io.tracefleet.cli.report.RunReport.SyscallRow;
import io.tracefleet.cli.report.RunReport.Transport;
import io.tracefleet.cli.report.RunReport.VcpuRow;
import io.tracefleet.jobs.accounting.Conservation;
import io.tracefleet.jobs.code.CodePlace;
import io.tracefleet.jobs.code.FleetBlock;
import io.tracefleet.jobs.code.HotFunctions;
import io.tracefleet.schemas.Accounting;
import io.tracefleet.schemas.AccountingKey;
import io.tracefleet.schemas.BlockDetail;
import io.tracefleet.schemas.BlockKey;
import io.tracefleet.schemas.EpochMicros;
import io.tracefleet.schemas.HotBlock;
import io.tracefleet.schemas.HotBlockKey;
import io.tracefleet.schemas.Hwaddr;
import io.tracefleet.schemas.HwaddrKey;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.RunOrder;
import io.tracefleet.schemas.Syscall;
import io.tracefleet.schemas.SyscallKey;
import io.tracefleet.schemas.TraceChange;
import io.tracefleet.schemas.VcpuInstructions;
import io.tracefleet.schemas.VcpuKey;
import io.tracefleet.schemas.VcpuTotals;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** Merges what the topics hold about one run into its report. Stateless. */
public final class ReportBuilder {
  private static final BlockDetail NOTHING_KNOWN =
      BlockDetail.newBuilder()
          .setRunId("")
          .setVaddr(0)
          .setCodeHash(0)
          .setInstructions(List.of())
          .setPage(0)
          .build();

  private ReportBuilder() {}

  /**
   * @param data the tree that the run belongs to
   * @param run one of its runs
   */
  public static RunView build(RunData data, Run run) {
    List<BlockView> blocks = blocks(data, run);
    RunReport report =
        new RunReport(
            info(run),
            children(data, run),
            vcpus(data, run.getRunId()),
            blocks.stream().map(BlockView::row).toList(),
            functions(run, blocks),
            hwaddr(data, run.getRunId()),
            syscalls(data, run.getRunId()),
            accounting(data, run),
            new Transport(run.getBatches(), run.getPayloadBytes(), run.getWireBytes()));
    return new RunView(run, report, blocks, pages(data, run.getRunId()));
  }

  /** A run for a list of runs. */
  public static RunSummary summary(Run run) {
    return new RunSummary(
        run.getRunId(),
        run.getParentRunId(),
        run.getRootRunId(),
        run.getNode(),
        run.getName(),
        new TreeMap<>(run.getLabels()),
        run.getTarget(),
        run.getSystemEmulation(),
        run.getMode(),
        List.copyOf(run.getCommand()),
        EpochMicros.of(run.getStart()),
        EpochMicros.ofNullable(run.getEnd()),
        run.getExitCode(),
        run.getEndReason(),
        run.getTotals() == null
            ? null
            : run.getTotals().stream().mapToLong(VcpuTotals::getExecuted).sum());
  }

  /** An address as reports write it. */
  public static String address(long vaddr) {
    return "0x" + Long.toHexString(vaddr);
  }

  private static RunInfo info(Run run) {
    return new RunInfo(
        run.getRunId(),
        run.getParentRunId(),
        run.getTarget(),
        run.getSystemEmulation(),
        run.getQemuVersion(),
        new PluginApi(run.getPluginApiMin(), run.getPluginApiCurrent()),
        run.getSmpVcpus(),
        run.getMaxVcpus(),
        run.getMode(),
        run.getCommand(),
        EpochMicros.of(run.getStart()),
        EpochMicros.ofNullable(run.getEnd()),
        run.getExitCode(),
        run.getEndReason(),
        run.getChanges().stream().map(ReportBuilder::change).toList(),
        run.getChangesLeftOut());
  }

  private static RunReport.Change change(TraceChange change) {
    Map<Integer, Long> instructions = new TreeMap<>();
    Map<Integer, Long> passed = new TreeMap<>();
    change
        .getVcpus()
        .forEach(
            vcpu -> {
              instructions.put(vcpu.getVcpu(), vcpu.getInstructions());
              passed.put(vcpu.getVcpu(), vcpu.getPassed());
            });
    return new RunReport.Change(
        EpochMicros.of(change.getAt()),
        change.getFrom(),
        change.getTo(),
        change.getAddressFilters().stream()
            .map(range -> address(range.getLow()) + "-" + address(range.getHigh()))
            .toList(),
        change.getVcpuFilter(),
        change.getWindows().stream()
            .map(w -> window(w.getFrom(), w.getCount(), w.getEvery()))
            .toList(),
        change.getAskedBy(),
        instructions,
        passed);
  }

  /** A window as commands take it: FROM+COUNT or COUNT/EVERY, or what is both. */
  public static String window(long from, long count, long every) {
    return every == 0
        ? from + "+" + count
        : count + "/" + every + (from == 0 ? "" : " from " + from);
  }

  private static List<String> children(RunData data, Run run) {
    return data.runs().stream()
        .filter(other -> run.getRunId().equals(other.getParentRunId()))
        .sorted(RunOrder.BY_START)
        .map(Run::getRunId)
        .toList();
  }

  private static List<VcpuRow> vcpus(RunData data, String runId) {
    List<VcpuRow> rows = new ArrayList<>();
    data.vcpus()
        .forEach(
            (VcpuKey key, VcpuInstructions value) -> {
              if (runId.equals(key.getRunId()) && key.getWindowStart() == null) {
                rows.add(
                    new VcpuRow(
                        key.getVcpu(),
                        key.getGeneration(),
                        value.getInstructions(),
                        value.getBlocks(),
                        value.getLoads(),
                        value.getStores(),
                        value.getLoadBytes(),
                        value.getStoreBytes(),
                        value.getIdles(),
                        value.getResumes()));
              }
            });
    rows.sort(Comparator.comparingInt(VcpuRow::vcpu).thenComparingInt(VcpuRow::generation));
    return rows;
  }

  /** A block over all vCPUs. */
  private record BlockIdentity(long vaddr, int codeHash, int instructions) {}

  private static final class BlockSum {
    private int bytes;
    private long executions;
    private long weight;
  }

  /** The blocks of one run, most instructions first. */
  static List<BlockView> blocks(RunData data, Run run) {
    Map<BlockIdentity, BlockSum> sums = new HashMap<>();
    data.hotBlocks()
        .forEach(
            (HotBlockKey key, HotBlock value) -> {
              if (run.getRunId().equals(key.getRunId()) && key.getWindowStart() == null) {
                BlockSum sum =
                    sums.computeIfAbsent(
                        new BlockIdentity(key.getVaddr(), key.getCodeHash(), key.getInstructions()),
                        identity -> new BlockSum());
                sum.bytes = value.getBytes();
                sum.executions += value.getExecutions();
                sum.weight += data.weight(key, value);
              }
            });
    Map<String, Run> byId = new HashMap<>();
    data.runs().forEach(one -> byId.put(one.getRunId(), one));
    List<BlockView> views = new ArrayList<>(sums.size());
    sums.forEach(
        (identity, sum) -> {
          views.add(view(data, byId, run, identity, sum.bytes, sum.executions, sum.weight));
        });
    views.sort(
        Comparator.comparingLong(BlockView::weight)
            .reversed()
            .thenComparing(BlockView::vaddr, Long::compareUnsigned)
            .thenComparing(view -> view.row().instructions())
            .thenComparing(view -> view.row().bytes())
            .thenComparing(view -> view.row().executions()));
    return views;
  }

  /** A block of many runs, as this one of them knows it. */
  static BlockView view(RunData data, Map<String, Run> byId, Run run, FleetBlock sum) {
    return view(
        data,
        byId,
        run,
        new BlockIdentity(sum.vaddr(), sum.codeHash(), sum.instructions()),
        sum.bytes(),
        sum.executions(),
        sum.weight());
  }

  private static BlockView view(
      RunData data,
      Map<String, Run> byId,
      Run run,
      BlockIdentity identity,
      int bytes,
      long executions,
      long weight) {
    BlockDetail detail = detail(data, byId, run, identity);
    return new BlockView(
        row(identity, bytes, executions, detail),
        identity.vaddr(),
        identity.codeHash(),
        detail,
        weight);
  }

  private static List<HotFunctionRow> functions(Run run, List<BlockView> blocks) {
    HotFunctions functions = new HotFunctions();
    for (BlockView block : blocks) {
      HotBlockRow row = block.row();
      functions.add(run, CodePlace.of(block.detail()), block.weight(), row.executions());
    }
    return functions.rows().stream().map(HotFunctionRow::of).toList();
  }

  private static HotBlockRow row(
      BlockIdentity identity, int bytes, long executions, BlockDetail detail) {
    BlockDetail known = detail == null ? NOTHING_KNOWN : detail;
    return new HotBlockRow(
        address(identity.vaddr()),
        identity.instructions(),
        bytes,
        executions,
        known.getSymbol(),
        known.getFunction(),
        known.getFunctionOffset(),
        source(known),
        known.getImage(),
        known.getImageOffset(),
        known.getBuildId());
  }

  private static String source(BlockDetail detail) {
    return detail.getSourceLine() == null
        ? detail.getSourceFile()
        : detail.getSourceFile() + ":" + detail.getSourceLine();
  }

  /** A forked child runs blocks that its parent translated, so the details may be the parent's. */
  private static BlockDetail detail(
      RunData data, Map<String, Run> byId, Run run, BlockIdentity identity) {
    Run owner = run;
    while (owner != null) {
      BlockDetail detail =
          data.blocks().get(new BlockKey(owner.getRunId(), identity.vaddr(), identity.codeHash()));
      if (detail != null) {
        return detail;
      }
      owner = owner.getParentRunId() == null ? null : byId.get(owner.getParentRunId());
    }
    return null;
  }

  private static List<HwaddrRow> hwaddr(RunData data, String runId) {
    List<HwaddrRow> rows = new ArrayList<>();
    data.hwaddr()
        .forEach(
            (HwaddrKey key, Hwaddr value) -> {
              if (runId.equals(key.getRunId())
                  && key.getWindowStart() == null
                  && key.getPage() == null) {
                rows.add(row(key, value));
              }
            });
    rows.sort(
        Comparator.comparingInt(HwaddrRow::vcpu)
            .thenComparing(HwaddrRow::kind, Comparator.reverseOrder())
            .thenComparing(HwaddrRow::device));
    return rows;
  }

  private static HwaddrRow row(HwaddrKey key, Hwaddr value) {
    return new HwaddrRow(
        key.getVcpu(),
        key.getIo() ? "IO" : "RAM",
        key.getDevice(),
        value.getReads(),
        value.getWrites(),
        value.getReadBytes(),
        value.getWriteBytes());
  }

  private static List<PageView> pages(RunData data, String runId) {
    Map<Long, long[]> sums = new HashMap<>();
    data.hwaddr()
        .forEach(
            (HwaddrKey key, Hwaddr value) -> {
              if (runId.equals(key.getRunId())
                  && key.getWindowStart() == null
                  && key.getPage() != null
                  && !key.getIo()) {
                long[] sum = sums.computeIfAbsent(key.getPage(), page -> new long[4]);
                sum[0] += value.getReads();
                sum[1] += value.getWrites();
                sum[2] += value.getReadBytes();
                sum[3] += value.getWriteBytes();
              }
            });
    List<PageView> pages = new ArrayList<>(sums.size());
    sums.forEach((page, sum) -> pages.add(new PageView(page, sum[0], sum[1], sum[2], sum[3])));
    pages.sort(
        Comparator.comparingLong(PageView::accesses)
            .reversed()
            .thenComparing(PageView::page, Long::compareUnsigned));
    return pages;
  }

  private static List<SyscallRow> syscalls(RunData data, String runId) {
    Map<Long, SyscallRow> sums = new TreeMap<>();
    data.syscalls()
        .forEach(
            (SyscallKey key, Syscall value) -> {
              if (runId.equals(key.getRunId()) && key.getWindowStart() == null) {
                sums.merge(
                    key.getNumber(),
                    new SyscallRow(
                        key.getNumber(), value.getName(), value.getCalls(), value.getErrors()),
                    (a, b) ->
                        new SyscallRow(
                            a.number(), a.name(), a.calls() + b.calls(), a.errors() + b.errors()));
              }
            });
    List<SyscallRow> rows = new ArrayList<>(sums.values());
    rows.sort(
        Comparator.comparingLong(SyscallRow::calls)
            .reversed()
            .thenComparingLong(SyscallRow::number));
    return rows;
  }

  private static List<AccountingRow> accounting(RunData data, Run run) {
    Map<Integer, VcpuTotals> totals = new TreeMap<>();
    if (run.getTotals() != null) {
      run.getTotals().forEach(total -> totals.put(total.getVcpu(), total));
    }
    Map<Integer, Accounting> aggregated = new TreeMap<>();
    data.accounting()
        .forEach(
            (AccountingKey key, Accounting value) -> {
              if (run.getRunId().equals(key.getRunId())) {
                aggregated.put(key.getVcpu(), value);
              }
            });
    TreeMap<Integer, AccountingRow> rows = new TreeMap<>();
    totals.forEach(
        (vcpu, total) -> rows.put(vcpu, accountingRow(vcpu, total, aggregated.get(vcpu))));
    aggregated.forEach(
        (vcpu, value) -> rows.computeIfAbsent(vcpu, index -> accountingRow(index, null, value)));
    return rows.values().stream().filter(Objects::nonNull).toList();
  }

  private static AccountingRow accountingRow(int vcpu, VcpuTotals totals, Accounting aggregated) {
    return new AccountingRow(
        vcpu,
        aggregated == null
            ? Conservation.of(totals, 0, 0, 0, 0)
            : Conservation.of(
                totals,
                aggregated.getBatches(),
                aggregated.getNextSequence(),
                aggregated.getInstructions(),
                aggregated.getDuplicates()));
  }
}
