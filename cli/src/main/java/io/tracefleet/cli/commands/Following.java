// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import com.fasterxml.jackson.databind.JsonNode;
import io.tracefleet.cli.console.Console;
import io.tracefleet.cli.console.Exit;
import io.tracefleet.cli.console.Signals;
import io.tracefleet.cli.report.LiveApi;
import io.tracefleet.cli.report.LiveTables;
import io.tracefleet.cli.report.ResultException;
import java.time.Duration;
import java.util.Optional;

/** Shows a table of a run again and again. */
final class Following {
  private static final Duration EVERY = Duration.ofSeconds(1);

  /** The jobs may be restarted meanwhile. */
  private static final Duration WITHOUT_ANSWER = Duration.ofSeconds(30);

  private final LiveApi api;
  private final Signals signals;
  private final Console console;

  Following(LiveApi api, Signals signals, Console console) {
    this.api = api;
    this.signals = signals;
    this.console = console;
  }

  /**
   * Returns when the run has ended and all of it is shown, or a signal came.
   *
   * @return exit code
   */
  int follow(String runId, String table, int limit) throws ResultException {
    signals.phaseInterrupting();
    try {
      String shown = "";
      long answered = System.nanoTime();
      while (true) {
        Optional<JsonNode> details = api.get("/api/v1/runs/" + runId);
        Optional<JsonNode> rows =
            api.get("/api/v1/runs/" + runId + "/" + table + "?limit=" + Math.min(limit, 1000));
        if (details.isPresent() && rows.isPresent()) {
          answered = System.nanoTime();
          String text = text(details.get(), rows.get(), table);
          if (!text.equals(shown)) {
            console.redraw(text);
            shown = text;
          }
          if (console.outputFailed()) {
            return Exit.OK; // nobody reads on
          }
          if (done(details.get()) && rows.get().get("missing").isEmpty()) {
            return Exit.OK;
          }
        } else if (System.nanoTime() - answered > WITHOUT_ANSWER.toNanos()) {
          console.error(api.url() + " has not answered for " + WITHOUT_ANSWER.toSeconds() + " s.");
          return Exit.CLUSTER_UNAVAILABLE;
        }
        Thread.sleep(EVERY.toMillis());
      }
    } catch (InterruptedException e) {
      if (signals.first() == 0) {
        Thread.currentThread().interrupt();
      }
      return Exit.signalled(signals.first() == 0 ? 2 : signals.first());
    }
  }

  private static String text(JsonNode details, JsonNode rows, String table) {
    return LiveTables.header(details)
        + LiveTables.missing(rows)
        + "\n"
        + switch (table) {
          case "hot-blocks" -> LiveTables.hotBlocks(rows);
          case "hot-functions" -> LiveTables.hotFunctions(rows);
          default -> LiveTables.plain(rows);
        };
  }

  private static boolean done(JsonNode details) {
    JsonNode lag = details.at("/progress/lag");
    return !details.at("/run/end").isNull() && lag.isNumber() && lag.asLong() == 0;
  }
}
