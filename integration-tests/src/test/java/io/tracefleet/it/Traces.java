// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.cli.report.Audit;
import io.tracefleet.cli.report.PageView;
import io.tracefleet.cli.report.RunReport;
import io.tracefleet.cli.report.RunView;
import io.tracefleet.node.config.GuestSpec;
import io.tracefleet.node.config.NodeSettings;
import io.tracefleet.node.config.RingSettings;
import io.tracefleet.node.config.TraceMode;
import io.tracefleet.node.run.EmulatorNode;
import io.tracefleet.node.run.NodeListener;
import io.tracefleet.node.run.TraceOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Traces guests through the whole flow with the oracle beside the plugin. Each test has a directory
 * of its own, which is kept if the test fails. Used by one thread.
 */
final class Traces implements AutoCloseable {
  /**
   * One traced tree of runs and what the oracle counted.
   *
   * @param outcome what the node says
   * @param views reports, the root's first
   * @param oracle what the oracle counted in the root process
   * @param oracleChildren what it counted in the forked children, in no order
   */
  record Traced(
      TraceOutcome outcome, List<RunView> views, Counts oracle, List<Counts> oracleChildren) {
    RunReport root() {
      return views.get(0).report();
    }

    Counts rootCounts() {
      return counts(views.get(0));
    }
  }

  private final TestCluster cluster;
  private final Path directory;
  private final EmulatorNode node;
  private final List<String> warnings = new CopyOnWriteArrayList<>();
  private final List<String> runIds = new ArrayList<>();
  private boolean good;

  private Traces(TestCluster cluster, Path directory, UnaryOperator<RingSettings> ring)
      throws Exception {
    this.cluster = cluster;
    this.directory = directory;
    node =
        EmulatorNode.open(
            NodeSettings.defaults()
                .withNode("it")
                .withPluginLibrary(Places.plugin())
                .withRing(
                    ring.apply(RingSettings.defaults().withDirectory(directory.resolve("rings")))),
            cluster.access(),
            new NodeListener() {
              @Override
              public void warning(String line) {
                warnings.add(line);
              }
            });
  }

  static Traces open(TestCluster cluster) throws Exception {
    return open(cluster, ring -> ring);
  }

  static Traces open(TestCluster cluster, UnaryOperator<RingSettings> ring) throws Exception {
    return new Traces(
        cluster, Files.createTempDirectory(Path.of("/dev/shm"), "tracefleet-it-"), ring);
  }

  /** Private to this object, in memory. */
  Path directory() {
    return directory;
  }

  EmulatorNode node() {
    return node;
  }

  /** What the node warned of. */
  List<String> warnings() {
    return List.copyOf(warnings);
  }

  /** Traces one guest to its end and reads everything. */
  Traced trace(TraceMode mode, List<String> command) throws Exception {
    return trace(GuestSpec.of(command).withMode(mode));
  }

  /** The same, with the oracle added to the guest's command. */
  Traced trace(GuestSpec guest) throws Exception {
    return read(run(guest));
  }

  /** Runs a guest with the oracle to its end. */
  TraceOutcome run(GuestSpec guest) throws Exception {
    List<String> command = new ArrayList<>(guest.command());
    Files.deleteIfExists(directory.resolve("oracle"));
    command.addAll(1, List.of("-plugin", Places.oracle() + ",out=" + directory.resolve("oracle")));
    GuestSpec withOracle =
        new GuestSpec(
            guest.name(),
            command,
            guest.mode(),
            guest.whenFull(),
            guest.labels(),
            guest.restart(),
            guest.maxRestarts(),
            guest.backoff(),
            guest.stdin() == null ? Path.of("/dev/null") : guest.stdin(),
            guest.stdout() == null ? directory.resolve("stdout") : guest.stdout(),
            guest.stderr() == null ? directory.resolve("stderr") : guest.stderr(),
            guest.plugin());
    TraceOutcome outcome = node.trace(withOracle);
    assertThat(outcome.rootRunId()).as("tracing began; QEMU said: " + said()).isNotNull();
    runIds.addAll(outcome.runIds());
    return outcome;
  }

  /** What the guest wrote, standard output then standard error. */
  String said() throws IOException {
    StringBuilder text = new StringBuilder();
    for (String name : List.of("stdout", "stderr")) {
      if (Files.exists(directory.resolve(name))) {
        text.append(Files.readString(directory.resolve(name)));
      }
    }
    return text.toString();
  }

