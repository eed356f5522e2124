// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.size;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.tracefleet.node.config.TraceMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The costs are those of the performance page, as long as that still says about the same. */
final class GuestCostsTest {
  private static final double NOISE_PERCENT = 33;

  /** Shorter times and fewer bytes per instruction are rounded too much to be compared. */
  private static final double LEAST_SECONDS = 0.25;

  private static final double LEAST_BYTES = 0.01;

  @ParameterizedTest
  @CsvSource({
    "LINUX, FULL, '## Linux boot, 2 vCPUs', 'full, until the results are there'",
    "LINUX, COUNT, '## Linux boot, 2 vCPUs', 'count, until the results are there'",
    "SORT, FULL, '## Sort, hash, copy', 'full, until the results are there'",
    "SORT, COUNT, '## Sort, hash, copy', 'count, until the results are there'"
  })
  void areThoseOfThePerformancePage(
      GuestCosts.Guest guest, TraceMode mode, String section, String row) throws Exception {
    String page = Files.readString(Path.of("../docs/performance.md"));
    List<List<String>> rows =
        page.substring(page.indexOf("\n" + section + "\n"))
            .lines()
            .skip(2)
            .takeWhile(line -> !line.startsWith("## "))
            .filter(line -> line.startsWith("| " + row + " |"))
            .map(line -> Arrays.stream(line.split("\\|", -1)).map(String::strip).toList())
            .toList();
    assertThat(rows).as("the case in both tables").hasSize(2);
    GuestCosts costs = GuestCosts.of(guest, mode);

    assertAlike(rows.get(0).get(6), costs.payloadPerInstruction(), LEAST_BYTES);
    assertAlike(rows.get(0).get(7), costs.wirePerInstruction(), LEAST_BYTES);
    assertAlike(rows.get(1).get(3), costs.guestSeconds(), LEAST_SECONDS);
    assertAlike(rows.get(1).get(6), costs.nodeCpu(), LEAST_SECONDS);
    assertAlike(rows.get(1).get(7), costs.brokerCpu(), LEAST_SECONDS);
    assertAlike(rows.get(1).get(8), costs.jobsCpu(), LEAST_SECONDS);
    assertAlike(rows.get(1).get(9), costs.jvmCpu(), LEAST_SECONDS);
  }

  private static void assertAlike(String onPage, double here, double least) {
    double figure = Double.parseDouble(onPage);
    if (figure >= least) {
      assertThat(here)
          .as("docs/performance.md was measured anew: put its figures into GuestCosts")
          .isCloseTo(figure, withinPercentage(NOISE_PERCENT));
    }
  }
}
