// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * One overlay as {@code kubectl kustomize} renders it, without any cluster; {@code NAME+COMPONENT}
 * with a component that is behind a {@code #} there.
 */
final class Overlay {
  static final Path ROOT = Path.of("").toAbsolutePath();
  private static final Map<String, Overlay> RENDERED = new HashMap<>();

  final String name;
  final List<JsonNode> objects;

  private Overlay(String name, List<JsonNode> objects) {
    this.name = name;
    this.objects = objects;
  }

  static List<String> names() {
    return List.of(
        "dev",
        "production",
        "production+guest-batch",
        "production-external",
        "production-external+guest-batch");
  }

  static synchronized Overlay of(String name) throws IOException, InterruptedException {
    Overlay known = RENDERED.get(name);
    if (known == null) {
      known = new Overlay(name, render(name));
      RENDERED.put(name, known);
    }
    return known;
  }

  private static List<JsonNode> render(String name) throws IOException, InterruptedException {
    Optional<Path> kubectl = Programs.find("kubectl");
    Assumptions.assumeTrue(
        kubectl.isPresent(),
        "no kubectl on PATH, so the manifests cannot be rendered: install it to have them checked");
    Path directory = place(name);
    Path output = Files.createTempFile("tracefleet-k8s-", ".yaml");
    Path errors = Files.createTempFile("tracefleet-k8s-", ".err");
    try {
      Process process =
          new ProcessBuilder(kubectl.get().toString(), "kustomize", directory.toString())
              .redirectOutput(output.toFile())
              .redirectError(errors.toFile())
              .start();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("kubectl kustomize ends").isTrue();
      assertThat(process.exitValue()).as(Files.readString(errors)).isZero();
      // Deprecated fields are warnings.
      assertThat(errors).isEmptyFile();
      try (MappingIterator<JsonNode> documents =
          new YAMLMapper().readerFor(JsonNode.class).readValues(output.toFile())) {
        return new ArrayList<>(documents.readAll());
      }
    } finally {
      Files.deleteIfExists(output);
      Files.deleteIfExists(errors);
    }
  }

  /** Where the overlay is; with a component, a copy in which its line is no comment. */
  private static Path place(String name) throws IOException {
    Path overlay = ROOT.resolve("overlays").resolve(overlayOf(name));
    if (name.equals(overlayOf(name))) {
      return overlay;
    }
    String line = "- ../../components/" + name.substring(name.indexOf('+') + 1) + "\n";
    String text = Files.readString(overlay.resolve("kustomization.yaml"));
    assertThat(text).contains("  # " + line);
    Path copy = Files.createDirectories(ROOT.resolve("target/overlays").resolve(name));
    Files.writeString(
        copy.resolve("kustomization.yaml"),
        text.replace("  # " + line, "  " + line).replace("- ../../", "- ../../../"));
    return copy;
  }

  /** Without a component. */
  static String overlayOf(String name) {
    return name.replaceFirst("\\+.*", "");
  }

  List<JsonNode> ofKind(String kind) {
    return objects.stream().filter(object -> object.path("kind").asText().equals(kind)).toList();
  }

  /** Everything that runs pods. */
  List<JsonNode> workloads() {
    return objects.stream()
        .filter(object -> object.path("spec").path("template").path("spec").has("containers"))
        .toList();
  }

  static JsonNode podOf(JsonNode workload) {
    return workload.path("spec").path("template").path("spec");
  }

  /** Those that initialise, too. */
  static List<JsonNode> containersOf(JsonNode workload) {
    List<JsonNode> containers = new ArrayList<>();
    podOf(workload).path("initContainers").forEach(containers::add);
    podOf(workload).path("containers").forEach(containers::add);
    return containers;
  }

  static String nameOf(JsonNode object) {
    return object.path("kind").asText() + " " + object.path("metadata").path("name").asText();
  }
}
