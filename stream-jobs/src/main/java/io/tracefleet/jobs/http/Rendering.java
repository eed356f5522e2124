// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.http;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tracefleet.jobs.answers.Answered;
import java.io.BufferedWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Answers as JSON and as CSV after RFC 4180. */
final class Rendering {
  private static final ObjectMapper MAPPER = JsonMapper.builder().build();

  /** Spreadsheets take a cell that begins so for a formula. */
  private static final String FORMULA = "=+-@\t\r";

  private static final int BUFFER = 16 << 10;

  private Rendering() {}

  static byte[] json(Answered answer) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(4096);
    try (JsonGenerator out = MAPPER.getFactory().createGenerator(bytes)) {
      out.writeStartObject();
      if (answer.page() != null) {
        out.writeFieldName("rows");
        MAPPER.writeValue(out, answer.rows());
      }
      for (Map.Entry<String, Object> value : answer.further().entrySet()) {
        out.writeFieldName(value.getKey());
        MAPPER.writeValue(out, value.getValue());
      }
      if (answer.page() != null) {
        out.writeNumberField("total", answer.total());
        out.writeNumberField("offset", answer.page().offset());
        out.writeNumberField("limit", answer.page().limit());
      }
      out.writeFieldName("missing");
      MAPPER.writeValue(out, answer.missing());
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot happen in memory", e);
    }
    return bytes.toByteArray();
  }

  static byte[] json(Object value) {
    try {
      return MAPPER.writeValueAsBytes(value);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot happen in memory", e);
    }
  }

  static byte[] csv(Answered answer) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(4096);
    try {
      csv(answer, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot happen in memory", e);
    }
    return bytes.toByteArray();
  }

  /** Writes row by row, so that all rows are never in memory at once. */
  static void csv(Answered answer, OutputStream out) throws IOException {
    Writer writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8), BUFFER);
    writer.append(String.join(",", answer.columns())).append("\r\n");
    for (Map<String, Object> row : answer.rows()) {
      StringBuilder line = new StringBuilder();
      String separator = "";
      for (String column : answer.columns()) {
        line.append(separator);
        cell(line, row.get(column));
        separator = ",";
      }
      writer.append(line).append("\r\n");
    }
    writer.flush();
  }

  private static void cell(StringBuilder out, Object value) {
    if (value == null) {
      return;
    }
    if (value instanceof Number || value instanceof Boolean) {
      out.append(value);
      return;
    }
    String text = text(value);
    if (!text.isEmpty() && FORMULA.indexOf(text.charAt(0)) >= 0) {
      text = "'" + text;
    }
    boolean quoted =
        text.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r')
            || text.startsWith(" ")
            || text.endsWith(" ");
    out.append(quoted ? '"' + text.replace("\"", "\"\"") + '"' : text);
  }

  private static String text(Object value) {
    if (value instanceof List<?> list) {
      return list.stream()
          .map(
              one ->
                  one instanceof Map<?, ?> instruction && instruction.containsKey("text")
                      ? String.valueOf(instruction.get("text"))
                      : String.valueOf(one))
          .collect(Collectors.joining(list.stream().anyMatch(Map.class::isInstance) ? "; " : " "));
    }
    if (value instanceof Map<?, ?> map) {
      return map.entrySet().stream()
          .map(entry -> entry.getKey() + "=" + entry.getValue())
          .collect(Collectors.joining("; "));
    }
    return value.toString();
  }
}
