// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.architecture;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Compares a module's packages with its package graph, the file {@code
 * src/test/resources/package-graph.txt}.
 *
 * <p>The file has a line for each package, in the order of the data's flow: the package, a colon,
 * and what its classes use: other packages of Tracefleet, and libraries as a prefix with two dots
 * ({@code org.apache.kafka..}). {@code java..} needs no mention. A package of the same module can
 * only be used by those on later lines, so there are no cycles. Lines that begin with # are
 * comments.
 */
public final class ModuleRules {
  private static final String ROOT = "io.tracefleet";
  private static final String LICENSE = "// SPDX-License-Identifier: ";

  private final Path classes;
  private final Path sources;
  private final Path graph;

  /** The module in this directory, compiled. */
  public ModuleRules(Path module) {
    this(
        module.resolve("target/classes"),
        module.resolve("src/main/java"),
        module.resolve("src/test/resources/package-graph.txt"));
  }

  ModuleRules(Path classes, Path sources, Path graph) {
    this.classes = classes;
    this.sources = sources;
    this.graph = graph;
  }

  /** The module whose tests Maven runs. */
  public static ModuleRules ofThisModule() {
    return new ModuleRules(Path.of(System.getProperty("basedir", ".")));
  }

  /**
   * What breaks the rules, one line each; empty if nothing does.
   *
   * @throws IOException if the module's files cannot be read
   */
  public List<String> violations() throws IOException {
    List<String> violations = new ArrayList<>();
    checkGraph(violations);
    checkSources(violations);
    return violations;
  }

  private void checkGraph(List<String> violations) throws IOException {
    Map<String, Set<String>> declared = declared(violations);
    Map<String, Set<String>> used = used(declared);
    List<String> order = List.copyOf(declared.keySet());

    used.forEach(
        (from, targets) -> {
          if (!declared.containsKey(from)) {
            violations.add(
                "%s is not in %s; its line: %s: %s"
                    .formatted(from, graph, from, String.join(" ", targets)));
            return;
          }
          for (String to : targets) {
            if (!declared.get(from).contains(to)) {
              violations.add("%s uses %s, which %s does not allow".formatted(from, to, graph));
            }
          }
        });
    declared.forEach(
        (from, targets) -> {
          if (!used.containsKey(from)) {
            violations.add("%s is in %s but has no classes".formatted(from, graph));
            return;
          }
          for (String to : targets) {
            if (!used.get(from).contains(to)) {
              violations.add("%s may use %s in %s but does not".formatted(from, to, graph));
            }
            if (order.indexOf(to) >= order.indexOf(from)) {
              violations.add(
                  "%s may use %s, which is not above it in %s".formatted(from, to, graph));
            }
          }
        });
  }

  private Map<String, Set<String>> declared(List<String> violations) throws IOException {
    Map<String, Set<String>> declared = new LinkedHashMap<>();
    for (String line : Files.readAllLines(graph, StandardCharsets.UTF_8)) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      String[] parts = line.split(":", 2);
      if (parts.length != 2) {
        violations.add("no colon in %s: %s".formatted(graph, line));
        continue;
      }
      Set<String> targets =
          Stream.of(parts[1].strip().split("\\s+"))
              .filter(target -> !target.isEmpty())
              .collect(Collectors.toCollection(TreeSet::new));
      if (declared.put(parts[0].strip(), targets) != null) {
        violations.add("%s is in %s twice".formatted(parts[0].strip(), graph));
      }
    }
    return declared;
  }

  private Map<String, Set<String>> used(Map<String, Set<String>> declared) {
    JavaClasses imported =
        ArchConfiguration.withThreadLocalScope(
            configuration -> {
              // Names are enough; reading the libraries' classes takes seconds.
              configuration.setResolveMissingDependenciesFromClassPath(false);
              return new ClassFileImporter().importPath(classes);
            });
    Map<String, Set<String>> used = new TreeMap<>();
    for (JavaClass one : imported) {
      String from = one.getPackageName();
      Set<String> targets = used.computeIfAbsent(from, name -> new TreeSet<>());
      for (Dependency dependency : one.getDirectDependenciesFromSelf()) {
        String to = dependency.getTargetClass().getBaseComponentType().getPackageName();
        if (!to.equals(from) && !to.isEmpty() && !within(to, "java")) {
          targets.add(within(to, ROOT) ? to : library(to, declared.getOrDefault(from, Set.of())));
        }
      }
    }
    return used;
  }

  /** The declared prefix that covers a library's package, or else the package itself. */
  private static String library(String name, Set<String> declared) {
    return declared.stream()
        .filter(prefix -> prefix.endsWith(".."))
        .filter(prefix -> within(name, prefix.substring(0, prefix.length() - 2)))
        .findFirst()
        .orElse(name + "..");
  }

  private static boolean within(String name, String prefix) {
    return name.equals(prefix) || name.startsWith(prefix + ".");
  }

  private void checkSources(List<String> violations) throws IOException {
    Set<Path> directories = new TreeSet<>();
    List<Path> files;
    try (Stream<Path> all = Files.walk(sources)) {
      files = all.filter(file -> file.toString().endsWith(".java")).sorted().toList();
    }
    for (Path file : files) {
      directories.add(file.getParent());
      try (Stream<String> lines = Files.lines(file, StandardCharsets.UTF_8)) {
        if (!lines.findFirst().orElse("").startsWith(LICENSE)) {
          violations.add("%s does not begin with \"%s\"".formatted(file, LICENSE));
        }
      }
    }
    for (Path directory : directories) {
      if (!Files.exists(directory.resolve("package-info.java"))) {
        violations.add("%s has no package-info.java".formatted(directory));
      }
    }
  }
}
