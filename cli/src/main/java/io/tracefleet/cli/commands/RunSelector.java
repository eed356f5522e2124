// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import io.tracefleet.cli.console.CommandException;
import io.tracefleet.cli.console.Exit;
import io.tracefleet.schemas.Run;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Finds the run that the user means. Stateless. */
final class RunSelector {
  private static final int SHOWN = 3;

  private RunSelector() {}

  /**
   * @param runs by start
   * @param wanted a run id, its unique beginning or end, or a guest's name (its latest root run);
   *     null: the latest root run
   */
  static Run select(List<Run> runs, String wanted) throws CommandException {
    if (runs.isEmpty()) {
      throw new CommandException(
          Exit.NOT_THERE, "This cluster has no runs yet: trace a guest with `tracefleet trace`.");
    }
    if (wanted == null) {
      return latestRoot(runs, null);
    }
    List<Run> found = new ArrayList<>();
    for (Run run : runs) {
      if (run.getRunId().equals(wanted)) {
        return run;
      }
      if (run.getRunId().startsWith(wanted) || run.getRunId().endsWith(wanted)) {
        found.add(run);
      }
    }
    if (found.size() == 1) {
      return found.get(0);
    }
    Run named = latestRoot(runs, wanted);
    if (named != null) {
      return named;
    }
    if (found.isEmpty()) {
      throw new CommandException(
          Exit.NOT_THERE,
          "No run \"" + wanted + "\": give a run id or a guest's name, see `tracefleet runs`.");
    }
    throw new CommandException(
        Exit.NOT_THERE,
        "\""
            + wanted
            + "\" fits "
            + found.size()
            + " runs ("
            + String.join(
                ", ",
                found.subList(0, Math.min(SHOWN, found.size())).stream()
                    .map(Run::getRunId)
                    .toList())
            + (found.size() > SHOWN ? ", ..." : "")
            + "): give more of the id.");
  }

  /** The run and all that were forked from it, by start. */
  static List<Run> withDescendants(List<Run> runs, Run root) {
    Set<String> wanted = new HashSet<>();
    wanted.add(root.getRunId());
    List<Run> found = new ArrayList<>();
    found.add(root);
    boolean grown = true;
    while (grown) {
      grown = false;
      for (Run run : runs) {
        if (run.getParentRunId() != null
            && wanted.contains(run.getParentRunId())
            && wanted.add(run.getRunId())) {
          found.add(run);
          grown = true;
        }
      }
    }
    return found;
  }

  private static Run latestRoot(List<Run> runs, String name) {
    Run latest = null;
    for (Run run : runs) {
      if (run.getParentRunId() == null && (name == null || name.equals(run.getName()))) {
        latest = run;
      }
    }
    return latest;
  }
}
