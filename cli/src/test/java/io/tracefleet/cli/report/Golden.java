// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.report;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Expected texts, kept as files. */
final class Golden {
  private Golden() {}

  static String read(String name) throws IOException {
    try (InputStream stream = Golden.class.getResourceAsStream(name)) {
      if (stream == null) {
        throw new IOException("no golden file " + name);
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
