// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.schemas.clients.Permission;
import io.tracefleet.schemas.topics.Component;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/security.md promises what the code does, and names tests that there are. */
final class SecurityPageTest {
  private static final Pattern TEST = Pattern.compile("`(\\w+(?:Test|IT))\\.(\\w+)`");

  private static Path repository() {
    return Places.module().resolve("..").normalize();
  }

  private static String page() throws IOException {
    return Files.readString(repository().resolve("docs/security.md"));
  }

  @Test
  void theTableOfRightsIsTheCodes() throws IOException {
    assertThat(page()).contains(table());
  }

  private static String table() {
    StringBuilder table = new StringBuilder();
    for (Component component : Component.values()) {
      Map<String, List<String>> names = new LinkedHashMap<>();
      for (Permission permission : component.permissions("tracefleet-jobs")) {
        String kind = permission.type().name().toLowerCase(Locale.ROOT).replace('_', ' ');
        names
            .computeIfAbsent(
                kind + "|" + String.join(", ", permission.operationNames()),
                key -> new ArrayList<>())
            .add("`" + permission.resource() + "`");
      }
      names.forEach(
          (key, resources) ->
              table.append(
                  "| %s | %s %s | %s |\n"
                      .formatted(
                          component.word(),
                          key.substring(0, key.indexOf('|')),
                          String.join(", ", resources),
                          key.substring(key.indexOf('|') + 1))));
    }
    return table.toString();
  }

  @Test
  void everyTestThatItNamesIsThere() throws IOException {
    Map<String, String> sources = new LinkedHashMap<>();
    try (Stream<Path> files = Files.walk(repository())) {
      for (Path file :
          files.filter(f -> f.toString().matches(".*/src/test/java/.*(Test|IT)\\.java")).toList()) {
        sources.put(file.getFileName().toString(), Files.readString(file));
      }
    }
    List<String> missing = new ArrayList<>();
    int named = 0;
    Matcher matcher = TEST.matcher(page());
    while (matcher.find()) {
      named++;
      String source = sources.getOrDefault(matcher.group(1) + ".java", "");
      if (!source.contains(" void " + matcher.group(2) + "(")) {
        missing.add(matcher.group());
      }
    }
    assertThat(missing).as("named in docs/security.md").isEmpty();
    assertThat(named).as("tests that are named").isGreaterThan(30);
  }

  @Test
  void everyRowOfTheThreatsNamesATest() throws IOException {
    List<String> rows =
        page()
            .lines()
            .dropWhile(line -> !line.startsWith("### A hostile guest"))
            .takeWhile(line -> !line.startsWith("## What is shipped"))
            .filter(line -> line.startsWith("| ") && !line.startsWith("| it does"))
            .toList();

    assertThat(rows).isNotEmpty().allMatch(row -> TEST.matcher(row).find());
  }
}
