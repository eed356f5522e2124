// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import static io.tracefleet.cli.console.TextTable.grouped;

import io.tracefleet.archive.store.ArchiveStore;
import io.tracefleet.archive.store.StoreLocation;
import io.tracefleet.archive.write.ArchiveProgress;
import io.tracefleet.archive.write.Archiver;
import io.tracefleet.archive.write.ArchiverSettings;
import io.tracefleet.cli.console.CommandException;
import io.tracefleet.cli.console.Console;
import io.tracefleet.cli.console.Exit;
import io.tracefleet.metrics.MetricsSettings;
import io.tracefleet.node.config.ClusterAccess;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Keeps runs, results and batches in Parquet. */
@Command(
    name = "archive",
    description = "Writes runs, results and batches to Parquet, each once, until it is stopped.",
    footer = {
      "",
      "A run appears when it has ended and everything of it has been aggregated; unfinished,"
          + " without",
      "an end, when nothing came of it for --idle-minutes, and every --refresh-hours while it goes",
      "on. Killed at any instant, it goes on where it was. What is in an archive: docs/archive.md.",
      "",
      "Examples:",
      "  tracefleet archive --to /srv/tracefleet",
      "  tracefleet archive --to s3://bucket/tracefleet --endpoint http://127.0.0.1:9000 --once"
    })
final class ArchiveCommand implements Callable<Integer> {
  private static final int HOURS = 365 * 24;
  private static final int MINUTES = HOURS * 60;

  private final Context context;

  @Mixin private OutputOptions output;
  @Mixin private ClusterOptions clusterOptions;
  @Mixin private MetricsOptions metrics;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "DIR|s3://BUCKET/PREFIX",
      description = "Where to: a directory, or a place in an S3-compatible bucket.")
  private String target;

  @Option(
      names = "--endpoint",
      paramLabel = "URL",
      description = "Of the S3-compatible service. Default: AWS.")
  private String endpoint;

  @Option(names = "--once", description = "Archives what is there now, and ends.")
  private boolean once;

  @Option(
      names = "--idle-minutes",
      paramLabel = "N",
      defaultValue = "60",
      description =
          "Archives an unfinished run as it stands when nothing came of it for so long. Default:"
              + " ${DEFAULT-VALUE}.")
  private int idleMinutes;

  @Option(
      names = "--refresh-hours",
      paramLabel = "N",
      defaultValue = "24",
      description =
          "Archives a run that goes on as it stands, so often. Default: ${DEFAULT-VALUE}.")
  private int refreshHours;

  ArchiveCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    Console console = context.consoles().apply(output.quiet());
    require("--idle-minutes", idleMinutes, MINUTES);
    require("--refresh-hours", refreshHours, HOURS);
    StoreLocation location = StoreLocation.parse(target, endpoint);
    ClusterAccess access = clusterOptions.resolve(context.environment());
    MetricsSettings watched = metrics.over(once ? MetricsSettings.OFF : MetricsSettings.ANY_PORT);
    AtomicBoolean stop = new AtomicBoolean();
    context.signals().phase(number -> stop.set(true));
    try (ClusterSession session = ClusterSession.open(access);
        ArchiveStore store = location.openToWrite();
        Archiver archiver =
            Archiver.open(
                ArchiverSettings.of(access.bootstrap(), access.clientProperties())
                    .withMetrics(watched)
                    .withUnfinished(
                        Duration.ofMinutes(idleMinutes), Duration.ofHours(refreshHours)),
                store,
                session.serdes())) {
      MetricsOptions.say(archiver.metricsUrl(), console);
      if (once) {
        archiver.runOnce(stop::get);
      } else {
        console.info("archiving to " + store.location() + "; ctrl-C stops it");
        archiver.run(
            () -> {
              ArchiveProgress now = archiver.progress();
              console.progress(
                  grouped(now.batches())
                      + " batches archived, "
                      + grouped(now.completed())
                      + " runs completed");
              return stop.get();
            });
      }
      console.clearProgress();
      ArchiveProgress done = archiver.progress();
      console.info(ArchiveWriter.summary(done));
      done.unfinished().forEach(run -> console.info("archived as it stands: run " + run));
      done.open().forEach(line -> console.info("not complete: " + line));
      int signal = context.signals().first();
      return once && signal != 0 ? Exit.signalled(signal) : Exit.OK;
    }
  }

  private static void require(String option, int value, int most) throws CommandException {
    if (value < 1 || value > most) {
      throw new CommandException(
          Exit.USAGE, option + " must be 1 to " + most + ", not " + value + ".");
    }
  }
}
