// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.config;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where {@code libtracefleet.so} is: a system property, an environment variable, or near this
 * class.
 */
final class PluginLibrary {
  static final String PROPERTY = "tracefleet.plugin";
  static final String VARIABLE = "TRACEFLEET_PLUGIN";
  private static final String FILE = "libtracefleet.so";

  private PluginLibrary() {}

  static Path locate() {
    return Stream.of(System.getProperty(PROPERTY), System.getenv(VARIABLE))
        .filter(value -> value != null && !value.isBlank())
        .findFirst()
        .map(Path::of)
        .or(PluginLibrary::installed)
        .orElse(Path.of(FILE));
  }

  /**
   * Beside the jar, or in a build tree beside the classes. The first that exists, else the first.
   */
  private static Optional<Path> installed() {
    CodeSource source = PluginLibrary.class.getProtectionDomain().getCodeSource();
    if (source == null) {
      return Optional.empty();
    }
    try {
      Path directory = Path.of(source.getLocation().toURI()).toAbsolutePath().getParent();
      List<Path> candidates =
          Stream.of(
                  ".",
                  "plugin",
                  "../plugin",
                  "../emulator-node/target/plugin",
                  "../../emulator-node/target/plugin")
              .map(relative -> directory.resolve(relative).resolve(FILE).normalize())
              .toList();
      return candidates.stream()
          .filter(Files::isRegularFile)
          .findFirst()
          .or(() -> candidates.stream().findFirst());
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }
}
