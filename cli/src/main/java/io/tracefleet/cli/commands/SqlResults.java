// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tracefleet.cli.console.Printable;
import io.tracefleet.cli.console.TextTable;
import java.io.IOException;
import java.io.Writer;
import java.math.BigDecimal;
import java.sql.Blob;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HexFormat;

/** Writes the rows of an answer. What it holds is a guest's to choose. Stateless. */
final class SqlResults {
  private static final int CELL_LIMIT = 120;
  private static final int BYTES_SHOWN = 32;

  /** DuckDB's type of a sum of long numbers, which JDBC has no number for. */
  private static final String SUM = "HUGEINT";

  private SqlResults() {}

  /**
   * A table of at most so many rows.
   *
   * @return the table, and a line if there were more
   */
  static String table(ResultSet rows, int limit) throws SQLException {
    ResultSetMetaData columns = rows.getMetaData();
    TextTable table = new TextTable();
    for (int i = 1; i <= columns.getColumnCount(); i++) {
      String name = Printable.of(columns.getColumnLabel(i), CELL_LIMIT);
      if (isNumber(columns.getColumnType(i)) || SUM.equals(columns.getColumnTypeName(i))) {
        table.number(name);
      } else {
        table.text(name);
      }
    }
    int count = 0;
    boolean more = false;
    while (rows.next()) {
      if (count++ == limit) {
        more = true;
        break;
      }
      String[] cells = new String[columns.getColumnCount()];
      for (int i = 0; i < cells.length; i++) {
        Object value = rows.getObject(i + 1);
        cells[i] = value == null ? "" : Printable.of(text(value, BYTES_SHOWN), CELL_LIMIT);
      }
      table.row(cells);
    }
    return table.render()
        + (more ? "  and more rows (--limit, --format csv)\n" : count == 0 ? "  no rows\n" : "");
  }

  /** RFC 4180: a header, lines with commas, quotes where they are needed. */
  static void csv(ResultSet rows, Writer out) throws SQLException, IOException {
    ResultSetMetaData columns = rows.getMetaData();
    int count = columns.getColumnCount();
    for (int i = 1; i <= count; i++) {
      out.write((i == 1 ? "" : ",") + quoted(columns.getColumnLabel(i)));
    }
    out.write("\n");
    while (rows.next()) {
      for (int i = 1; i <= count; i++) {
        Object value = rows.getObject(i);
        out.write((i == 1 ? "" : ",") + (value == null ? "" : quoted(text(value, -1))));
      }
      out.write("\n");
    }
  }

  /** An array of objects, one a line. */
  static void json(ResultSet rows, Writer out) throws SQLException, IOException {
    ResultSetMetaData columns = rows.getMetaData();
    ObjectMapper mapper = new ObjectMapper();
    out.write("[");
    String separator = "\n";
    while (rows.next()) {
      out.write(separator);
      separator = ",\n";
      JsonGenerator json =
          mapper.createGenerator(out).disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
      json.writeStartObject();
      for (int i = 1; i <= columns.getColumnCount(); i++) {
        json.writeFieldName(columns.getColumnLabel(i));
        write(json, rows.getObject(i));
      }
      json.writeEndObject();
      json.flush();
    }
    out.write("\n]\n");
  }

  private static void write(JsonGenerator json, Object value) throws SQLException, IOException {
    if (value == null) {
      json.writeNull();
    } else if (value instanceof Boolean truth) {
      json.writeBoolean(truth);
    } else if (value instanceof Double || value instanceof Float) {
      json.writeNumber(((Number) value).doubleValue());
    } else if (value instanceof BigDecimal decimal) {
      json.writeNumber(decimal);
    } else if (value instanceof Number) {
      json.writeNumber(value.toString());
    } else if (value instanceof java.sql.Array array) {
      json.writeStartArray();
      for (Object element : (Object[]) array.getArray()) {
        write(json, element);
      }
      json.writeEndArray();
    } else if (value instanceof java.util.Map<?, ?> map) {
      json.writeStartObject();
      for (java.util.Map.Entry<?, ?> entry : map.entrySet()) {
        json.writeFieldName(entry.getKey().toString());
        write(json, entry.getValue());
      }
      json.writeEndObject();
    } else {
      json.writeString(text(value, -1));
    }
  }

  private static boolean isNumber(int type) {
    return switch (type) {
      case Types.TINYINT,
          Types.SMALLINT,
          Types.INTEGER,
          Types.BIGINT,
          Types.DECIMAL,
          Types.NUMERIC,
          Types.FLOAT,
          Types.REAL,
          Types.DOUBLE ->
          true;
      default -> false;
    };
  }

  /**
   * @param bytesShown of a blob, -1: all
   */
  private static String text(Object value, int bytesShown) throws SQLException {
    if (value instanceof OffsetDateTime time) {
      return time.toInstant().toString();
    }
    if (value instanceof java.sql.Timestamp time) {
      return Instant.ofEpochSecond(time.getTime() / 1000, time.getNanos()).toString();
    }
    if (value instanceof Blob blob) {
      int length = (int) (bytesShown < 0 ? blob.length() : Math.min(bytesShown, blob.length()));
      return HexFormat.of().formatHex(blob.getBytes(1, length))
          + (length < blob.length() ? "… " + blob.length() + " bytes" : "");
    }
    return value.toString();
  }

  private static String quoted(String text) {
    boolean plain = text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
  }
}
