// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The alerts are one list, of metrics and labels that are there, and fire when they should. */
final class AlertsTest {
  private static final Path DOCS = Overlay.ROOT.resolve("../../docs").normalize();

  /** Prometheus adds them to what it scrapes. */
  private static final Set<String> OF_THE_TARGET = Set.of("namespace", "pod", "instance");

  private static final Pattern METRIC = Pattern.compile("tracefleet_[a-z0-9_]+");
  private static final Pattern METRIC_ROW =
      Pattern.compile("\\| `(tracefleet_[a-z0-9_]+)`[ *]*\\|[^|]*\\|[^|]*\\|([^|]*)\\|.*");
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");
  private static final Pattern BY = Pattern.compile("\\bby \\(([^)]*)\\)");
  private static final Pattern MATCHER = Pattern.compile("([a-z_]+)=~?\"[^\"]*\"");
  private static final Pattern IN_TEXT = Pattern.compile("\\$labels\\.([a-z_]+)");

  @TempDir private Path directory;

  /** The rules of the overlays are the same; those of one are enough. */
  static Stream<JsonNode> rules() throws Exception {
    List<JsonNode> rules = new ArrayList<>();
    for (JsonNode group : spec().path("groups")) {
      group.path("rules").forEach(rules::add);
    }
    assertThat(rules).hasSizeGreaterThan(10);
    return rules.stream();
  }

  private static JsonNode spec() throws Exception {
    return Overlay.of("production").ofKind("PrometheusRule").get(0).path("spec");
  }

  @Test
  void theTableOfTheMetricsPageIsTheList() throws Exception {
    List<String> expected =
        rules()
            .map(
                rule ->
                    "| `%s` | %s | `%s` | %s |"
                        .formatted(
                            rule.path("alert").asText(),
                            rule.path("labels").path("severity").asText(),
                            rule.path("expr").asText(),
                            rule.path("for").asText()))
            .toList();

    assertThat(rows("metrics.md")).isEqualTo(expected);
  }

  @Test
  void theGuideSaysWhatToDoAtEachAndAtNoOther() throws Exception {
    List<String> alerts = rules().map(rule -> rule.path("alert").asText()).toList();

    List<String> rows = rows("kubernetes.md");

    assertThat(rows.stream().map(row -> groups(CODE, row).get(0))).isEqualTo(alerts);
    assertThat(rows).allSatisfy(row -> assertThat(row.split("\\|")[2].strip()).isNotEmpty());
  }

  @ParameterizedTest
  @MethodSource("rules")
  void metricsAndLabelsAreThere(JsonNode rule) throws Exception {
    String expression = rule.path("expr").asText();
    Map<String, Set<String>> metrics = metrics();
    Set<String> labels = new TreeSet<>(OF_THE_TARGET);

    List<String> used = METRIC.matcher(expression).results().map(MatchResult::group).toList();

    assertThat(used).isNotEmpty();
    assertThat(metrics.keySet()).containsAll(used);
    used.forEach(metric -> labels.addAll(metrics.get(metric)));
    Set<String> named = new TreeSet<>(groups(MATCHER, expression));
    groups(BY, expression).forEach(by -> named.addAll(List.of(by.split(", "))));
    assertThat(labels).containsAll(named);
  }

  @ParameterizedTest
  @MethodSource("rules")
  void itsTextNamesLabelsThatTheAlertHas(JsonNode rule) {
    List<String> by = groups(BY, rule.path("expr").asText());
    List<String> inText = groups(IN_TEXT, rule.path("annotations").toString());

    if (!by.isEmpty()) {
      assertThat(List.of(by.get(0).split(", "))).containsAll(inText);
    } else {
      assertThat(OF_THE_TARGET).containsAll(inText);
    }
  }

  @ParameterizedTest
  @MethodSource("rules")
  void whatIsOpenedIsClosed(JsonNode rule) {
    StringBuilder open = new StringBuilder();
    String expression = rule.path("expr").asText().replaceAll("\"[^\"]*\"", "");
    for (char c : expression.toCharArray()) {
      int kind = ")]}".indexOf(c);
      if ("([{".indexOf(c) >= 0) {
        open.append(c);
      } else if (kind >= 0) {
        assertThat(open).as(expression).isNotEmpty();
        assertThat(open.charAt(open.length() - 1)).as(expression).isEqualTo("([{".charAt(kind));
        open.setLength(open.length() - 1);
      }
    }

    assertThat(open).as(expression).isEmpty();
    assertThat(expression).doesNotContain("\"");
  }

  /** Prometheus' own parser and evaluation, over series that are made up. */
  @Test
  void theyFireWhenTheyShould() throws Exception {
    Path promtool = Programs.find("promtool").orElse(null);
    Assumptions.assumeTrue(
        promtool != null,
        "no promtool on PATH (Debian: package prometheus), so the alerts are not evaluated");
    Files.writeString(directory.resolve("rules.yaml"), new YAMLMapper().writeValueAsString(spec()));
    Path tests =
        Files.copy(
            Overlay.ROOT.resolve("src/test/resources/alerts-test.yaml"),
            directory.resolve("alerts-test.yaml"));
    Path output = directory.resolve("output");

    Process process =
        new ProcessBuilder(promtool.toString(), "test", "rules", tests.toString())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();

    assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("promtool ends").isTrue();
    assertThat(process.exitValue()).as(Files.readString(output)).isZero();
    String tested = Files.readString(tests);
    assertThat(rules()).allSatisfy(r -> assertThat(tested).contains(r.path("alert").asText()));
  }

  /** Rows below "Alerts" without the table's head. */
  private static List<String> rows(String page) throws IOException {
    String text = Files.readString(DOCS.resolve(page));
    return text.substring(text.indexOf("\n## Alerts\n"))
        .lines()
        .filter(line -> line.startsWith("| `"))
        .toList();
  }

  /** Labels by metric: its own, and that of its component, which the page says in a sentence. */
  private static Map<String, Set<String>> metrics() throws IOException {
    Map<String, Set<String>> metrics = new TreeMap<>();
    for (String line : Files.readAllLines(DOCS.resolve("metrics.md"))) {
      METRIC_ROW
          .matcher(line)
          .results()
          .forEach(
              row -> {
                Set<String> labels = new TreeSet<>(groups(CODE, row.group(2)));
                if (row.group(1).startsWith("tracefleet_node_")) {
                  labels.add("node");
                } else if (row.group(1).startsWith("tracefleet_jobs_")) {
                  labels.add("application");
                }
                metrics.put(row.group(1), labels);
              });
    }
    return metrics;
  }

  private static List<String> groups(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(result -> result.group(1)).toList();
  }
}