  /** Waits for a run's results and reads what the oracle counted. */
  Traced read(TraceOutcome outcome) throws Exception {
    List<RunView> views = cluster.reports(outcome.runs());
    Counts oracle = Counts.ofOracle(Places.oracleDump(), directory.resolve("oracle"));
    List<Counts> children = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file :
          files.filter(f -> f.getFileName().toString().startsWith("oracle.")).sorted().toList()) {
        children.add(Counts.ofOracle(Places.oracleDump(), file));
        Files.move(file, file.resolveSibling("seen-" + file.getFileName()));
      }
    }
    return new Traced(outcome, views, oracle, children);
  }

  /** Every number of every run is the oracle's, and nothing was lost on the way. */
  void assertEqual(Traced traced) throws Exception {
    List<String> wrong = new ArrayList<>();
    compare(wrong, "root", traced.oracle().asReported(), traced.rootCounts());
    assertThat(traced.views())
        .as("one run per process")
        .hasSize(1 + traced.oracleChildren().size());

    // The report does not tell a child's process, so children are matched by what they did.
    List<Counts> left = new ArrayList<>();
    traced.oracleChildren().forEach(c -> left.add(c.asReported()));
    List<RunView> unmatched = new ArrayList<>();
    for (RunView view : traced.views().subList(1, traced.views().size())) {
      if (!left.remove(counts(view))) {
        unmatched.add(view);
      }
    }
    Comparator<Counts> bySize = Comparator.comparingLong(c -> c.sum("vcpu", "instructions"));
    left.sort(bySize);
    unmatched.sort(Comparator.comparing(Traces::counts, bySize));
    for (int i = 0; i < unmatched.size(); i++) {
      compare(
          wrong,
          "child " + unmatched.get(i).report().run().runId(),
          left.get(i),
          counts(unmatched.get(i)));
    }
    Audit audit = Audit.of(traced.views().stream().map(RunView::report).toList(), true);
    wrong.addAll(audit.failures());
    if (!wrong.isEmpty()) {
      keep(traced);
    }
    assertThat(wrong)
        .as("differences between trace and oracle; everything is kept in " + directory)
        .isEmpty();
    good = true;
  }

  /** Says that the test was good otherwise: its files are not needed. */
  void good() {
    good = true;
  }

  private static void compare(List<String> wrong, String what, Counts expected, Counts actual) {
    List<String> differences = Counts.differences(expected, actual);
    differences.stream().limit(12).forEach(line -> wrong.add(what + ": " + line));
    if (differences.size() > 12) {
      wrong.add(what + ": ... and " + (differences.size() - 12) + " more");
    }
  }

  private void keep(Traced traced) throws IOException {
    Files.writeString(directory.resolve("oracle.txt"), traced.oracle().toString());
    Files.writeString(directory.resolve("traced.txt"), traced.rootCounts().toString());
    for (String runId : runIds) {
      Path batches = Files.createDirectories(directory.resolve("batches-" + runId));
      cluster.keepBatches(runId, batches);
    }
  }

  /** A report in the oracle's form. */
  static Counts counts(RunView view) {
    Counts counts = new Counts();
    RunReport report = view.report();
    for (RunReport.VcpuRow v : report.vcpus()) {
      counts.vcpu(
          v.vcpu(),
          v.generation(),
          v.instructions(),
          v.blocks(),
          v.loads(),
          v.stores(),
          v.loadBytes(),
          v.storeBytes(),
          v.idles(),
          v.resumes());
    }
    // Self-modifying code has several rows at one address.
    Map<String, Long> blocks = new LinkedHashMap<>();
    Map<String, RunReport.HotBlockRow> rows = new HashMap<>();
    for (RunReport.HotBlockRow b : report.hotBlocks()) {
      String key = b.vaddr() + "/" + b.instructions();
      blocks.merge(key, b.executions(), Long::sum);
      rows.put(key, b);
    }
    blocks.forEach(
        (key, executions) ->
            counts.block(
                Long.parseUnsignedLong(rows.get(key).vaddr().substring(2), 16),
                rows.get(key).instructions(),
                executions));
    for (RunReport.HwaddrRow h : report.hwaddr()) {
      counts.hwaddr(
          h.vcpu(),
          h.kind().equals("IO"),
          h.device(),
          h.reads(),
          h.writes(),
          h.readBytes(),
          h.writeBytes());
    }
    for (PageView p : view.pages()) {
      counts.pageOfAll(p.page(), p.reads(), p.writes(), p.readBytes(), p.writeBytes());
    }
    for (RunReport.SyscallRow s : report.syscalls()) {
      counts.syscallAsReported(s.number(), s.calls(), s.errors());
    }
    return counts;
  }

  @Override
  public void close() throws IOException {
    node.close();
    if (good) {
      RingCheck.delete(directory);
    }
  }
}
