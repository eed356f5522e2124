// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The one command a newcomer types: {@code trace --local}, its tables and its JSON. */
final class ReportIT {
  @TempDir Path directory;

  @Test
  void theReportFileHoldsTheOraclesNumbers() throws Exception {
    // given
    Path json = directory.resolve("report.json");
    Path perRun = Files.createDirectory(directory.resolve("runs"));
    List<String> arguments =
        List.of(
            "trace",
            "--local",
            "--json",
            json.toString(),
            "--json-dir",
            perRun.toString(),
            "--",
            "qemu-x86_64",
            "-plugin",
            Places.oracle() + ",out=" + directory.resolve("oracle"),
            Places.guest("processes").toString(),
            "tree");

    // when
    try (CommandLine command = CommandLine.start(directory, arguments)) {
      int exitCode = command.exitCode(Duration.ofMinutes(3));

      // then
      assertThat(exitCode).as(command.stderr()).isZero();
      assertThat(command.stdout()).contains("processes tree: done");
      JsonNode report = ReportFile.read(json);
      assertThat(ReportFile.names(report))
          .containsExactly(
              "run",
              "children",
              "vcpus",
              "hotBlocks",
              "hotFunctions",
              "hwaddr",
              "syscalls",
              "accounting",
              "transport");
      assertThat(
              Counts.differences(
                  Counts.ofOracle(Places.oracleDump(), directory.resolve("oracle"))
                      .asReported()
                      .without("page "),
                  ReportFile.counts(report)))
          .isEmpty();
      assertThat(report.get("run").get("exitCode").intValue()).isZero();
      assertThat(report.get("run").get("endReason").textValue()).isEqualTo("exit");
      assertThat(report.get("children")).hasSize(2);
      assertThat(report.get("transport").get("wireBytes").longValue()).isPositive();
      assertChildren(perRun);
    }
  }

  private void assertChildren(Path perRun) throws Exception {
    List<Counts> children = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file :
          files.filter(f -> f.getFileName().toString().startsWith("oracle.")).toList()) {
        children.add(Counts.ofOracle(Places.oracleDump(), file).asReported());
      }
    }
    assertThat(children).hasSize(14);
    int runs = 0;
    try (Stream<Path> files = Files.list(perRun)) {
      for (Path file : files.toList()) {
        JsonNode report = ReportFile.read(file);
        runs++;
        if (!report.get("run").get("parentRunId").isNull()) {
          assertThat(children.remove(ReportFile.counts(report))).as("a child's numbers").isTrue();
        }
      }
    }
    assertThat(runs).isEqualTo(15);
    assertThat(children).as("children without a report").isEmpty();
  }
}
