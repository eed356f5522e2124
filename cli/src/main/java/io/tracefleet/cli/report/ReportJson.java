// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Writes reports and their parts as JSON in UTF-8. Safe for use by several threads. */
public final class ReportJson {
  private final ObjectWriter writer;

  public ReportJson() {
    ObjectMapper mapper = JsonMapper.builder().build();
    this.writer = mapper.writerWithDefaultPrettyPrinter();
  }

  /** A report, a list of its rows, or another record, with a newline at the end. */
  public String text(Object part) {
    try {
      return writer.writeValueAsString(part) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not a part of a report: " + part.getClass(), e);
    }
  }

  /** Writes a file in one step: readers see the old one or the whole new one. */
  public void write(Path file, Object part) throws IOException {
    Path target = file.toAbsolutePath();
    if (Files.exists(target) && !Files.isRegularFile(target)) {
      writer.writeValue(target.toFile(), part); // a device or pipe, such as /dev/stdout
      return;
    }
    Path temporary =
        target.resolveSibling("." + target.getFileName() + "." + ProcessHandle.current().pid());
    try {
      writer.writeValue(temporary.toFile(), part);
      Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
