// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import io.tracefleet.cli.cluster.ClusterSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;

/**
 * Where the program's own files are.
 *
 * @param registryHome directory of the unpacked schema registry
 * @param guests directory of the demo's own guests, if the launcher said so
 * @param linux directory of the demo's Linux kernel and initramfs, if the launcher said so
 * @param version the program's version
 */
record Installation(
    Path registryHome, Optional<Path> guests, Optional<Path> linux, String version) {
  static final String GUESTS_PROPERTY = "tracefleet.guests";
  static final String LINUX_PROPERTY = "tracefleet.linux";

  /** By system properties that the launcher sets, else beside the program's jar or classes. */
  static Installation find() {
    String home = System.getProperty(ClusterSettings.REGISTRY_HOME_PROPERTY);
    return new Installation(
        home == null ? besideClasses("registry") : Path.of(home),
        Optional.ofNullable(System.getProperty(GUESTS_PROPERTY)).map(Path::of),
        Optional.ofNullable(System.getProperty(LINUX_PROPERTY)).map(Path::of),
        readVersion());
  }

  private static Path besideClasses(String name) {
    try {
      return Path.of(Installation.class.getProtectionDomain().getCodeSource().getLocation().toURI())
          .resolveSibling(name);
    } catch (URISyntaxException e) {
      return Path.of(name);
    }
  }

  private static String readVersion() {
    try (InputStream stream = Installation.class.getResourceAsStream("version.properties")) {
      Properties properties = new Properties();
      properties.load(stream);
      return properties.getProperty("version");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
