// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.symbols;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** C++ and Rust names as their programmers wrote them, by c++filt where it is installed. */
final class Demangler implements AutoCloseable {
  private static final Duration MOST = Duration.ofSeconds(20);
  private static final int KNOWN_MOST = 10_000;

  private final Map<String, String> known =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
          return size() > KNOWN_MOST;
        }
      };
  private Optional<Path> program = AskedTool.find("c++filt");
  private AskedTool tool;

  /** The name itself if it is not a mangled one or there is no tool. */
  String demangle(String name) {
    if (program.isEmpty() || !isMangled(name)) {
      return name;
    }
    String before = known.get(name);
    if (before != null) {
      return before;
    }
    try {
      if (tool == null) {
        tool = AskedTool.start(List.of(program.get().toString()), new TimeBudget(MOST, null));
      }
      String after = SymbolTable.bounded(tool.ask(name));
      known.put(name, after);
      return after;
    } catch (IOException e) {
      // Mangled names are names too.
      close();
      program = Optional.empty();
      return name;
    }
  }

  private static boolean isMangled(String name) {
    return (name.startsWith("_Z") || name.startsWith("_R"))
        && name.chars()
            .allMatch(
                c ->
                    c >= '0' && c <= '9'
                        || c >= 'a' && c <= 'z'
                        || c >= 'A' && c <= 'Z'
                        || c == '_'
                        || c == '.'
                        || c == '$');
  }

  @Override
  public void close() {
    if (tool != null) {
      tool.close();
      tool = null;
    }
  }
}
