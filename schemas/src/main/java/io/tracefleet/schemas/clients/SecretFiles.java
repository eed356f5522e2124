// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.schemas.clients;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigData;
import org.apache.kafka.common.config.ConfigTransformer;
import org.apache.kafka.common.config.provider.ConfigProvider;
import org.apache.kafka.common.config.provider.DirectoryConfigProvider;
import org.apache.kafka.common.config.provider.FileConfigProvider;

/**
 * Puts what files hold in the place of {@code ${file:PROPERTIES-FILE:KEY}} and {@code
 * ${dir:DIRECTORY:FILE}}, as Kafka's own providers do. Everything is resolved once, at start, so
 * that a missing secret is one line then and not a stack trace later.
 */
final class SecretFiles {
  private static final Pattern REFERENCE = Pattern.compile("\\$\\{(file|dir):([^}]*)}");

  private SecretFiles() {}

  /** True if all that is secret in this value is somewhere else. */
  static boolean isReference(String value) {
    return REFERENCE.matcher(value).find();
  }

  /**
   * The same settings with their secrets.
   *
   * @throws IllegalArgumentException if one is not there: one line that names the setting and the
   *     reference
   */
  static Map<String, String> resolve(String where, Map<String, String> settings) {
    Map<String, String> resolved = new TreeMap<>();
    try (ConfigProvider files = new FileConfigProvider();
        ConfigProvider directories = new WholeFiles()) {
      files.configure(Map.of());
      directories.configure(Map.of());
      ConfigTransformer transformer =
          new ConfigTransformer(Map.of("file", files, "dir", directories));
      for (Map.Entry<String, String> setting : settings.entrySet()) {
        Matcher reference = REFERENCE.matcher(setting.getValue());
        while (reference.find()) {
          checkReadable(where, setting.getKey(), reference.group());
        }
        String value =
            transformer
                .transform(Map.of(setting.getKey(), setting.getValue()))
                .data()
                .get(setting.getKey());
        // What was not found stays as it was written. A secret may itself look like a reference.
        reference.reset();
        while (reference.find()) {
          if (value.contains(reference.group())) {
            throw missing(where, setting.getKey(), reference.group(), "it has no such entry");
          }
        }
        resolved.put(setting.getKey(), value);
      }
    } catch (IOException e) {
      throw new IllegalArgumentException(where + ": " + e.getMessage(), e);
    }
    return resolved;
  }

  private static void checkReadable(String where, String key, String reference) {
    String[] parts = reference.substring(2, reference.length() - 1).split(":", 3);
    if (parts.length < 3 || parts[1].isEmpty() || parts[2].isEmpty()) {
      throw missing(where, key, reference, "expected ${file:FILE:KEY} or ${dir:DIRECTORY:FILE}");
    }
    try {
      Path path = Path.of(parts[1]);
      Path file = parts[0].equals("dir") ? path.resolve(parts[2]) : path;
      if (!Files.isRegularFile(file)) {
        throw missing(where, key, reference, "there is no such file");
      }
      if (!Files.isReadable(file)) {
        throw missing(where, key, reference, "this user may not read it");
      }
    } catch (InvalidPathException e) {
      throw missing(where, key, reference, "that is no path");
    }
  }

  private static IllegalArgumentException missing(
      String where, String key, String reference, String why) {
    return new IllegalArgumentException(
        "%s: %s: %s cannot be read: %s.".formatted(where, key, reference, why));
  }

  /** Without the line end that an editor or echo put at the end of a file. */
  private static final class WholeFiles implements ConfigProvider {
    private final DirectoryConfigProvider directories = new DirectoryConfigProvider();

    @Override
    public ConfigData get(String path) {
      return stripped(directories.get(path));
    }

    @Override
    public ConfigData get(String path, Set<String> keys) {
      return stripped(directories.get(path, keys));
    }

    private static ConfigData stripped(ConfigData read) {
      Map<String, String> data = new HashMap<>();
      read.data().forEach((file, text) -> data.put(file, text.replaceFirst("\\R\\z", "")));
      return new ConfigData(data, read.ttl());
    }

    @Override
    public void configure(Map<String, ?> settings) {
      directories.configure(settings);
    }

    @Override
    public void close() throws IOException {
      directories.close();
    }
  }
}
