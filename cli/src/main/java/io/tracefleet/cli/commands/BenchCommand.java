// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import io.tracefleet.cli.bench.BenchJson;
import io.tracefleet.cli.bench.BenchPage;
import io.tracefleet.cli.bench.BenchResult;
import io.tracefleet.cli.bench.BenchSvg;
import io.tracefleet.cli.bench.BenchTables;
import io.tracefleet.cli.bench.Benchmark;
import io.tracefleet.cli.bench.JavaBenchmarks;
import io.tracefleet.cli.bench.JavaResult;
import io.tracefleet.cli.cluster.ClusterSettings;
import io.tracefleet.cli.console.CommandException;
import io.tracefleet.cli.console.Console;
import io.tracefleet.cli.console.Exit;
import io.tracefleet.cli.see.SeeBenchmarks;
import io.tracefleet.cli.see.SeeCase;
import io.tracefleet.cli.see.SeeResult;
import io.tracefleet.jobs.http.HttpConfig;
import io.tracefleet.node.config.NodeSettings;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures what tracing costs. */
@Command(
    name = "bench",
    description = {
      "Measures what tracing costs: guests in bare QEMU and in all modes, side by side;",
      "and how long it takes until results are seen: API, dashboard, SQL, archive.",
      "Takes the machine for minutes; run nothing else meanwhile."
    },
    footer = {
      "",
      "Examples:",
      "  tracefleet bench --quick",
      "  tracefleet bench --only see",
      "  tracefleet bench --only linux --only bench/full",
      "  tracefleet bench --jmh --markdown performance.md --svg performance.svg"
    })
final class BenchCommand implements Callable<Integer> {
  private static final Duration JOBS_LIMIT = Duration.ofSeconds(30);
  private static final int MOST_ROUNDS = 100;
  private static final int JMH_QUICK = 1;
  private static final int JMH_LONG = 5;

  /** Names the directory where the schemas module was built; the launcher sets it. */
  private static final String BUILD_PROPERTY = "tracefleet.benchmarks";

  private final Context context;

  @Spec private CommandSpec spec;
  @Mixin private OutputOptions output;
  @Mixin private EmbeddedPorts ports;

  @Option(
      names = "--runs",
      paramLabel = "N",
      defaultValue = "3",
      description = "How often each case runs, 1 to 100. Default: ${DEFAULT-VALUE}.")
  private int runs;

  @Option(
      names = "--quick",
      description = "Guests a tenth as long, and no Linux: a look, not a measurement.")
  private boolean quick;

  @Option(
      names = "--only",
      paramLabel = "PATTERN",
      description =
          "Only cases whose GUEST/CASE contains it, * stands for anything; may be given several"
              + " times.")
  private List<String> only = new ArrayList<>();

  @Option(names = "--list", description = "Lists the cases as GUEST/CASE and measures nothing.")
  private boolean list;

  @Option(
      names = "--jmh",
      description = "Measures reading traces in Java as well; --only java for nothing else.")
  private boolean jmh;

  @Option(
      names = "--peers",
      paramLabel = "DIR",
      description =
          "Directory with QEMU's own plugins: libhotblocks.so, libhwprofile.so, libexeclog.so"
              + " become cases.")
  private Path peers;

  @Option(names = "--json", paramLabel = "FILE", description = "Writes all figures as JSON.")
  private Path json;

  @Option(names = "--svg", paramLabel = "FILE", description = "Writes a picture of the slowdowns.")
  private Path svg;

  @Option(
      names = "--markdown",
      paramLabel = "FILE",
      description = "Writes a page with everything; it shows the picture of --svg.")
  private Path markdown;

  @Option(
      names = "--guests",
      paramLabel = "DIR",
      description = "Directory with the guests. Default: where the launcher built them.")
  private Path guests;

  @Option(
      names = "--linux",
      paramLabel = "DIR",
      description =
          "Directory with vmlinuz and initramfs.gz. Default: where the launcher put them.")
  private Path linux;

  BenchCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    checkOptions();
    Console console = context.consoles().apply(output.quiet());
    Path guestDirectory = directory(guests, context.installation().guests().orElse(null));
    Path linuxDirectory = linux == null ? context.installation().linux().orElse(null) : linux;
    Benchmark benchmark =
        Benchmark.of(
            new Benchmark.Settings(
                guestDirectory, linuxDirectory, quick, runs, only, peers, searchPath()));
    Optional<JavaBenchmarks> java = javaBenchmarks(guestDirectory, linuxDirectory);
    List<String> names = new ArrayList<>(benchmark.names());
    java.ifPresent(some -> names.addAll(JavaBenchmarks.names()));
    List<SeeCase> see = SeeCase.only(Benchmark.filter(only));
    names.addAll(SeeCase.names(see));
    if (names.isEmpty()) {
      throw new CommandException(
          Exit.USAGE, "--only " + String.join(", ", only) + " leaves no case; see --list.");
    }
    if (list) {
      console.result(String.join("\n", names) + "\n");
      return Exit.OK;
    }
    context.signals().phaseInterrupting();
    try {
      NodeSettings node = NodeSettings.defaults();
      List<JavaResult> javaResults =
          java.isPresent() ? java.get().run(scratch(), node, console) : List.of();
      if (!benchmark.names().isEmpty()) {
        measure(benchmark, node, console);
      }
      SeeResult seen = see.isEmpty() ? SeeResult.NONE : see(see, node, guestDirectory, console);
      report(benchmark.result(javaResults, seen, commandLine()), console);
      return Exit.OK;
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

  /** Unless they are not asked for, or {@code --only} leaves them out. */
  private Optional<JavaBenchmarks> javaBenchmarks(Path guestDirectory, Path linuxDirectory)
      throws CommandException {
    if (!jmh || JavaBenchmarks.names().stream().noneMatch(Benchmark.filter(only))) {
      return Optional.empty();
    }
    String build = System.getProperty(BUILD_PROPERTY);
    return Optional.of(
        JavaBenchmarks.of(
            build == null ? null : Path.of(build),
            guestDirectory,
            quick ? null : linuxDirectory,
            quick ? JMH_QUICK : JMH_LONG));
  }

  private void measure(Benchmark benchmark, NodeSettings node, Console console) throws Exception {
    if (!benchmark.needsPipeline()) {
      benchmark.run(scratch(), node, null, console);
      return;
    }
    ClusterSettings settings = ports.settings(context.installation().registryHome());
    try (EmbeddedStack stack = EmbeddedStack.start(settings, HttpConfig.OFF, console)) {
      try {
        stack.awaitJobs(JOBS_LIMIT);
        try (BenchPipeline pipeline = BenchPipeline.open(stack, context.signals(), node)) {
          benchmark.run(scratch(), node, pipeline, console);
        }
      } finally {
        console.clearProgress();
        Closing.begin(context.signals());
      }
    }
  }

  private SeeResult see(
      List<SeeCase> cases, NodeSettings node, Path guestDirectory, Console console)
      throws Exception {
    ClusterSettings settings = ports.settings(context.installation().registryHome());
    return new SeeBenchmarks(cases, runs, quick, searchPath())
        .run(
            () ->
                BenchStage.open(settings, context.signals(), node, guestDirectory, quick, console),
            console);
  }

  private void report(BenchResult result, Console console) throws CommandException {
    console.result(BenchTables.render(result));
    write(json, new BenchJson().render(result));
    write(svg, BenchSvg.render(result));
    write(markdown, BenchPage.render(result, picture()));
  }

  /** The picture as seen from the page. */
  private String picture() {
    if (svg == null || markdown == null) {
      return null;
    }
    Path page = markdown.toAbsolutePath().normalize().getParent();
    return page.relativize(svg.toAbsolutePath().normalize()).toString();
  }

  private static void write(Path file, String text) throws CommandException {
    if (file == null) {
      return;
    }
    try {
      Files.writeString(file, text, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new CommandException(Exit.CANNOT_WRITE, file + " cannot be written: " + e, e);
    }
  }

  private void checkOptions() throws CommandException {
    if (runs < 1 || runs > MOST_ROUNDS) {
      throw new CommandException(
          Exit.USAGE, "--runs must be 1 to " + MOST_ROUNDS + ", not " + runs + ".");
    }
    if (peers != null && !Files.isDirectory(peers)) {
      throw new CommandException(Exit.USAGE, "--peers " + peers + " is not a directory.");
    }
    if (json != null) {
      Outputs.checkFile("--json", json);
    }
    if (svg != null) {
      Outputs.checkFile("--svg", svg);
    }
    if (markdown != null) {
      Outputs.checkFile("--markdown", markdown);
    }
  }

  private static Path directory(Path given, Path installed) throws CommandException {
    Path directory = given == null ? installed : given;
    if (directory == null) {
      throw new CommandException(
          Exit.NOT_THERE,
          "The benchmark's guests are not built: start it with the launcher, `./tracefleet"
              + " bench`.");
    }
    return directory;
  }

  /** In memory, where there is such a place: what is measured should not wait for a disk. */
  private static Path scratch() {
    Path memory = Path.of("/dev/shm");
    return Files.isWritable(memory) ? memory : Path.of(System.getProperty("java.io.tmpdir"));
  }

  private List<Path> searchPath() {
    return Arrays.stream(
            context.environment().getOrDefault("PATH", "").split(File.pathSeparator, -1))
        .filter(part -> !part.isEmpty())
        .map(Path::of)
        .toList();
  }

  /** How to do it again; directories of this machine are left out. */
  private String commandLine() {
    List<String> words = new ArrayList<>(List.of("./tracefleet"));
    for (String word : spec.commandLine().getParent().getParseResult().originalArgs()) {
      words.add(word.startsWith("/") ? word.substring(word.lastIndexOf('/') + 1) : word);
    }
    return String.join(" ", words);
  }
}
