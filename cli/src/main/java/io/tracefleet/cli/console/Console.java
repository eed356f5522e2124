// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.console;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The terminal. Messages go to standard error, one line each, with the program's name in front;
 * results go to standard output. A progress line overwrites itself on a terminal and is a plain
 * line, at most every few seconds, elsewhere.
 */
public final class Console {
  private static final long PLAIN_PROGRESS_NANOS = 5_000_000_000L;
  private static final String CLEAR_LINE = "\r\033[K";
  private static final String CLEAR_SCREEN = "\033[H\033[2J";

  private final PrintStream out;
  private final PrintStream err;
  private final boolean quiet;
  private final boolean errorTerminal;
  private final boolean colour;
  private final boolean screen;
  private boolean progressShown;
  private long lastPlainProgress;

  /**
   * @param out results
   * @param err messages
   * @param quiet true: neither messages nor progress, only errors
   * @param errorTerminal true: {@code err} is a terminal, so that lines can be overwritten
   * @param colour true: results may be coloured
   * @param screen true: {@code out} is a terminal that can be cleared
   */
  public Console(
      PrintStream out,
      PrintStream err,
      boolean quiet,
      boolean errorTerminal,
      boolean colour,
      boolean screen) {
    this.out = out;
    this.err = err;
    this.quiet = quiet;
    this.errorTerminal = errorTerminal;
    this.colour = colour;
    this.screen = screen;
    this.lastPlainProgress = System.nanoTime();
  }

  /** The process's own streams; colours only on a terminal, and never where NO_COLOR is set. */
  public static Console system(boolean quiet, Map<String, String> environment) {
    boolean screen = isTerminal(1) && !"dumb".equals(environment.get("TERM"));
    boolean colour = screen && environment.getOrDefault("NO_COLOR", "").isEmpty();
    return new Console(
        stream(FileDescriptor.out),
        stream(FileDescriptor.err),
        quiet,
        isTerminal(2),
        colour,
        screen);
  }

  private static PrintStream stream(FileDescriptor descriptor) {
    // UTF-8 whatever the locale says, and tables written in one piece.
    return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
  }

  private static boolean isTerminal(int descriptor) {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  /** Results may be coloured. */
  public boolean colour() {
    return colour;
  }

  /** A result, as it is; ends with a newline of its own. */
  public synchronized void result(String text) {
    clearProgress();
    out.print(text);
    out.flush();
  }

  /**
   * A result that takes the place of the one before: on a terminal it is drawn from the top, else
   * it follows.
   */
  public synchronized void redraw(String text) {
    result(screen ? CLEAR_SCREEN + text : text + "\n");
  }

  /** True if standard output could not be written, for example because its reader went away. */
  public boolean outputFailed() {
    return out.checkError();
  }

  /** A message for the user; dropped when quiet. */
  public synchronized void info(String line) {
    if (!quiet) {
      clearProgress();
      err.println("tracefleet: " + line);
    }
  }

  /** A message that is shown even when quiet. */
  public synchronized void error(String line) {
    clearProgress();
    err.println("tracefleet: " + line);
  }

  /** What goes on right now; replaces the progress line before it. */
  public synchronized void progress(String line) {
    if (quiet) {
      return;
    }
    if (errorTerminal) {
      err.print(CLEAR_LINE + "tracefleet: " + line);
      err.flush();
      progressShown = true;
      return;
    }
    long now = System.nanoTime();
    if (now - lastPlainProgress >= PLAIN_PROGRESS_NANOS) {
      lastPlainProgress = now;
      err.println("tracefleet: " + line);
    }
  }

  /** Takes the progress line away. */
  public synchronized void clearProgress() {
    if (progressShown) {
      err.print(CLEAR_LINE);
      err.flush();
      progressShown = false;
    }
  }
}
