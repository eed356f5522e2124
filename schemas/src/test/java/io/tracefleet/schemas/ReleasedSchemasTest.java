// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import io.confluent.kafka.schemaregistry.CompatibilityChecker;
import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The schemas of now read what every released version wrote, by the same check that the registry
 * makes. The released ones are in {@code src/test/resources/released/VERSION}.
 */
final class ReleasedSchemasTest {
  private static final Path CURRENT = Path.of("src/main/avro");
  private static final Path RELEASED = Path.of("src/test/resources/released");

  static List<Path> releasedFiles() throws IOException {
    try (Stream<Path> files = Files.walk(RELEASED, 2)) {
      return files.filter(file -> file.toString().endsWith(".avsc")).sorted().toList();
    }
  }

  static List<Path> releasedKeyFiles() throws IOException {
    return releasedFiles().stream().filter(file -> file.toString().endsWith("Key.avsc")).toList();
  }

  @ParameterizedTest
  @MethodSource("releasedFiles")
  void readsWhatWasReleased(Path released) throws IOException {
    Path current = CURRENT.resolve(released.getFileName());

    assertThat(current).as("a released schema stays").exists();
    assertThat(backward(schema(current), List.of(schema(released)))).isEmpty();
  }

  /**
   * The bytes of a key carry the schema's id, so a new version of the schema, even one with another
   * comment, would be another key: compaction would keep both, in different partitions.
   */
  @ParameterizedTest
  @MethodSource("releasedKeyFiles")
  void keysNeverChange(Path released) throws IOException {
    assertThat(schema(CURRENT.resolve(released.getFileName())).canonicalString())
        .isEqualTo(schema(released).canonicalString());
  }

  @Test
  void everyReleaseHoldsEverySchemaThatItWrote() throws IOException {
    List<String> releases;
    try (Stream<Path> directories = Files.list(RELEASED)) {
      releases = directories.map(directory -> directory.getFileName().toString()).sorted().toList();
    }

    assertThat(releases).contains("0.1.0");
    assertThat(releasedFiles()).hasSizeGreaterThanOrEqualTo(16 * releases.size());
  }

  @Test
  void aNewFieldWithoutADefaultIsCaught() {
    Schema released = SchemaBuilder.record("R").fields().requiredLong("a").endRecord();
    Schema changed =
        SchemaBuilder.record("R").fields().requiredLong("a").requiredLong("b").endRecord();

    assertThat(backward(new AvroSchema(changed), List.of(new AvroSchema(released))))
        .anySatisfy(message -> assertThat(message).contains("READER_FIELD_MISSING_DEFAULT_VALUE"));
  }

  @Test
  void anotherTypeOfAFieldIsCaughtInARealSchema() throws IOException {
    AvroSchema released = schema(RELEASED.resolve("0.1.0/TraceBatch.avsc"));
    String bytes = "\"name\":\"payload\",\"type\":\"bytes\"";
    String number = "\"name\":\"payload\",\"type\":\"long\"";
    AvroSchema changed = new AvroSchema(released.canonicalString().replace(bytes, number));

    assertThat(changed).isNotEqualTo(released);
    assertThat(backward(changed, List.of(released)))
        .anySatisfy(message -> assertThat(message).contains("TYPE_MISMATCH"));
  }

  @Test
  void anIncompatibilityWithAnOlderThanTheLastReleaseIsCaught() {
    Schema first = SchemaBuilder.record("R").fields().requiredLong("a").endRecord();
    Schema second =
        SchemaBuilder.record("R").fields().requiredLong("a").optionalLong("b").endRecord();
    Schema third =
        SchemaBuilder.record("R").fields().requiredLong("a").requiredLong("b").endRecord();

    assertThat(
            backward(new AvroSchema(third), List.of(new AvroSchema(first), new AvroSchema(second))))
        .isNotEmpty();
  }

  private static List<String> backward(AvroSchema current, List<AvroSchema> released) {
    return new ArrayList<>(
        CompatibilityChecker.BACKWARD_TRANSITIVE_CHECKER.isCompatible(current, released));
  }

  private static AvroSchema schema(Path file) throws IOException {
    return new AvroSchema(Files.readString(file, StandardCharsets.UTF_8));
  }
}
