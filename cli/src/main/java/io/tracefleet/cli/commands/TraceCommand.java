// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import io.tracefleet.cli.cluster.ClusterSettings;
import io.tracefleet.cli.console.CommandException;
import io.tracefleet.cli.console.Console;
import io.tracefleet.cli.console.Exit;
import io.tracefleet.cli.console.Printable;
import io.tracefleet.cli.report.Audit;
import io.tracefleet.cli.report.RunReport;
import io.tracefleet.cli.report.RunTables;
import io.tracefleet.cli.report.RunView;
import io.tracefleet.metrics.MetricsSettings;
import io.tracefleet.node.config.ClusterAccess;
import io.tracefleet.node.config.ExitCode;
import io.tracefleet.node.config.GuestSpec;
import io.tracefleet.node.config.NodeException;
import io.tracefleet.node.config.NodeSettings;
import io.tracefleet.node.config.RingSettings;
import io.tracefleet.node.config.TraceMode;
import io.tracefleet.node.config.WhenFull;
import io.tracefleet.node.qemu.QemuInspector;
import io.tracefleet.node.run.EmulatorNode;
import io.tracefleet.node.run.NodeListener;
import io.tracefleet.node.run.TraceOutcome;
import io.tracefleet.node.symbols.Symbolizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Traces one guest, waits until everything is aggregated, reports. */
@Command(
    name = "trace",
    customSynopsis = {
      "tracefleet trace --local [OPTIONS] -- QEMU [ARGUMENTS...]",
      "tracefleet trace [--bootstrap HOST:PORT --registry URL] [OPTIONS] -- QEMU [ARGUMENTS...]"
    },
    description = "Runs a guest in QEMU, traces it, and reports what it executed.",
    footer = {
      "",
      "Everything after -- is QEMU's own command line; standard input and output are the guest's.",
      "Exits with the guest's exit code, or with another one if tracing failed.",
      "",
      "Examples:",
      "  tracefleet trace --local -- qemu-x86_64 ./program argument",
      "  tracefleet trace --local --json report.json -- qemu-system-x86_64 -nographic -kernel vmlinuz",
      "  tracefleet trace --mode count -- qemu-x86_64 ./program"
    })
final class TraceCommand implements Callable<Integer> {
  private static final int COMMAND_SHOWN = 200;

  private final Context context;

  /** A signal came when the guest had ended and its last batches were on their way. */
  private volatile boolean signalledAfterGuest;

  @Mixin private OutputOptions output;
  @Mixin private ClusterOptions clusterOptions;
  @Mixin private EmbeddedPorts ports;
  @Mixin private HttpPort http;
  @Mixin private ArchiveOption archive;
  @Mixin private MetricsOptions metrics;

  @Option(
      names = "--local",
      description = "Starts a Kafka broker and a schema registry for this trace only.")
  private boolean local;

  @Option(
      names = "--mode",
      paramLabel = "full|count|off",
      defaultValue = "full",
      description =
          "full: every block and every memory access travels; count: only counters; off: nothing until `tracefleet control` says otherwise. Default: full.")
  private String mode;

  @Option(
      names = "--count",
      paramLabel = "blocks|all",
      description =
          "What count mode counts: blocks (and instructions), or all (accesses, devices and syscalls as well). Default: all.")
  private String count;

