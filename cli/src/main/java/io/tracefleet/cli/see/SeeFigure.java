// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.see;

import java.util.Locale;
import java.util.OptionalDouble;

/** What is told, in the order in which it is shown; with a reach where there is one. */
public enum SeeFigure {
  VISIBLE(
      SeeCase.VISIBLE,
      "a batch acknowledged by Kafka until the API shows it",
      Unit.SECONDS,
      most(2)),
  API_STILL(
      SeeCase.API,
      "API, 100 hottest of 100,000 blocks, 50 clients, 99th percentile, nothing changes",
      Unit.MILLISECONDS,
      most(50)),
  API_STILL_MEDIAN(SeeCase.API, "the same, median", Unit.MILLISECONDS, none()),
  API_STILL_RATE(SeeCase.API, "the same, answers per second", Unit.COUNT, none()),
  API_GOING(
      SeeCase.API,
      "API, 100 hottest of 100,000 blocks, 50 clients, 99th percentile, the run goes on",
      Unit.MILLISECONDS,
      most(50)),
  API_GOING_MEDIAN(SeeCase.API, "the same, median", Unit.MILLISECONDS, none()),
  API_GOING_RATE(SeeCase.API, "the same, answers per second", Unit.COUNT, none()),
  API_BYTES(SeeCase.API, "bytes of one answer", Unit.BYTES, none()),
  PAINT_FLEET(SeeCase.PAINT, "dashboard, fleet: first paint", Unit.SECONDS, most(1)),
  PAINT_RUN(
      SeeCase.PAINT, "dashboard, run with 100,000 blocks: first paint", Unit.SECONDS, most(1)),
  WHOLE_RUN(SeeCase.PAINT, "the same, until all of it is shown", Unit.SECONDS, none()),
  ASSETS(SeeCase.PAINT, "dashboard, files that a page loads", Unit.BYTES, most(1e6)),
  SQL_RUN_FIRST(
      SeeCase.SQL, "SQL, 10 M rows of 1,000 runs grouped by run, first", Unit.SECONDS, most(1)),
  SQL_RUN_WARM(
      SeeCase.SQL, "SQL, 10 M rows of 1,000 runs grouped by run, again", Unit.SECONDS, most(1)),
  SQL_BLOCK_FIRST(
      SeeCase.SQL, "SQL, 10 M rows of 1,000 runs grouped by address, first", Unit.SECONDS, most(1)),
  SQL_BLOCK_WARM(
      SeeCase.SQL, "SQL, 10 M rows of 1,000 runs grouped by address, again", Unit.SECONDS, most(1)),
  ARCHIVE(
      SeeCase.ARCHIVE,
      "archiver with 256 MiB of heap, its speed in relation to the jobs'",
      Unit.RATIO,
      least(1)),
  ARCHIVE_RATE(
      SeeCase.ARCHIVE, "archiver, payload per second until the run is complete", Unit.RATE, none()),
  JOBS_RATE(SeeCase.ARCHIVE, "jobs, payload of the same topic per second", Unit.RATE, none());

  /** How a figure reads. */
  public enum Unit {
    SECONDS,
    MILLISECONDS,
    BYTES,
    COUNT,
    RATIO,
    /** Bytes per second. */
    RATE
  }

  private record Reach(OptionalDouble limit, boolean most) {}

  private final SeeCase group;
  private final String title;
  private final Unit unit;
  private final Reach reach;

  SeeFigure(SeeCase group, String title, Unit unit, Reach reach) {
    this.group = group;
    this.title = title;
    this.unit = unit;
    this.reach = reach;
  }

  private static Reach most(double limit) {
    return new Reach(OptionalDouble.of(limit), true);
  }

  private static Reach least(double limit) {
    return new Reach(OptionalDouble.of(limit), false);
  }

  private static Reach none() {
    return new Reach(OptionalDouble.empty(), true);
  }

  /** What it is measured with. */
  public SeeCase group() {
    return group;
  }

  /** Name in files. */
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** What it is, for people. */
  public String title() {
    return title;
  }

  public Unit unit() {
    return unit;
  }

  /** What is to be reached; empty if it is only told. */
  public OptionalDouble limit() {
    return reach.limit();
  }

  /** True: not more than the limit; false: not less. */
  public boolean most() {
    return reach.most();
  }
}
