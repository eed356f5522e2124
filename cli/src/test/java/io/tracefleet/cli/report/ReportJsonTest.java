// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReportJsonTest {
  @TempDir private Path directory;

  private static RunReport report(RunData data) {
    return ReportBuilder.build(data, data.runs().get(0)).report();
  }

  @Test
  void writesTheReportAsItIsDocumented() throws IOException {
    assertThat(new ReportJson().text(report(Samples.userMode())))
        .isEqualTo(Golden.read("report.json"));
    assertThat(new ReportJson().text(report(Samples.systemEmulation())))
        .isEqualTo(Golden.read("report-system.json"));
  }

  @Test
  void replacesAFileInOneStepAndLeavesNothingElse() throws IOException {
    Path file = directory.resolve("report.json");
    Files.writeString(file, "old");

    new ReportJson().write(file, report(Samples.userMode()));

    JsonNode read = JsonMapper.builder().build().readTree(file.toFile());
    assertThat(read.at("/hotBlocks/0/executions").isIntegralNumber()).isTrue();
    assertThat(read.at("/run/runId").asText()).isEqualTo(Records.ROOT);
    try (var files = Files.list(directory)) {
      assertThat(files).containsExactly(file);
    }
  }
}