  @Option(
      names = "--when-full",
      paramLabel = "block|drop",
      defaultValue = "block",
      description =
          "What happens when the node cannot keep up: block holds the guest back, drop drops batches and counts them. Default: block.")
  private String whenFull;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "Name of the guest. Default: from its command line.")
  private String name;

  @Option(
      names = "--label",
      paramLabel = "KEY=VALUE",
      description = "Label that goes with the run; may be given several times.")
  private Map<String, String> labels = new LinkedHashMap<>();

  @Option(
      names = "--kernel-symbols",
      paramLabel = "FILE",
      description =
          "vmlinux or System.map of the kernel that a guest in system emulation runs. Default: what"
              + " -kernel names, if it has symbols.")
  private Path kernelSymbols;

  @Option(names = "--json", paramLabel = "FILE", description = "Writes the report as JSON as well.")
  private Path json;

  @Option(
      names = "--json-dir",
      paramLabel = "DIR",
      description =
          "Writes one report per run as DIR/RUNID.json: the run's and those of its forked children.")
  private Path jsonDirectory;

  @Option(
      names = "--limit",
      paramLabel = "ROWS",
      defaultValue = "10",
      description = "Rows per table. Default: ${DEFAULT-VALUE}.")
  private int limit;

  @Option(
      names = "--ring-dir",
      paramLabel = "DIR",
      description = "Where rings are made; should be in memory. Default: /dev/shm/tracefleet-UID.")
  private Path ringDirectory;

  @Option(
      names = "--ring-buffers",
      paramLabel = "N",
      description = "Buffers per ring, 1 MiB each. Default: 32.")
  private Integer ringBuffers;

  @Option(
      names = "--plugin-option",
      paramLabel = "NAME=VALUE",
      description = "Further option of the plugin, such as disas=off; may be given several times.")
  private Map<String, String> pluginOptions = new LinkedHashMap<>();

  @Option(
      names = "--wait",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description =
          "How long to wait for results while nothing arrives. Default: ${DEFAULT-VALUE}.")
  private int waitSeconds;

  @Parameters(
      paramLabel = "QEMU",
      arity = "0..*",
      description = "QEMU and its arguments, after --.")
  private List<String> command;

  TraceCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    Console console = context.consoles().apply(output.quiet());
    GuestSpec guest = guest();
    NodeSettings node = nodeSettings();
    checkOutputs();
    if (archive.given()) {
      archive.location(); // checks it
    }
    ClusterSettings embedded = ports.settings(context.installation().registryHome());
    http.config(); // checks it before anything starts
    if (!local) {
      if (ports.given() || http.given()) {
        throw new CommandException(
            Exit.USAGE,
            "--port, --registry-port and --http-port are for the embedded cluster: add --local.");
      }
      clusterOptions.resolve(context.environment());
    } else if (clusterOptions.given()) {
      throw new CommandException(
          Exit.USAGE, "--local and --bootstrap exclude each other: give one of them.");
    }
    // Before anything is started: a QEMU that cannot be traced is the most likely mistake.
    new QemuInspector().inspect(guest.command().get(0));
    context.signals().phaseInterrupting();
    try {
      return local ? traceLocal(guest, node, embedded, console) : traceRemote(guest, node, console);
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

  private int traceLocal(
      GuestSpec guest, NodeSettings node, ClusterSettings settings, Console console)
      throws Exception {
    try (EmbeddedStack stack = EmbeddedStack.start(settings, http.config(), console)) {
      try {
        return trace(
            guest,
            node,
            stack.access(),
            new ResultWait(Duration.ofSeconds(waitSeconds), stack::jobsAlive),
            console);
      } finally {
        Closing.begin(context.signals());
      }
    }
  }

  private int traceRemote(GuestSpec guest, NodeSettings node, Console console) throws Exception {
    ClusterAccess access = clusterOptions.resolve(context.environment());
    try {
      return trace(
          guest,
          node,
          access,
          new ResultWait(Duration.ofSeconds(waitSeconds), () -> true),
          console);
    } finally {
      Closing.begin(context.signals());
    }
  }

  private int trace(
      GuestSpec guest, NodeSettings node, ClusterAccess access, ResultWait wait, Console console)
      throws Exception {
    TraceOutcome outcome = runGuest(guest, node, access, console);
    if (outcome.rootRunId() == null) {
      console.error(
          "QEMU ended with exit code "
              + outcome.exitCode()
              + " before tracing began; there is nothing to report.");
      return outcome.exitCode();
    }
    if (outcome.runs().isEmpty()) {
      console.error("nothing of this run could be read; see the messages above.");
      return Exit.INTERNAL;
    }
    if (outcome.exitCode() != 0 && executedNothing(outcome)) {
      // QEMU 7.2 does not say it when there is no such program.
      console.error(
          "no instruction was executed and QEMU's exit code is "
              + outcome.exitCode()
              + "; check the guest in: "
              + Printable.of(String.join(" ", guest.command()), COMMAND_SHOWN));
    }
    context.signals().phaseInterrupting();
    return report(outcome, access, wait, console);
  }

  private static boolean executedNothing(TraceOutcome outcome) {
    return outcome.runs().stream()
        .filter(run -> run.getTotals() != null)
        .flatMap(run -> run.getTotals().stream())
        .allMatch(totals -> totals.getExecuted() == 0);
  }

  private TraceOutcome runGuest(
      GuestSpec guest, NodeSettings settings, ClusterAccess access, Console console)
      throws NodeException {
    AtomicReference<ProcessHandle> qemu = new AtomicReference<>();
    NodeListener listener =
        new NodeListener() {
          @Override
          public void guestStarted(GuestSpec started, String rootRunId, long pid) {
            ProcessHandle.of(pid).ifPresent(qemu::set);
          }

          @Override
          public void warning(String line) {
            console.info(line);
          }
        };
    try (EmulatorNode node = EmulatorNode.open(settings, access, listener)) {
      MetricsOptions.say(node.metricsUrl(), console);
      context
          .signals()
          .phase(
              number -> {
                ProcessHandle guestProcess = qemu.get();
                if (guestProcess != null && !guestProcess.isAlive()) {
                  signalledAfterGuest = true; // not for the guest: it ends the wait for results
                }
                node.signal(number);
              });
      if (context.signals().first() != 0) {
        node.signal(context.signals().first()); // came before the handler was there
      }
      return node.trace(guest);
    }
  }

  private int report(TraceOutcome outcome, ClusterAccess access, ResultWait wait, Console console)
      throws Exception {
    Aggregated aggregated = wait.await(access, outcome.runs(), console, signalledAfterGuest);
    List<RunView> views = aggregated.views();
    RunView root = views.get(0);
    if (json != null) {
      Outputs.write(json, root.report());
    }
    if (jsonDirectory != null) {
      for (RunView view : views) {
        Outputs.write(jsonDirectory.resolve(view.report().run().runId() + ".json"), view.report());
      }
    }
    List<RunReport> reports = views.stream().map(RunView::report).toList();
    Audit audit = Audit.of(reports, aggregated.complete());
    if (!output.quiet()) {
      console.result(
          "\n"
              + RunTables.all(root, limit)
              + Reports.children(views, limit)
              + "\n"
              + Reports.auditSection(reports, audit, limit, console.colour()));
    }
    if (archive.given()) {
      ArchiveWriter.writeAll(archive.location(), access, console);
    }
    if (!aggregated.complete()) {
      console.error("results are incomplete: " + aggregated.reason());
      int signal = context.signals().first();
      return aggregated.interrupted() && signal != 0 ? Exit.signalled(signal) : Exit.INCOMPLETE;
    }
    if (!audit.passed()) {
      console.error("the audit failed: " + audit.failures().get(0));
      return Exit.FAILURE;
    }
    if (!outcome.problems().isEmpty()) {
      console.error("not all of the guest could be traced: " + outcome.problems().get(0));
      return Exit.FAILURE;
    }
    return outcome.exitCode();
  }

  private GuestSpec guest() throws CommandException {
    if (command == null || command.isEmpty()) {
      throw new CommandException(
          Exit.USAGE,
          "No guest given: put QEMU's command line after --, for example"
              + " `tracefleet trace --local -- qemu-x86_64 ./program`.");
    }
    TraceMode traceMode = word("--mode", mode, TraceMode::parse);
    Map<String, String> plugin = new LinkedHashMap<>(pluginOptions);
    if (count != null) {
      if (traceMode != TraceMode.COUNT) {
        throw new CommandException(
            Exit.USAGE, "--count chooses what count mode counts: add --mode count.");
      }
      if (!count.equals("blocks") && !count.equals("all")) {
        throw new CommandException(
            Exit.USAGE, "--count must be blocks or all, not \"" + count + "\".");
      }
      plugin.put("count", count);
    }
    try {
      return GuestSpec.of(command)
          .withName(name)
          .withMode(traceMode)
          .withWhenFull(word("--when-full", whenFull, WhenFull::parse))
          .withLabels(labels())
          .withPlugin(plugin);
    } catch (IllegalArgumentException e) {
      throw new CommandException(Exit.USAGE, e.getMessage(), e);
    }
  }

  private Map<String, String> labels() throws CommandException {
    if (kernelSymbols == null) {
      return labels;
    }
    if (!Files.isRegularFile(kernelSymbols) || !Files.isReadable(kernelSymbols)) {
      throw new CommandException(
          Exit.USAGE, "--kernel-symbols " + kernelSymbols + ": there is no file that can be read.");
    }
    Map<String, String> all = new LinkedHashMap<>(labels);
    all.put(Symbolizer.KERNEL_LABEL, kernelSymbols.toAbsolutePath().normalize().toString());
    return all;
  }

  private interface Parser<T> {
    T parse(String word) throws NodeException;
  }

  private static <T> T word(String option, String value, Parser<T> parser) throws CommandException {
    try {
      return parser.parse(value);
    } catch (NodeException e) {
      throw new CommandException(Exit.USAGE, option + ": " + e.getMessage() + ".", e);
    }
  }

  private NodeSettings nodeSettings() throws CommandException {
    if (limit < 1) {
      throw new CommandException(Exit.USAGE, "--limit must be at least 1, not " + limit + ".");
    }
    if (waitSeconds < 1) {
      throw new CommandException(
          Exit.USAGE, "--wait must be at least 1 second, not " + waitSeconds + ".");
    }
    try {
      RingSettings ring = RingSettings.defaults();
      if (ringDirectory != null) {
        ring = ring.withDirectory(ringDirectory);
      }
      if (ringBuffers != null) {
        ring = ring.withBuffers(ringBuffers);
      }
      checkRingDirectory(ring.directory());
      return NodeSettings.defaults().withRing(ring).withMetrics(metrics.over(MetricsSettings.OFF));
    } catch (IllegalArgumentException e) {
      throw new CommandException(Exit.USAGE, e.getMessage(), e);
    }
  }

  /** The node makes it; finding out now saves the start of a cluster. */
  private static void checkRingDirectory(Path directory) throws CommandException {
    Path existing = directory;
    while (existing != null && !Files.exists(existing)) {
      existing = existing.getParent();
    }
    if (existing == null || !Files.isDirectory(existing) || !Files.isWritable(existing)) {
      throw new CommandException(
          ExitCode.RING_DIR.code(),
          "Ring directory "
              + directory
              + " cannot be written; choose another in memory with --ring-dir.");
    }
  }

  private void checkOutputs() throws CommandException {
    if (json != null) {
      Outputs.checkFile("--json", json);
    }
    if (jsonDirectory != null && !Files.isDirectory(jsonDirectory)) {
      throw new CommandException(
          Exit.USAGE, "--json-dir " + jsonDirectory + " is not a directory: make it first.");
    }
  }
}
