// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.run;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version of this build, plugin and node alike. */
final class PluginVersion {
  private PluginVersion() {}

  static String get() {
    try (InputStream stream = PluginVersion.class.getResourceAsStream("version.properties")) {
      Properties properties = new Properties();
      properties.load(stream);
      return properties.getProperty("version");
    } catch (IOException e) {
      throw new UncheckedIOException("version.properties cannot be read", e);
    }
  }
}
