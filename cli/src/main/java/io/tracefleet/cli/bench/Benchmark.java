// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.bench;

import io.tracefleet.cli.console.CommandException;
import io.tracefleet.cli.console.Console;
import io.tracefleet.cli.console.Exit;
import io.tracefleet.cli.see.SeeResult;
import io.tracefleet.node.config.NodeException;
import io.tracefleet.node.config.NodeSettings;
import io.tracefleet.node.config.TraceMode;
import io.tracefleet.node.qemu.QemuInspector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Measures guests in all their cases, side by side. Used by one thread. */
public final class Benchmark {
  private static final double NANOS = 1e9;

  /**
   * @param guests directory of the user-mode guests
   * @param linux directory of kernel and initramfs, null: without the Linux guest
   * @param quick a tenth of the usual size, and no Linux guest
   * @param rounds how often each case runs
   * @param only patterns of {@code GUEST/CASE}, none for all
   * @param peers directory with QEMU's own plugins, null: none
   * @param searchPath directories where valgrind and DynamoRIO may be
   */
  public record Settings(
      Path guests,
      Path linux,
      boolean quick,
      int rounds,
      List<String> only,
      Path peers,
      List<Path> searchPath) {
    public Settings {
      only = List.copyOf(only);
      searchPath = List.copyOf(searchPath);
    }
  }

  private final BenchPlan plan;
  private final Set<String> qemus = new LinkedHashSet<>();
  private final Instant begun = Instant.now();
  private final double loadBefore;
  private List<GuestResult> results = List.of();

  private Benchmark(BenchPlan plan, double loadBefore) {
    this.plan = plan;
    this.loadBefore = loadBefore;
  }

  /** Checks that everything is there, before anything is started. */
  public static Benchmark of(Settings settings)
      throws CommandException, NodeException, IOException {
    Benchmark benchmark =
        new Benchmark(
            BenchPlan.all(
                    settings.guests(),
                    settings.linux(),
                    settings.quick(),
                    settings.rounds(),
                    new Peers(settings.peers(), settings.searchPath()))
                .only(filter(settings.only())),
            Machine.load());
    QemuInspector inspector = new QemuInspector();
    Set<String> seen = new LinkedHashSet<>();
    for (BenchGuest guest : benchmark.plan.guests().keySet()) {
      for (Path file : guest.files()) {
        if (!Files.isReadable(file)) {
          throw new CommandException(
              Exit.NOT_THERE,
              "The benchmark's guest "
                  + guest.id()
                  + " is not built, "
                  + file
                  + " is missing: start it with the launcher, `./tracefleet bench`.");
        }
      }
      if (seen.add(guest.qemu())) {
        benchmark.qemus.add(guest.qemu() + " " + inspector.inspect(guest.qemu()).version());
      }
    }
    return benchmark;
  }

  /** The guests and cases, one line each. */
  public List<String> names() {
    List<String> names = new ArrayList<>();
    plan.guests()
        .forEach((guest, cases) -> cases.forEach(c -> names.add(guest.id() + "/" + c.id())));
    return names;
  }

  /**
   * Which names of {@code GUEST/CASE} are meant: those that contain one of the patterns, in which
   * {@code *} stands for anything, or all if there is no pattern.
   */
  public static Predicate<String> filter(List<String> patterns) {
    List<Pattern> wanted = patterns.stream().map(Benchmark::pattern).toList();
    return name ->
        wanted.isEmpty() || wanted.stream().anyMatch(pattern -> pattern.matcher(name).find());
  }

  private static Pattern pattern(String text) {
    StringBuilder regex = new StringBuilder();
    for (String literal : text.split("\\*", -1)) {
      regex.append(regex.isEmpty() ? "" : ".*").append(Pattern.quote(literal));
    }
    return Pattern.compile(regex.toString());
  }

  /** Whether {@link #run} needs a pipeline. */
  public boolean needsPipeline() {
    return plan.needsPipeline();
  }

