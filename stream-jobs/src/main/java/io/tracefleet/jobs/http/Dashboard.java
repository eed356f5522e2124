// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.http;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;

/** The page's files, from the class path under {@code /dashboard/}. */
final class Dashboard {
  private static final String ROOT = "/dashboard/";
  private static final String INDEX = "index.html";

  /** Nothing else is served. */
  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "svg", "image/svg+xml",
          "png", "image/png",
          "ico", "image/x-icon",
          "woff2", "font/woff2",
          "json", "application/json",
          "webmanifest", "application/manifest+json",
          "txt", "text/plain; charset=utf-8");

  private Dashboard() {}

  /** A file. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Asset(String type, byte[] bytes) {}

  /**
   * The file for a path of the URL; a path without an extension is the page itself, which knows its
   * own places.
   */
  static Optional<Asset> find(String path) throws IOException {
    String name = path.substring(1);
    int dot = name.lastIndexOf('.');
    if (dot <= name.lastIndexOf('/')) {
      name = INDEX;
      dot = name.lastIndexOf('.');
    }
    String type = TYPES.get(name.substring(dot + 1));
    if (type == null || !name.matches("[A-Za-z0-9_-]+([./][A-Za-z0-9_-]+)*")) {
      return Optional.empty();
    }
    try (InputStream file = Dashboard.class.getResourceAsStream(ROOT + name)) {
      return file == null ? Optional.empty() : Optional.of(new Asset(type, file.readAllBytes()));
    }
  }
}
