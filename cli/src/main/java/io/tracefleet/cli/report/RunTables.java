// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.report;

import static io.tracefleet.cli.console.TextTable.grouped;
import static io.tracefleet.cli.console.TextTable.percent;

import io.tracefleet.cli.console.Printable;
import io.tracefleet.cli.console.TextTable;
import io.tracefleet.cli.report.RunReport.HwaddrRow;
import io.tracefleet.cli.report.RunReport.RunInfo;
import io.tracefleet.cli.report.RunReport.SyscallRow;
import io.tracefleet.cli.report.RunReport.VcpuRow;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Renders a run as plain-text tables. Stateless; what a guest controls is made safe for terminals.
 */
public final class RunTables {
  private static final int NAME_LIMIT = 60;
  private static final int COMMAND_LIMIT = 200;
  private static final int HOTTEST_PAGES = 5;
  private static final double MICROS_PER_SECOND = 1e6;
  private static final int SIGNAL_BASE = 128;

  private RunTables() {}

  /**
   * All tables of one run.
   *
   * @param limit rows per table
   */
  public static String all(RunView view, int limit) {
    StringBuilder text = new StringBuilder(header(view));
    section(text, "Hot blocks", hotBlocks(view, limit));
    section(text, "Hot functions", hotFunctions(view, limit));
    section(text, "vCPUs", vcpus(view, limit));
    section(text, "I/O and RAM", hwaddr(view, limit));
    section(text, "System calls", syscalls(view, limit));
    return text.toString();
  }

  /** What ran, where, and how it ended. */
  public static String header(RunView view) {
    RunInfo run = view.report().run();
    StringBuilder text = new StringBuilder();
    text.append("Run ").append(run.runId());
    text.append("  ").append(Printable.of(view.run().getName(), NAME_LIMIT));
    text.append(" on ").append(Printable.of(view.run().getNode(), NAME_LIMIT)).append('\n');
    text.append("  ")
        .append(Printable.of(run.target(), NAME_LIMIT))
        .append(run.systemEmulation() ? " system" : " user mode")
        .append(", QEMU ")
        .append(Printable.of(run.qemuVersion(), NAME_LIMIT))
        .append(", plugin API ")
        .append(run.pluginApi().min())
        .append("..")
        .append(run.pluginApi().current())
        .append(", ")
        .append(Printable.of(run.mode(), NAME_LIMIT))
        .append(" mode\n");
    text.append("  ")
        .append(Printable.of(String.join(" ", run.command()), COMMAND_LIMIT))
        .append('\n');
    text.append("  ").append(ending(run));
    RunReport.Transport transport = view.report().transport();
    text.append("; ")
        .append(grouped(transport.batches()))
        .append(transport.batches() == 1 ? " batch, " : " batches, ")
        .append(grouped(transport.payloadBytes()))
        .append(" bytes");
    if (transport.wireBytes() > 0) {
      text.append(", ").append(grouped(transport.wireBytes())).append(" on the wire");
    }
    return text.append('\n').toString();
  }

  /** Blocks by instructions executed in them. */
  public static String hotBlocks(RunView view, int limit) {
    if (view.blocks().isEmpty()) {
      return "  none\n";
    }
    return CodeTables.blocks(view.blocks(), limit) + more(view.blocks().size(), limit, "blocks");
  }

  /** Functions by instructions executed in them. */
  public static String hotFunctions(RunView view, int limit) {
    return CodeTables.functions(view.report().hotFunctions(), limit);
  }

  /** What each vCPU executed. */
  public static String vcpus(RunView view, int limit) {
    List<VcpuRow> rows = view.report().vcpus();
    if (rows.isEmpty()) {
      return "  none\n";
    }
    TextTable table =
        new TextTable()
            .number("vCPU")
            .number("gen.")
            .number("instructions")
            .number("blocks")
            .number("loads")
            .number("stores")
            .number("load bytes")
            .number("store bytes")
            .number("idles")
            .number("resumes");
    for (VcpuRow row : first(rows, limit)) {
      vcpuRow(table, Integer.toString(row.vcpu()), Integer.toString(row.generation()), row);
    }
    if (rows.size() > 1) {
      vcpuRow(table, "all", "", sum(rows));
    }
    return table.render() + more(rows.size(), limit, "vCPUs");
  }

  /** Traffic by device over all vCPUs, and the hottest pages. */
  public static String hwaddr(RunView view, int limit) {
    RunReport report = view.report();
    if (report.hwaddr().isEmpty()) {
      return report.run().systemEmulation()
          ? "  none\n"
          : "  user mode: QEMU knows no physical addresses there\n";
    }
    List<HwaddrRow> rows = devices(report.hwaddr());
    long total = rows.stream().mapToLong(row -> row.reads() + row.writes()).sum();
    TextTable table =
        new TextTable()
            .text("kind")
            .text("device")
            .number("share %")
            .number("reads")
            .number("writes")
            .number("read bytes")
            .number("write bytes");
    for (HwaddrRow row : first(rows, limit)) {
      table.row(
          row.kind(),
          Printable.of(row.device(), NAME_LIMIT),
          percent(row.reads() + row.writes(), total),
          grouped(row.reads()),
          grouped(row.writes()),
          grouped(row.readBytes()),
          grouped(row.writeBytes()));
    }
    return table.render() + more(rows.size(), limit, "devices") + pages(view, total, limit);
  }

