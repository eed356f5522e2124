// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import io.tracefleet.cli.console.Exit;
import io.tracefleet.cli.console.Printable;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * A wrong command line: one line that says what was wrong, with a suggestion where there is one.
 */
final class UsageErrors implements CommandLine.IParameterExceptionHandler {
  private static final int LINE_LIMIT = 500;

  @Override
  public int handleParseException(ParameterException e, String[] arguments) {
    CommandLine command = e.getCommandLine();
    String problem = e.getMessage().strip().replaceAll("\\s*\\R\\s*", " ");
    StringBuilder line = new StringBuilder(problem);
    if (!problem.endsWith(".") && !problem.endsWith("?")) {
      line.append('.');
    }
    if (e instanceof UnmatchedArgumentException unmatched && !unmatched.getUnmatched().isEmpty()) {
      String suggestion = suggestion(command, unmatched.getUnmatched().get(0));
      if (suggestion != null) {
        line.append(" Did you mean ").append(suggestion).append('?');
      }
    }
    line.append(" See `").append(command.getCommandSpec().qualifiedName()).append(" --help`.");
    command.getErr().println("tracefleet: " + Printable.of(line.toString(), LINE_LIMIT));
    return Exit.USAGE;
  }

  /** The option or command that is typed most alike, or null if none is close. */
  private static String suggestion(CommandLine command, String typed) {
    String word = typed.contains("=") ? typed.substring(0, typed.indexOf('=')) : typed;
    List<String> known = new ArrayList<>(command.getSubcommands().keySet());
    for (OptionSpec option : command.getCommandSpec().options()) {
      known.addAll(List.of(option.names()));
    }
    String best = null;
    int bestDistance = Math.max(1, word.length() / 3) + 1;
    for (String name : known) {
      int distance = distance(word, name);
      if (distance < bestDistance && name.length() > 2) {
        bestDistance = distance;
        best = name;
      }
    }
    return best;
  }

  /** Letters to insert, delete or replace to make one of the other (Levenshtein). */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int above = row[j];
        int same = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(same, Math.min(above, row[j - 1]) + 1);
        diagonal = above;
      }
    }
    return row[b.length()];
  }
}
