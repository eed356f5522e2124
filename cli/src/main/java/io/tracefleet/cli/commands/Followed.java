// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import com.fasterxml.jackson.databind.JsonNode;
import io.tracefleet.cli.report.LiveTables;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * What is shown again and again.
 *
 * @param details path of the answer that says how far it is
 * @param rows path of the answer with the rows
 * @param text of both answers
 * @param done whether nothing more will come, by the details
 * @param every how long to wait between two looks
 */
record Followed(String details, String rows, Text text, Predicate<JsonNode> done, Duration every) {
  /** Of details and rows. */
  interface Text {
    String apply(JsonNode details, JsonNode rows);
  }

  private static final int MOST = 1000;

  /** A table of one run, until it has ended and all of it is aggregated. */
  static Followed run(String runId, String table, int limit, boolean scaled) {
    Function<JsonNode, String> rows =
        switch (table) {
          case "hot-blocks" -> LiveTables::hotBlocks;
          case "hot-functions" -> LiveTables::hotFunctions;
          default -> LiveTables::plain;
        };
    String path = "/api/v1/runs/" + runId;
    return new Followed(
        path,
        path + "/" + table + rows(limit, scaled),
        (details, answer) ->
            LiveTables.header(details)
                + LiveTables.estimate(answer)
                + LiveTables.missing(answer)
                + "\n"
                + rows.apply(answer),
        Followed::done,
        Duration.ofSeconds(1));
  }

  /** hot-blocks or hot-functions of all runs. There may always be another run. */
  static Followed fleet(String table, int limit, boolean scaled) {
    Function<JsonNode, String> rows =
        table.equals("hot-blocks") ? LiveTables::fleetBlocks : LiveTables::fleetFunctions;
    return new Followed(
        "/api/v1/nodes?limit=1",
        "/api/v1/" + table + rows(limit, scaled),
        (details, answer) ->
            LiveTables.fleetHeader(details, answer)
                + LiveTables.estimate(answer)
                + LiveTables.missing(answer)
                + "\n"
                + rows.apply(answer),
        details -> false,
        Duration.ofSeconds(3)); // it takes the jobs longer
  }

  private static String rows(int limit, boolean scaled) {
    return "?limit=" + Math.min(limit, MOST) + (scaled ? "&scaled=true" : "");
  }

  private static boolean done(JsonNode details) {
    JsonNode lag = details.at("/progress/lag");
    return !details.at("/run/end").isNull() && lag.isNumber() && lag.asLong() == 0;
  }
}