  /** System calls by number. */
  public static String syscalls(RunView view, int limit) {
    List<SyscallRow> rows = view.report().syscalls();
    if (rows.isEmpty()) {
      return view.report().run().systemEmulation()
          ? "  system emulation: QEMU reports system calls in user mode only\n"
          : "  none\n";
    }
    TextTable table =
        new TextTable().number("number").text("name").number("calls").number("errors");
    for (SyscallRow row : first(rows, limit)) {
      table.row(
          Long.toString(row.number()),
          Printable.of(row.name(), NAME_LIMIT),
          grouped(row.calls()),
          grouped(row.errors()));
    }
    return table.render() + more(rows.size(), limit, "system calls");
  }

  private static String ending(RunInfo run) {
    if (run.end() == null) {
      return "still running";
    }
    StringBuilder text = new StringBuilder(how(run));
    long millis = Math.round((run.end() - run.start()) * 1_000 / MICROS_PER_SECOND);
    text.append(" after ")
        .append(millis / 1_000)
        .append('.')
        .append(String.format("%03d", millis % 1_000))
        .append(" s");
    return text.toString();
  }

  private static String how(RunInfo run) {
    String reason = run.endReason() == null ? "ended" : Printable.of(run.endReason(), NAME_LIMIT);
    if (run.exitCode() == null) {
      return reason;
    }
    return switch (reason) {
      case "exit" -> "exited with code " + run.exitCode();
      case "signal" -> "ended by signal " + (run.exitCode() - SIGNAL_BASE);
      default -> reason + ", exit code " + run.exitCode();
    };
  }

  private static List<HwaddrRow> devices(List<HwaddrRow> rows) {
    Map<String, HwaddrRow> sums = new TreeMap<>();
    for (HwaddrRow row : rows) {
      sums.merge(
          row.kind() + '\0' + row.device(),
          row,
          (a, b) ->
              new HwaddrRow(
                  a.vcpu(),
                  a.kind(),
                  a.device(),
                  a.reads() + b.reads(),
                  a.writes() + b.writes(),
                  a.readBytes() + b.readBytes(),
                  a.writeBytes() + b.writeBytes()));
    }
    List<HwaddrRow> sorted = new ArrayList<>(sums.values());
    sorted.sort(
        Comparator.comparing((HwaddrRow row) -> !"RAM".equals(row.kind()))
            .thenComparing(
                Comparator.comparingLong((HwaddrRow row) -> row.reads() + row.writes()).reversed())
            .thenComparing(HwaddrRow::device));
    return sorted;
  }

  private static String pages(RunView view, long total, int limit) {
    if (view.pages().isEmpty()) {
      return "";
    }
    TextTable table =
        new TextTable().text("hottest page").number("share %").number("reads").number("writes");
    for (PageView page : first(view.pages(), Math.min(limit, HOTTEST_PAGES))) {
      table.row(
          ReportBuilder.address(page.page()),
          percent(page.accesses(), total),
          grouped(page.reads()),
          grouped(page.writes()));
    }
    return "\n" + table.render();
  }

  private static void vcpuRow(TextTable table, String vcpu, String generation, VcpuRow row) {
    table.row(
        vcpu,
        generation,
        grouped(row.instructions()),
        grouped(row.blocks()),
        grouped(row.loads()),
        grouped(row.stores()),
        grouped(row.loadBytes()),
        grouped(row.storeBytes()),
        grouped(row.idles()),
        grouped(row.resumes()));
  }

  private static VcpuRow sum(List<VcpuRow> rows) {
    VcpuRow sum = new VcpuRow(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    for (VcpuRow row : rows) {
      sum =
          new VcpuRow(
              0,
              0,
              sum.instructions() + row.instructions(),
              sum.blocks() + row.blocks(),
              sum.loads() + row.loads(),
              sum.stores() + row.stores(),
              sum.loadBytes() + row.loadBytes(),
              sum.storeBytes() + row.storeBytes(),
              sum.idles() + row.idles(),
              sum.resumes() + row.resumes());
    }
    return sum;
  }

  private static <T> List<T> first(List<T> rows, int limit) {
    return rows.subList(0, Math.min(limit, rows.size()));
  }

  static String more(int rows, int limit, String what) {
    return rows <= limit
        ? ""
        : "  and " + grouped(rows - (long) limit) + " more " + what + " (--limit, --json)\n";
  }

  private static void section(StringBuilder text, String title, String body) {
    text.append('\n').append(title).append('\n').append(body);
  }
}
