// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benchmark measures what it says; how much that is, is not a test's business. */
final class BenchIT {
  private static final List<String> PARTS =
      List.of("guest", "node", "broker", "jobs", "jvm", "registry");

  @TempDir Path directory;

  @Test
  void aQuickRunMeasuresBareQemuThePluginAloneAndEverything() throws Exception {
    // given
    Path json = directory.resolve("bench.json");
    Path svg = directory.resolve("bench.svg");
    Path page = directory.resolve("bench.md");
    List<String> arguments =
        List.of(
            "bench",
            "--quick",
            "--runs",
            "1",
            "--only",
            "bench/full",
            "--guests",
            Places.guest("bench").getParent().toString(),
            "--json",
            json.toString(),
            "--svg",
            svg.toString(),
            "--markdown",
            page.toString());

    // when
    try (CommandLine command = CommandLine.start(directory, arguments)) {
      int exitCode = command.exitCode(Duration.ofMinutes(4));

      // then
      assertThat(exitCode).as(command.stderr()).isZero();
      assertThat(command.stdout()).contains("bare QEMU").contains("full, plugin alone");
      assertThat(page).content().contains("bench --quick").contains("](bench.svg)");
      assertThat(svg).content().startsWith("<svg ").endsWith("</svg>\n");
      JsonNode guests = JsonMapper.builder().build().readTree(json.toFile()).get("guests");
      assertThat(guests).hasSize(1);
      JsonNode cases = guests.get(0).get("cases");
      assertThat(cases.findValuesAsText("id")).containsExactly("bare", "full-alone", "full");
      for (JsonNode one : cases) {
        JsonNode measured = one.get("measured");
        assertThat(measured).hasSize(1);
        assertThat(measured.get(0).get("wallSeconds").doubleValue()).isPositive();
        assertThat(measured.get(0).get("cpuSecondsByPart").get("guest").doubleValue()).isPositive();
        assertThat(measured.get(0).get("qemuPeakBytes").longValue()).isGreaterThan(1 << 20);
      }
      assertEverything(cases.get(2).get("measured").get(0));
    }
  }

  @Test
  void untilABatchIsVisibleIsMeasured() throws Exception {
    // given
    Path json = directory.resolve("see.json");
    List<String> arguments =
        List.of(
            "bench",
            "--quick",
            "--runs",
            "1",
            "--only",
            "see/visible",
            "--guests",
            Places.guest("bench").getParent().toString(),
            "--json",
            json.toString());

    // when
    try (CommandLine command = CommandLine.start(directory, arguments)) {
      int exitCode = command.exitCode(Duration.ofMinutes(4));

      // then
      assertThat(exitCode).as(command.stderr()).isZero();
      assertThat(command.stdout()).contains("until the API shows it");
      JsonNode see = JsonMapper.builder().build().readTree(json.toFile()).get("see");
      assertThat(see.findValuesAsText("id")).containsExactly("visible");
      assertThat(see.at("/0/measured")).hasSize(2);
      see.at("/0/measured")
          .forEach(seconds -> assertThat(seconds.doubleValue()).isBetween(0.001, 30.0));
    }
  }

  private static void assertEverything(JsonNode full) {
    assertThat(full.get("cpuSecondsByPart").fieldNames())
        .toIterable()
        .containsExactlyElementsOf(PARTS);
    for (String part : List.of("guest", "node", "broker", "jobs")) {
      assertThat(full.get("cpuSecondsByPart").get(part).doubleValue()).as(part).isPositive();
    }
    assertThat(full.get("guestSeconds").doubleValue())
        .isPositive()
        .isLessThanOrEqualTo(full.get("wallSeconds").doubleValue());
    // 2 rounds of the guest, each about 100 M instructions.
    assertThat(full.get("instructions").longValue()).isBetween(150_000_000L, 300_000_000L);
    assertThat(full.get("wireBytes").longValue())
        .isPositive()
        .isLessThan(full.get("outputBytes").longValue());
    assertThat(full.get("jvmPeakBytes").longValue()).isGreaterThan(100 << 20);
  }
}
