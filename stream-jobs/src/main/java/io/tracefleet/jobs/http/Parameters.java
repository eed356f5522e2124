// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.http;

import io.tracefleet.jobs.answers.Page;
import io.tracefleet.jobs.answers.RunFilter;
import io.tracefleet.jobs.answers.Span;
import io.tracefleet.schemas.EpochMicros;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/**
 * The query parameters of one request. Each must be known to the route and make sense, or the
 * answer is 400 with one line.
 */
final class Parameters {
  static final Set<String> PAGING = Set.of("offset", "limit", "sort", "format");

  private static final int MAX_VALUES = 100;
  private static final int SHOWN = 60;

  private final Map<String, List<String>> given;

  /**
   * @param given as in the request
   * @param known names that the route has
   */
  Parameters(Map<String, List<String>> given, Set<String> known) {
    this.given = given;
    for (String name : given.keySet()) {
      if (!known.contains(name) && !name.isEmpty()) { // empty between two &
        throw ApiException.badRequest(
            "Parameter %s is unknown here: there are %s."
                .formatted(
                    shown(name),
                    known.isEmpty() ? "none" : String.join(", ", new TreeSet<>(known))));
      }
    }
  }

  /** A value, or null. */
  String text(String name) {
    List<String> values = given.get(name);
    if (values == null) {
      return null;
    }
    if (values.size() != 1) {
      throw ApiException.badRequest("Parameter %s may be given once.".formatted(name));
    }
    return values.get(0);
  }

  /** One of these words. */
  String word(String name, String otherwise, List<String> words) {
    String value = text(name);
    if (value == null) {
      return otherwise;
    }
    if (!words.contains(value)) {
      throw wrong(name, value, String.join(", ", words));
    }
    return value;
  }

  int number(String name, int otherwise, int least, int most) {
    String value = text(name);
    return value == null ? otherwise : parse(name, value, least, most);
  }

  private static int parse(String name, String value, int least, int most) {
    try {
      int number = Integer.parseInt(value);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // answered below
    }
    throw wrong(name, value, "a whole number from %d to %d".formatted(least, most));
  }

  /** QEMU's vCPU indexes; empty: all. */
  Set<Integer> vcpus() {
    Set<Integer> vcpus = new HashSet<>();
    List<String> values = given.getOrDefault("vcpu", List.of());
    if (values.size() > MAX_VALUES) {
      throw ApiException.badRequest(
          "Parameter vcpu may be given %d times at most.".formatted(MAX_VALUES));
    }
    values.forEach(value -> vcpus.add(parse("vcpu", value, 0, Integer.MAX_VALUE)));
    return vcpus;
  }

  /** Parameters from and to. */
  Span span() {
    Long from = time("from");
    Long to = time("to");
    if (from != null && to != null && from >= to) {
      throw ApiException.badRequest("Parameter from must be before to.");
    }
    return new Span(from, to);
  }

  private Long time(String name) {
    String value = text(name);
    if (value == null) {
      return null;
    }
    try {
      long micros =
          value.matches("[0-9]{1,19}")
              ? Long.parseLong(value)
              : EpochMicros.of(Instant.parse(value));
      if (micros >= 0 && micros < Long.MAX_VALUE >> 2) {
        return micros;
      }
    } catch (DateTimeException | NumberFormatException | ArithmeticException e) {
      // answered below
    }
    throw wrong(name, value, "microseconds since the epoch, or a time as 2025-06-01T12:34:56Z");
  }

  /**
   * Parameters offset, limit and sort.
   *
   * @param orders fields that can be sorted by
   * @param limit rows if none is given
   * @param most that may be given
   */
  Page page(List<String> orders, int limit, int most) {
    String sort = text("sort");
    boolean descending = sort != null && sort.startsWith("-");
    String field = descending ? sort.substring(1) : sort;
    if (field != null && !orders.contains(field)) {
      throw wrong(
          "sort",
          sort,
          (orders.isEmpty() ? "nothing" : String.join(", ", orders))
              + ", with - in front for the largest first");
    }
    return new Page(
        field,
        descending,
        number("offset", 0, 0, Integer.MAX_VALUE),
        number("limit", limit, 1, most));
  }

  /** Parameters node, name, target, root, label and state. */
  RunFilter filter(Span start) {
    Map<String, String> labels = new HashMap<>();
    for (String label : given.getOrDefault("label", List.of())) {
      int equals = label.indexOf('=');
      if (equals < 1) {
        throw wrong("label", label, "KEY=VALUE");
      }
      labels.put(label.substring(0, equals), label.substring(equals + 1));
    }
    String root = text("root");
    if (root != null && !isRunId(root)) {
      throw wrong("root", root, "a run's id");
    }
    String state = word("state", null, List.of("running", "ended"));
    return new RunFilter(
        text("node"),
        text("name"),
        text("target"),
        root,
        labels,
        state == null ? null : state.equals("ended"),
        start);
  }

  static boolean isRunId(String text) {
    try {
      return UUID.fromString(text).toString().equals(text);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static ApiException wrong(String name, String value, String allowed) {
    return ApiException.badRequest(
        "Parameter %s is \"%s\": give %s.".formatted(name, shown(value), allowed));
  }

  /** A user's text in an error: short and on one line. */
  static String shown(String text) {
    String line = text.replaceAll("[\\p{Cntrl}\\p{Cf}\\p{Zl}\\p{Zp}]", "?");
    return line.length() <= SHOWN ? line : line.substring(0, SHOWN) + "...";
  }
}
