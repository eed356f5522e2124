// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParser;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every schema in {@code src/main/avro}. */
final class SchemaFilesTest {
  private static final Set<String> TIME_WORDS = Set.of("start", "end", "at", "time", "timestamp");

  static List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("src/main/avro"))) {
      return files.filter(file -> file.toString().endsWith(".avsc")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void theFileIsNamedAfterItsRecord(Path file) throws IOException {
    Schema schema = parse(file);

    assertThat(schema.getFullName() + ".avsc")
        .isEqualTo("io.tracefleet.schemas." + file.getFileName());
  }

  @ParameterizedTest
  @MethodSource("files")
  void everyRecordAndFieldSaysWhatItIs(Path file) throws IOException {
    List<String> undocumented = new ArrayList<>();
    for (Schema record : records(parse(file))) {
      if (!isSentence(record.getDoc())) {
        undocumented.add(record.getFullName());
      }
      for (Schema.Field field : record.getFields()) {
        if (!isSentence(field.doc())) {
          undocumented.add(record.getFullName() + "." + field.name());
        }
      }
    }

    assertThat(undocumented).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("files")
  void everyTimeIsInMicroseconds(Path file) throws IOException {
    List<String> wrong = new ArrayList<>();
    for (Schema record : records(parse(file))) {
      for (Schema.Field field : record.getFields()) {
        Schema type = withoutNull(field.schema());
        boolean micros = LogicalTypes.timestampMicros().equals(type.getLogicalType());
        boolean otherLogicalType = type.getLogicalType() != null && !micros;
        boolean namedLikeATime = isNamedLikeATime(field.name()) && !isAddress(record, field);
        if (otherLogicalType || (namedLikeATime && !micros)) {
          wrong.add(record.getFullName() + "." + field.name());
        }
      }
    }

    assertThat(wrong).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("files")
  void aFieldThatMayBeNullIsNullByDefault(Path file) throws IOException {
    List<String> wrong = new ArrayList<>();
    for (Schema record : records(parse(file))) {
      for (Schema.Field field : record.getFields()) {
        if (field.schema().isNullable() && !field.hasDefaultValue()) {
          wrong.add(record.getFullName() + "." + field.name());
        }
      }
    }

    assertThat(wrong).isEmpty();
  }

  private static boolean isSentence(String doc) {
    return doc != null && doc.strip().length() > 3 && doc.strip().endsWith(".");
  }

  private static boolean isNamedLikeATime(String name) {
    String lastWord = name.replaceAll(".*(?=[A-Z])", "").toLowerCase(Locale.ROOT);
    return TIME_WORDS.contains(lastWord);
  }

  /** The two fields of a range of addresses are begin and end, too. */
  private static boolean isAddress(Schema record, Schema.Field field) {
    return record.getName().equals("AddressRange") && field.name().equals("end");
  }

  private static Schema withoutNull(Schema schema) {
    if (!schema.isUnion()) {
      return schema;
    }
    return schema.getTypes().stream()
        .filter(type -> type.getType() != Schema.Type.NULL)
        .findFirst()
        .orElseThrow();
  }

  private static Schema parse(Path file) throws IOException {
    return new SchemaParser().parse(file).mainSchema();
  }

  /** The record and all records within it. */
  private static List<Schema> records(Schema schema) {
    List<Schema> records = new ArrayList<>();
    collect(schema, records, new HashSet<>());
    return records;
  }

  private static void collect(Schema schema, List<Schema> records, Set<String> seen) {
    switch (schema.getType()) {
      case RECORD -> {
        if (seen.add(schema.getFullName())) {
          records.add(schema);
          schema.getFields().forEach(field -> collect(field.schema(), records, seen));
        }
      }
      case ARRAY -> collect(schema.getElementType(), records, seen);
      case MAP -> collect(schema.getValueType(), records, seen);
      case UNION -> schema.getTypes().forEach(type -> collect(type, records, seen));
      default -> {
        // Nothing within.
      }
    }
  }
}
