// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import com.fasterxml.jackson.databind.JsonNode;
import io.tracefleet.cli.console.Console;
import io.tracefleet.cli.console.Exit;
import io.tracefleet.cli.console.Signals;
import io.tracefleet.cli.report.LiveApi;
import io.tracefleet.cli.report.ResultException;
import java.time.Duration;
import java.util.Optional;

/** Shows a table again and again. */
final class Following {
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
   * Returns when all there will be is shown, or a signal came.
   *
   * @return exit code
   */
  int follow(Followed what) throws ResultException {
    signals.phaseInterrupting();
    try {
      String shown = "";
      long answered = System.nanoTime();
      while (true) {
        Optional<JsonNode> details = api.get(what.details());
        Optional<JsonNode> rows = api.get(what.rows());
        if (details.isPresent() && rows.isPresent()) {
          answered = System.nanoTime();
          String text = what.text().apply(details.get(), rows.get());
          if (!text.equals(shown)) {
            console.redraw(text);
            shown = text;
          }
          if (console.outputFailed()) {
            return Exit.OK; // nobody reads on
          }
          if (what.done().test(details.get()) && rows.get().get("missing").isEmpty()) {
            return Exit.OK;
          }
        } else if (System.nanoTime() - answered > WITHOUT_ANSWER.toNanos()) {
          console.error(api.url() + " has not answered for " + WITHOUT_ANSWER.toSeconds() + " s.");
          return Exit.CLUSTER_UNAVAILABLE;
        }
        Thread.sleep(what.every().toMillis());
      }
    } catch (InterruptedException e) {
      if (signals.first() == 0) {
        Thread.currentThread().interrupt();
      }
      return Exit.signalled(signals.first() == 0 ? 2 : signals.first());
    }
  }
}
