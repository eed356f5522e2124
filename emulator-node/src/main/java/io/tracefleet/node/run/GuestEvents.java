// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.run;

import io.tracefleet.node.config.GuestSpec;
import io.tracefleet.schemas.Run;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Counts what a listener hears and passes it on. Safe for several threads. */
final class GuestEvents implements NodeListener {
  /** How runs end, see the schema of runs. */
  static final List<String> END_REASONS = List.of("exit", "signal", "killed", "exec", "detached");

  private final NodeListener listener;
  private final LongAdder guestsStarted = new LongAdder();
  private final LongAdder guestsGood = new LongAdder();
  private final LongAdder guestsFailed = new LongAdder();
  private final LongAdder runsStarted = new LongAdder();
  private final Map<String, LongAdder> runsEnded = new LinkedHashMap<>();
  private final LongAdder warnings = new LongAdder();

  GuestEvents(NodeListener listener) {
    this.listener = listener;
    END_REASONS.forEach(reason -> runsEnded.put(reason, new LongAdder()));
  }

  @Override
  public void guestStarted(GuestSpec guest, String rootRunId, long pid) {
    guestsStarted.increment();
    listener.guestStarted(guest, rootRunId, pid);
  }

  @Override
  public void runStarted(Run run) {
    runsStarted.increment();
    listener.runStarted(run);
  }

  @Override
  public void runEnded(Run run) {
    LongAdder reason = runsEnded.get(run.getEndReason());
    if (reason != null) {
      reason.increment();
    }
    listener.runEnded(run);
  }

  @Override
  public void guestEnded(TraceOutcome outcome) {
    boolean good = outcome.exitCode() == 0 && outcome.problems().isEmpty();
    (good ? guestsGood : guestsFailed).increment();
    listener.guestEnded(outcome);
  }

  @Override
  public void warning(String line) {
    warnings.increment();
    listener.warning(line);
  }

  long guestsStarted() {
    return guestsStarted.sum();
  }

  /** Exit code 0 and a whole trace. */
  long guestsGood() {
    return guestsGood.sum();
  }

  long guestsFailed() {
    return guestsFailed.sum();
  }

  long runsStarted() {
    return runsStarted.sum();
  }

  long runsEnded(String reason) {
    return runsEnded.get(reason).sum();
  }

  long warnings() {
    return warnings.sum();
  }
}
