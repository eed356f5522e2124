// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.symbols;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Source lines of one file with debug information, by binutils' addr2line where it is installed: a
 * process of its own, so that a file made to break it cannot break the node.
 */
final class SourceLines implements AutoCloseable {
  /** For all addresses of one file. */
  private static final Duration MOST = Duration.ofSeconds(20);

  private static final int FILE_MOST = 1023;

  private final Path file;
  private final Tools tools;
  private final TimeBudget budget;
  private Optional<Path> program;
  private AskedTool tool;

  SourceLines(Path file, Tools tools) {
    this.file = file;
    this.tools = tools;
    this.budget = new TimeBudget(MOST, tools.lines());
    this.program = AskedTool.find("addr2line");
  }

  /**
   * @param address as the file is linked
   * @return null if it is not known
   */
  SourceLine at(long address) {
    if (program.isEmpty()) {
      return null;
    }
    try {
      if (tool == null) {
        tool =
            AskedTool.start(
                List.of(program.get().toString(), "-e", file.toAbsolutePath().toString()), budget);
      }
      return parse(tool.ask("0x" + Long.toHexString(address)));
    } catch (IOException e) {
      tools
          .warnings()
          .accept(
              "source lines of "
                  + Names.printable(file)
                  + " are given up: addr2line: "
                  + e.getMessage());
      close();
      program = Optional.empty();
      return null;
    }
  }

  /** FILE:LINE, with ? for what is not known, and possibly a remark in brackets. */
  static SourceLine parse(String answer) {
    int remark = answer.lastIndexOf(" (discriminator ");
    String place = remark < 0 ? answer : answer.substring(0, remark);
    int colon = place.lastIndexOf(':');
    if (colon <= 0 || place.startsWith("??")) {
      return null;
    }
    String name = place.substring(0, Math.min(colon, FILE_MOST));
    try {
      int line = Integer.parseInt(place.substring(colon + 1));
      return new SourceLine(name, line > 0 ? line : null);
    } catch (NumberFormatException e) {
      return new SourceLine(name, null);
    }
  }

  @Override
  public void close() {
    if (tool != null) {
      tool.close();
      tool = null;
    }
  }
}