  /**
   * Measures.
   *
   * @param scratch where to write meanwhile; should be in memory
   * @param node where the plugin is
   * @param pipeline null if not needed
   */
  public void run(Path scratch, NodeSettings node, Pipeline pipeline, Console console)
      throws Exception {
    Map<BenchGuest, Map<BenchCase, Measured>> all = new LinkedHashMap<>();
    plan.guests()
        .forEach(
            (guest, cases) -> {
              Map<BenchCase, Measured> measured = new LinkedHashMap<>();
              cases.forEach(which -> measured.put(which, new Measured()));
              all.put(guest, measured);
            });
    try (Workbench workbench = Workbench.open(scratch, node, pipeline)) {
      if (pipeline != null) {
        warmUp(pipeline, console);
      }
      long begin = System.nanoTime();
      int done = 0;
      int total = plan.cases() * plan.rounds();
      for (int round = 1; round <= plan.rounds(); round++) {
        for (Map.Entry<BenchGuest, Map<BenchCase, Measured>> guest : all.entrySet()) {
          Sample bare = null;
          for (Map.Entry<BenchCase, Measured> which : guest.getValue().entrySet()) {
            if (Thread.interrupted()) {
              throw new InterruptedException("measuring");
            }
            console.progress(progress(guest.getKey(), which.getKey(), round, done, total, begin));
            Sample sample = sample(workbench, guest.getKey(), which.getKey(), which.getValue());
            if (sample != null) {
              bare = which.getKey().equals(BenchCase.BARE) ? sample : bare;
              which.getValue().rounds.add(new CaseResult.Round(sample, bare));
            }
            done++;
          }
        }
      }
    }
    console.clearProgress();
    List<GuestResult> measured = new ArrayList<>();
    all.forEach((guest, done) -> measured.add(result(guest, done)));
    results = List.copyOf(measured);
  }

  /** What one case has so far. */
  private static final class Measured {
    final List<CaseResult.Round> rounds = new ArrayList<>();
    String problem;
  }

  /** The compiler of node, broker and jobs is not what is measured. */
  private void warmUp(Pipeline pipeline, Console console) throws Exception {
    console.progress("warming up, not measured");
    pipeline.trace(plan.warmUp(), TraceMode.FULL, Map.of());
    pipeline.trace(plan.warmUp(), TraceMode.COUNT, Map.of());
  }

  /** Null if there is nothing to measure any more. */
  private static Sample sample(
      Workbench workbench, BenchGuest guest, BenchCase which, Measured measured) throws Exception {
    if (measured.problem != null) {
      return null;
    }
    try {
      return workbench.run(guest, which);
    } catch (CommandException e) {
      if (isOwn(which)) {
        throw e;
      }
      // Somebody else's tool: the rest is worth having without it.
      measured.problem = e.getMessage();
      return null;
    }
  }

  private static boolean isOwn(BenchCase which) {
    return !(which.method() instanceof Method.StockPlugin)
        && !(which.method() instanceof Method.Tool);
  }

  private String progress(
      BenchGuest guest, BenchCase which, int round, int done, int total, long begin) {
    StringBuilder line = new StringBuilder();
    line.append("round ").append(round).append(" of ").append(plan.rounds());
    line.append(": ").append(guest.title()).append(", ").append(which.title());
    if (done * 2 > plan.cases()) {
      double seconds = (System.nanoTime() - begin) / NANOS;
      line.append(", about ").append(Math.round(seconds / done * (total - done))).append(" s left");
    }
    return line.toString();
  }

  private static GuestResult result(BenchGuest guest, Map<BenchCase, Measured> measured) {
    List<CaseResult> cases = new ArrayList<>();
    measured.forEach(
        (which, done) ->
            cases.add(
                new CaseResult(
                    which.id(),
                    which.title(),
                    isOwn(which),
                    done.rounds,
                    Optional.ofNullable(done.problem))));
    return new GuestResult(guest.id(), guest.title(), shown(guest), guest.vcpus(), cases);
  }

  /** Its command line without this machine's directories. */
  private static String shown(BenchGuest guest) {
    List<String> words = new ArrayList<>();
    for (String word : guest.command()) {
      words.add(word.startsWith("/") ? word.substring(word.lastIndexOf('/') + 1) : word);
    }
    return String.join(" ", words);
  }

  /**
   * All that was measured so far.
   *
   * @param java what JMH measured, empty if it was not asked to
   * @param see what users wait for
   * @param command how to do it again
   */
  public BenchResult result(List<JavaResult> java, SeeResult see, String command)
      throws IOException {
    return new BenchResult(
        Machine.current(List.copyOf(qemus), begun, loadBefore),
        command,
        plan.quick(),
        plan.rounds(),
        Duration.between(begun, Instant.now()).toSeconds(),
        results,
        java,
        see);
  }
}
