// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.metrics.testing;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A page in Prometheus' text format, read as strictly as {@code promtool check metrics} does:
 * whatever is wrong with it is an error of the constructor's.
 */
public final class Exposition {
  /**
   * One metric.
   *
   * @param type counter, gauge, summary or histogram
   * @param labels names of all labels that its samples have
   */
  public record Family(String name, String type, String help, Set<String> labels) {}

  /** One number; {@code name} is the metric's, or with _count, _sum and _bucket behind it. */
  public record Sample(String name, Map<String, String> labels, double value) {}

  private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*");
  private static final Pattern SAMPLE =
      Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? ([^ ]+)");
  private static final Pattern LABEL =
      Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\]|\\\\[\\\\\"n])*)\",?");

  /** Units that are not base units, and so must not be in a name. */
  private static final Pattern WRONG_UNIT =
      Pattern.compile(
          ".*_(milliseconds|ms|microseconds|nanoseconds|nanos|millis|minutes|kilobytes|megabytes|mebibytes|percent)(_.*)?");

  private final Map<String, Family> families = new LinkedHashMap<>();
  private final List<Sample> samples = new ArrayList<>();

  public Exposition(String page) {
    check(page.endsWith("\n"), "the page does not end with a line feed");
    String help = null;
    Family current = null;
    Set<String> series = new HashSet<>();
    for (String line : page.split("\n", -1)) {
      if (line.isEmpty()) {
        continue;
      }
      if (line.startsWith("# HELP ")) {
        help = line.substring("# HELP ".length());
      } else if (line.startsWith("# TYPE ")) {
        current = family(line, help);
        help = null;
      } else {
        check(current != null && help == null, "a sample outside a metric: " + line);
        Sample sample = sample(line);
        check(isOf(current, sample), "of another metric than " + current.name() + ": " + line);
        check(series.add(sample.name() + sample.labels()), "twice: " + line);
        current.labels().addAll(sample.labels().keySet());
        samples.add(sample);
      }
    }
    check(help == null, "HELP without TYPE: " + help);
  }

  private Family family(String line, String help) {
    String[] words = line.split(" ", -1);
    check(words.length == 4 && NAME.matcher(words[2]).matches(), line);
    String name = words[2];
    check(help != null && help.startsWith(name + " "), "no HELP before: " + line);
    String text = help.substring(name.length() + 1);
    check(!text.isBlank(), "empty HELP: " + line);
    check(Set.of("counter", "gauge", "summary", "histogram").contains(words[3]), line);
    check(
        words[3].equals("counter") == name.endsWith("_total"),
        "a counter ends with _total, nothing else does: " + line);
    check(
        words[3].equals("summary") || !name.matches(".*_(count|sum|bucket)"),
        "only parts of summaries and histograms end so: " + line);
    check(!WRONG_UNIT.matcher(name).matches(), "not a base unit: " + line);
    Family family = new Family(name, words[3], text, new TreeSet<>());
    check(families.put(name, family) == null, "the metric comes twice: " + line);
    return family;
  }

  private static boolean isOf(Family family, Sample sample) {
    return sample.name().equals(family.name())
        || family.type().equals("summary")
            && (sample.name().equals(family.name() + "_count")
                || sample.name().equals(family.name() + "_sum"));
  }

  private static Sample sample(String line) {
    Matcher matcher = SAMPLE.matcher(line);
    check(matcher.matches(), "no sample: " + line);
    Map<String, String> labels = new TreeMap<>();
    String rest = matcher.group(2) == null ? "" : matcher.group(2);
    Matcher label = LABEL.matcher(rest);
    int at = 0;
    while (at < rest.length()) {
      check(label.region(at, rest.length()).lookingAt(), "no label: " + line);
      check(labels.put(label.group(1), label.group(2)) == null, "a label twice: " + line);
      at = label.end();
    }
    return new Sample(matcher.group(1), labels, number(matcher.group(3)));
  }

  private static double number(String text) {
    return switch (text) {
      case "NaN" -> Double.NaN;
      case "+Inf" -> Double.POSITIVE_INFINITY;
      case "-Inf" -> Double.NEGATIVE_INFINITY;
      default -> Double.parseDouble(text);
    };
  }

  private static void check(boolean good, String what) {
    if (!good) {
      throw new AssertionError("not Prometheus' text format: " + what);
    }
  }

  /** By name. */
  public Map<String, Family> families() {
    return families;
  }

  public List<Sample> samples() {
    return samples;
  }

  /**
   * All samples with this name and these labels, added up.
   *
   * @param labels names and values in turn
   */
  public double sum(String name, String... labels) {
    List<Sample> found =
        samples.stream()
            .filter(sample -> sample.name().equals(name) && has(sample, labels))
            .toList();
    check(!found.isEmpty(), "no " + name + List.of(labels));
    return found.stream().mapToDouble(Sample::value).sum();
  }

  private static boolean has(Sample sample, String... labels) {
    for (int i = 0; i < labels.length; i += 2) {
      if (!labels[i + 1].equals(sample.labels().get(labels[i]))) {
        return false;
      }
    }
    return true;
  }
}
