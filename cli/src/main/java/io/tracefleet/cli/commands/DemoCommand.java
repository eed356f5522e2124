// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import static io.tracefleet.cli.console.TextTable.grouped;

import io.tracefleet.cli.cluster.ClusterSettings;
import io.tracefleet.cli.console.CommandException;
import io.tracefleet.cli.console.Console;
import io.tracefleet.cli.console.Exit;
import io.tracefleet.cli.console.TextTable;
import io.tracefleet.cli.report.Audit;
import io.tracefleet.cli.report.ResultException;
import io.tracefleet.cli.report.ResultReader;
import io.tracefleet.cli.report.RunReport;
import io.tracefleet.cli.report.RunTables;
import io.tracefleet.cli.report.RunView;
import io.tracefleet.node.qemu.QemuInspector;
import io.tracefleet.schemas.Accounting;
import io.tracefleet.schemas.AccountingKey;
import io.tracefleet.schemas.Run;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Three nodes side by side, three kinds of guests, one report. */
@Command(
    name = "demo",
    description =
        "Traces three guests on three nodes at once: a multi-threaded program, bare-metal code, a Linux boot.",
    footer = {
      "",
      "Takes a minute or two. The first time, the launcher builds and fetches the guests."
    })
final class DemoCommand implements Callable<Integer> {
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration GUESTS_LIMIT = Duration.ofMinutes(10);
  private static final Duration RESULT_LIMIT = Duration.ofSeconds(60);

  private final Context context;

  @Mixin private OutputOptions output;
  @Mixin private EmbeddedPorts ports;
  @Mixin private HttpPort http;

  @Option(
      names = "--limit",
      paramLabel = "ROWS",
      defaultValue = "5",
      description = "Rows per table. Default: ${DEFAULT-VALUE}.")
  private int limit;

  DemoCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    if (limit < 1) {
      throw new CommandException(Exit.USAGE, "--limit must be at least 1, not " + limit + ".");
    }
    Console console = context.consoles().apply(output.quiet());
    List<DemoGuest> guests = guests();
    ClusterSettings settings = ports.settings(context.installation().registryHome());
    context.signals().phaseInterrupting();
    try (EmbeddedStack stack = EmbeddedStack.start(settings, http.config(), console)) {
      try {
        return run(stack, guests, console);
      } finally {
        console.clearProgress();
        Closing.begin(context.signals());
      }
    } catch (Exception e) {
      if (context.signals().first() != 0) {
        console.error("interrupted");
        return Exit.signalled(context.signals().first());
      }
      throw e;
    } finally {
      console.clearProgress();
    }
  }

  private List<DemoGuest> guests() throws Exception {
    if (context.installation().guests().isEmpty() || context.installation().linux().isEmpty()) {
      throw new CommandException(
          Exit.NOT_THERE,
          "The demo's guests are not built: start it with the launcher, `./tracefleet demo`.");
    }
    List<DemoGuest> guests =
        DemoGuest.all(context.installation().guests().get(), context.installation().linux().get());
    QemuInspector inspector = new QemuInspector();
    for (DemoGuest guest : guests) {
      guest.check();
      inspector.inspect(guest.command().get(0));
    }
    return guests;
  }

  private int run(EmbeddedStack stack, List<DemoGuest> guests, Console console) throws Exception {
    long begun = System.nanoTime();
    List<NodeProcess> nodes = new ArrayList<>();
    try (ClusterSession session = ClusterSession.open(stack.access());
        ResultReader reader = session.reader()) {
      for (DemoGuest guest : guests) {
        nodes.add(NodeProcess.start(guest, stack.access(), stack.dataDirectory()));
        console.info("node-" + guest.name() + ": " + guest.title());
      }
      context
          .signals()
          .phase(
              number -> {
                for (NodeProcess node : nodes) {
                  node.interrupt();
                }
              });
      follow(nodes, reader, stack, console);
      context.signals().phaseInterrupting();
      int code = report(guests, stack, reader.runs(), console);
      console.info(
          String.format(Locale.ROOT, "demo took %.1f s", (System.nanoTime() - begun) / 1e9));
      for (NodeProcess node : nodes) {
        if (node.exitCode() != 0 && code == Exit.OK) {
          code = Exit.FAILURE;
        }
      }
      int signal = context.signals().first();
      return signal == 0 ? code : Exit.signalled(signal);
    } finally {
      for (NodeProcess node : nodes) {
        node.close();
      }
    }
  }

  /** Until all nodes have ended. */
  private void follow(
      List<NodeProcess> nodes, ResultReader reader, EmbeddedStack stack, Console console)
      throws CommandException, ResultException, InterruptedException {
    long begun = System.nanoTime();
    Set<String> ended = new HashSet<>();
    while (ended.size() < nodes.size()) {
      Thread.sleep(POLL.toMillis());
      for (NodeProcess node : nodes) {
        if (!node.alive() && ended.add(node.guest().name())) {
          console.info(ending(node));
        }
      }
      console.progress(progress(reader));
      if (!stack.jobsAlive()) {
        throw new CommandException(
            Exit.CLUSTER_UNAVAILABLE, "The stream jobs failed: " + stack.jobs().failure().get());
      }
      if (System.nanoTime() - begun > GUESTS_LIMIT.toNanos()) {
        throw new CommandException(
            Exit.INCOMPLETE,
            "The demo's guests did not end within " + GUESTS_LIMIT.toMinutes() + " min.");
      }
    }
  }

  private static String ending(NodeProcess node) {
    return "node-"
        + node.guest().name()
        + (node.exitCode() == 0
            ? ": done"
            : ": ended with exit code " + node.exitCode() + ": " + node.lastLines());
  }

  private static String progress(ResultReader reader) throws ResultException, InterruptedException {
    List<Run> runs = reader.runs();
    Set<String> runIds = new HashSet<>();
    runs.forEach(run -> runIds.add(run.getRunId()));
    Map<AccountingKey, Accounting> accounting = reader.accounting(runIds);
    StringBuilder line = new StringBuilder("instructions aggregated so far:");
    for (Run run : runs) {
      if (run.getParentRunId() == null) {
        long instructions =
            accounting.entrySet().stream()
                .filter(entry -> entry.getKey().getRunId().equals(run.getRunId()))
                .mapToLong(entry -> entry.getValue().getInstructions())
                .sum();
        line.append("  ").append(run.getName()).append(' ').append(grouped(instructions));
      }
    }
    return line.toString();
  }

  private int report(List<DemoGuest> guests, EmbeddedStack stack, List<Run> runs, Console console)
      throws ResultException, InterruptedException, IOException {
    if (runs.isEmpty()) {
      console.error("no guest was traced; see the messages above.");
      return Exit.FAILURE;
    }
    List<String> order = guests.stream().map(DemoGuest::name).toList();
    List<Run> sorted = new ArrayList<>(runs);
    sorted.sort(Comparator.comparingInt(run -> order.indexOf(run.getName())));
    Aggregated aggregated =
        new ResultWait(RESULT_LIMIT, stack::jobsAlive)
            .await(stack.access(), sorted, console, false);
    List<RunReport> reports = aggregated.views().stream().map(RunView::report).toList();
    Audit audit = Audit.of(reports, aggregated.complete());
    List<String> counts = new ArrayList<>();
    boolean asCounted = compareWithHandCounts(guests, aggregated.views(), counts);
    if (!output.quiet()) {
      StringBuilder text = new StringBuilder();
      for (RunView view : aggregated.views()) {
        text.append('\n').append(RunTables.all(view, limit));
      }
      text.append('\n');
      counts.forEach(line -> text.append(line).append("\n\n"));
      text.append(Reports.auditSection(reports, audit, limit, console.colour()));
      console.result(text.toString());
    }
    if (!aggregated.complete()) {
      console.error("results are incomplete: " + aggregated.reason());
      return Exit.INCOMPLETE;
    }
    return audit.passed() && asCounted ? Exit.OK : Exit.FAILURE;
  }

  /** Compares the guests whose instructions are known by hand, one line each. */
  private static boolean compareWithHandCounts(
      List<DemoGuest> guests, List<RunView> views, List<String> lines) {
    boolean equal = true;
    for (DemoGuest guest : guests) {
      for (RunView view : views) {
        if (!guest.counted().isEmpty() && guest.name().equals(view.run().getName())) {
          List<Long> traced =
              view.report().vcpus().stream().map(RunReport.VcpuRow::instructions).toList();
          boolean same = traced.equals(guest.counted());
          equal &= same;
          lines.add(
              "Counted by hand, "
                  + guest.name()
                  + ": "
                  + guest.counted().stream().map(TextTable::grouped).toList()
                  + " instructions on its vCPUs; traced: "
                  + (same ? "the same" : traced.stream().map(TextTable::grouped).toList()));
        }
      }
    }
    return equal;
  }
}
