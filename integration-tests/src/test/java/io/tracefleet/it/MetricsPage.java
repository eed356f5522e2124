// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What docs/metrics.md says there is. */
final class MetricsPage {
  /**
   * One metric.
   *
   * @param always false: it is there only once something has happened, which the page marks with a
   *     star
   */
  record Entry(String type, Set<String> labels, boolean always) {}

  private static final Pattern ROW =
      Pattern.compile("\\| `([a-z0-9_]+)`( \\*)? \\| ([a-z]+) \\| ([^|]*) \\| ([^|]*) \\|.*");
  private static final Pattern LABEL = Pattern.compile("`([a-z_]+)`");

  private MetricsPage() {}

  /** The entries below this heading, by name. */
  static Map<String, Entry> section(String heading) throws IOException {
    Map<String, Entry> entries = new LinkedHashMap<>();
    boolean inside = false;
    for (String line : Files.readAllLines(page())) {
      if (line.startsWith("## ")) {
        inside = line.equals("## " + heading);
      } else if (inside && line.startsWith("| `")) {
        Matcher row = ROW.matcher(line);
        assertThat(row.matches()).as("a row of %s: %s", page(), line).isTrue();
        Set<String> labels = new TreeSet<>();
        Matcher label = LABEL.matcher(row.group(5));
        while (label.find()) {
          labels.add(label.group(1));
        }
        Entry entry = new Entry(row.group(3), labels, row.group(2) == null);
        assertThat(entries.put(row.group(1), entry)).as("%s is there twice", line).isNull();
        if (!row.group(1).startsWith("kafka_")) {
          assertThat(row.group(4).strip()).as("unit in: %s", line).isEqualTo(unit(row.group(1)));
        }
      }
    }
    assertThat(entries).as("rows below \"## %s\" in %s", heading, page()).isNotEmpty();
    return entries;
  }

  /** Names of our metrics in the rules below "Alerts". */
  static Set<String> alertedOn() throws IOException {
    String page = Files.readString(page());
    Set<String> names = new TreeSet<>();
    Matcher name =
        Pattern.compile("tracefleet_[a-z0-9_]+").matcher(page.substring(page.indexOf("## Alerts")));
    while (name.find()) {
      names.add(name.group());
    }
    return names;
  }

  /** The unit that names have at their ends; those of Kafka's meters do not. */
  private static String unit(String name) {
    Matcher unit = Pattern.compile(".*_(seconds|bytes|ratio)(_total|_max)?").matcher(name);
    return unit.matches() ? unit.group(1) : "";
  }

  private static Path page() {
    return Places.module().resolve("../docs/metrics.md").normalize();
  }
}
