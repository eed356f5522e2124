// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ModuleRulesTest {
  private static final Path CLASSES = Path.of("target/classes/io/tracefleet/schemas");

  @TempDir Path directory;

  @Test
  void thisModuleKeepsItsRules() throws IOException {
    assertThat(ModuleRules.ofThisModule().violations()).isEmpty();
  }

  @Test
  void aPackageThatNobodyDeclaredIsNamedWithItsLine() throws IOException {
    ModuleRules rules = rules("io.tracefleet.schemas: org.apache.avro..");

    assertThat(rules.violations())
        .anySatisfy(
            line ->
                assertThat(line)
                    .contains("io.tracefleet.schemas.topics is not in")
                    .contains("io.tracefleet.schemas.topics: io.tracefleet.schemas "));
  }

  @Test
  void aUseThatNobodyDeclaredIsNamed() throws IOException {
    ModuleRules rules =
        rules(
            """
            io.tracefleet.schemas: org.apache.avro..
            io.tracefleet.schemas.serde: org.apache.avro.. org.slf4j.. io.confluent..
            """);

    assertThat(rules.violations())
        .anySatisfy(
            line ->
                assertThat(line)
                    .contains("io.tracefleet.schemas.serde uses org.apache.kafka.common.serial"));
  }

  @Test
  void aUseOfALaterPackageIsNamed() throws IOException {
    ModuleRules rules =
        rules(
            """
            # topics use the serdes, so they come later
            io.tracefleet.schemas.topics: io.tracefleet.schemas.serde
            io.tracefleet.schemas.serde: org.apache.kafka..
            """);

    assertThat(rules.violations())
        .anySatisfy(
            line ->
                assertThat(line)
                    .contains("io.tracefleet.schemas.topics may use io.tracefleet.schemas.serde")
                    .contains("not above it"));
  }

  @Test
  void aDeclarationWithoutUseIsNamed() throws IOException {
    ModuleRules rules =
        rules(
            """
            io.tracefleet.schemas: org.apache.avro.. org.apache.kafka..
            io.tracefleet.nowhere:
            """);

    assertThat(rules.violations())
        .anySatisfy(line -> assertThat(line).contains("io.tracefleet.schemas may use org.apache.k"))
        .anySatisfy(
            line -> assertThat(line).contains("io.tracefleet.nowhere").contains("no class"));
  }

  @Test
  void aSourceWithoutLicenceAndAPackageWithoutInfoAreNamed() throws IOException {
    Path source = Files.createDirectories(directory.resolve("sources/a")).resolve("A.java");
    Files.writeString(source, "package a;\n");

    assertThat(rules("").violations())
        .anySatisfy(line -> assertThat(line).contains("A.java does not begin with"))
        .anySatisfy(line -> assertThat(line).endsWith("a has no package-info.java"));
  }

  private ModuleRules rules(String graph) throws IOException {
    Path sources = Files.createDirectories(directory.resolve("sources"));
    Path file = Files.writeString(directory.resolve("package-graph.txt"), graph);
    return new ModuleRules(CLASSES, sources, file);
  }
}
