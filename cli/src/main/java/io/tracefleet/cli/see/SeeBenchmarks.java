// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.see;

import io.tracefleet.cli.console.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** Measures the cases that are asked for. Used by one thread. */
public final class SeeBenchmarks {
  private static final String RUN = "/api/v1/runs/" + SyntheticRun.ID;
  private static final int VISIBLE_SAMPLES = 8;
  private static final int PAINT_SAMPLES = 3;
  private static final int RUNS = 1000;

  /** So that batches do not fall in step with the jobs' commits. */
  private static final long OUT_OF_STEP_NANOS = 37_000_000L;

  private final List<SeeCase> cases;
  private final int rounds;
  private final boolean quick;
  private final List<Path> searchPath;
  private final SeeResult.Gathering gathered = new SeeResult.Gathering();

  /**
   * @param rounds how often each case is measured; a round has several samples of what is short
   * @param quick less of everything: a look, not a measurement
   * @param searchPath directories where Chromium may be
   */
  public SeeBenchmarks(List<SeeCase> cases, int rounds, boolean quick, List<Path> searchPath) {
    this.cases = List.copyOf(cases);
    this.rounds = rounds;
    this.quick = quick;
    this.searchPath = List.copyOf(searchPath);
  }

  /**
   * Measures.
   *
   * @param stages starts clusters; at most one is there at a time
   */
  public SeeResult run(Stage.Opener stages, Console console) throws Exception {
    Path scratch = Files.createTempDirectory("tracefleet-see-");
    try {
      if (wants(SeeCase.VISIBLE) || wants(SeeCase.API) || wants(SeeCase.PAINT)) {
        try (Stage stage = stages.open();
            SyntheticRun run = new SyntheticRun(stage)) {
          live(stage, run, scratch, console);
        }
      }
      if (wants(SeeCase.ARCHIVE)) {
        try (Stage stage = stages.open()) {
          archive(stage, scratch, console);
        }
      }
      if (wants(SeeCase.SQL)) {
        sql(Files.createDirectories(scratch.resolve("sql")), console);
      }
      return gathered.result();
    } finally {
      console.clearProgress();
      delete(scratch);
    }
  }

  private boolean wants(SeeCase one) {
    return cases.contains(one);
  }

  private void live(Stage stage, SyntheticRun run, Path scratch, Console console) throws Exception {
    console.progress("sending a run with 100,000 blocks");
    JsonApi api = new JsonApi(stage.url());
    run.begin();
    api.await(
        RUN + "/hot-blocks?limit=1", json -> json.path("total").asLong(), SyntheticRun.BLOCKS);
    ApiLoad load = new ApiLoad(stage.url(), run);
    if (wants(SeeCase.API)) {
      console.progress("warming the API up, not measured");
      load.measure(Duration.ofSeconds(quick ? 1 : 4), Duration.ofMillis(100), true);
    }
    for (int round = 1; round <= rounds; round++) {
      String of = "round " + round + " of " + rounds + ": ";
      if (wants(SeeCase.VISIBLE)) {
        console.progress(of + "until a batch is visible");
        visible(api, run);
      }
      if (wants(SeeCase.API)) {
        console.progress(of + "API, nothing changes");
        still(load);
        console.progress(of + "API, the run goes on");
        going(load);
      }
      if (wants(SeeCase.PAINT)) {
        console.progress(of + "dashboard");
        paint(stage.url(), Files.createTempDirectory(scratch, "chromium-"));
      }
    }
  }

  private void visible(JsonApi api, SyntheticRun run) throws Exception {
    for (int i = 0; i < (quick ? 2 : VISIBLE_SAMPLES); i++) {
      LockSupport.parkNanos(OUT_OF_STEP_NANOS * (i + 1));
      run.grow(0, 1);
      long acknowledged = System.nanoTime();
      api.await(RUN + "/vcpus", json -> json.at("/sum/instructions").asLong(), run.instructions());
      gathered.add(SeeFigure.VISIBLE, (System.nanoTime() - acknowledged) / 1e9);
    }
  }

  private ApiLoad.Seen load(ApiLoad load, boolean changing) throws Exception {
    return load.measure(
        Duration.ofMillis(500), quick ? Duration.ofSeconds(1) : Duration.ofSeconds(5), changing);
  }

  private void still(ApiLoad load) throws Exception {
    ApiLoad.Seen seen = load(load, false);
    gathered.add(SeeFigure.API_STILL, seen.p99Millis());
    gathered.add(SeeFigure.API_STILL_MEDIAN, seen.medianMillis());
    gathered.add(SeeFigure.API_STILL_RATE, seen.perSecond());
    gathered.add(SeeFigure.API_BYTES, seen.bytes());
  }

  private void going(ApiLoad load) throws Exception {
    ApiLoad.Seen seen = load(load, true);
    gathered.add(SeeFigure.API_GOING, seen.p99Millis());
    gathered.add(SeeFigure.API_GOING_MEDIAN, seen.medianMillis());
    gathered.add(SeeFigure.API_GOING_RATE, seen.perSecond());
  }

  private void paint(String url, Path profile) throws Exception {
    Optional<Path> executable = Chromium.find(searchPath);
    if (executable.isEmpty()) {
      gathered.problem(
          SeeCase.PAINT, "no Chromium is installed; on Debian it is the package chromium");
      return;
    }
    try (Chromium chromium = Chromium.start(executable.get(), profile)) {
      FirstPaint.measure(chromium, url + "/"); // its own start is not what is measured
      for (int i = 0; i < (quick ? 1 : PAINT_SAMPLES); i++) {
        FirstPaint.Seen fleet = FirstPaint.measure(chromium, url + "/");
        gathered.add(SeeFigure.PAINT_FLEET, fleet.paintSeconds());
        FirstPaint.Seen run = FirstPaint.measure(chromium, url + "/runs/" + SyntheticRun.ID);
        gathered.add(SeeFigure.PAINT_RUN, run.paintSeconds());
        gathered.add(SeeFigure.WHOLE_RUN, run.wholeSeconds());
        gathered.add(SeeFigure.ASSETS, Math.max(fleet.fileBytes(), run.fileBytes()));
      }
    }
  }

  private void archive(Stage stage, Path scratch, Console console) throws Exception {
    console.progress("tracing a guest for the archiver");
    long bytes = stage.trace();
    try (ArchiveRace race =
        new ArchiveRace(stage, Files.createDirectories(scratch.resolve("race")), bytes)) {
      console.progress("archiver");
      // All of them first: jobs that begin anew publish results anew, which archivers would read.
      for (double archiver : race.archivers(rounds)) {
        gathered.add(SeeFigure.ARCHIVE_RATE, archiver);
        console.progress("jobs on the archiver's topic");
        double jobs = race.jobs();
        gathered.add(SeeFigure.JOBS_RATE, jobs);
        gathered.add(SeeFigure.ARCHIVE, archiver / jobs);
      }
    }
  }

  private void sql(Path root, Console console) throws Exception {
    console.progress("writing an archive of 1,000 runs");
    SyntheticArchive.write(root, RUNS);
    for (int round = 1; round <= rounds; round++) {
      console.progress("round " + round + " of " + rounds + ": SQL");
      SqlQuestions.measure(
          root, SqlQuestions.BY_RUN, gathered, SeeFigure.SQL_RUN_FIRST, SeeFigure.SQL_RUN_WARM);
      SqlQuestions.measure(
          root,
          SqlQuestions.BY_BLOCK,
          gathered,
          SeeFigure.SQL_BLOCK_FIRST,
          SeeFigure.SQL_BLOCK_WARM);
    }
  }

  static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
