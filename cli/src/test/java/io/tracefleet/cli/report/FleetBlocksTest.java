// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.tracefleet.schemas.Run;
import org.junit.jupiter.api.Test;

final class FleetBlocksTest {
  private static final String OTHER = "01930000-0000-7000-8000-00000000000f";

  private static Records twoRuns() {
    Run one = Records.run(Records.ROOT).setNode("node-a").build();
    Run two = Records.run(OTHER).setRootRunId(OTHER).setNode("node-b").build();
    return new Records().add(one).add(two);
  }

  @Test
  void theSameCodeOfAnImageIsOneRowWhereverItWasLoaded() throws Exception {
    Records records = twoRuns();
    records.hot(Records.ROOT, 0, 0x5555_0000_1010L, 7, 4, 9, null, 100);
    records.hot(OTHER, 0, 0x7fff_0000_1010L, 7, 4, 9, null, 11);
    records.detail(Records.ROOT, 0x5555_0000_1010L, 7, null).in("/a/prog", 0x1010, "id", "f", 0);
    records.detail(OTHER, 0x7fff_0000_1010L, 7, null).in("/b/prog", 0x1010, "id", "f", 0);

    FleetBlocks fleet = FleetBlocks.of(records.data());

    assertThat(fleet.rows()).hasSize(1);
    FleetBlocks.Row row = fleet.rows().get(0);
    assertThat(row.block().executions()).isEqualTo(111);
    assertThat(row.block().image()).isEqualTo("/a/prog");
    assertThat(row.nodes()).isEqualTo(2);
    assertThat(row.runs()).isEqualTo(2);
    assertThat(fleet.functions())
        .containsExactly(
            new FleetBlocks.FunctionRow(
                new RunReport.HotFunctionRow("f", "f", "/a/prog", "id", 444, 111, 1), 2, 2));
    assertThat(CodeTables.fleetFunctions(fleet.functions(), 5))
        .containsPattern("share % +instructions +blocks +nodes +runs +function +image")
        .containsPattern("100\\.00 +444 +1 +2 +2 +f +prog");
    assertThat(new ReportJson().text(fleet.functions()))
        .contains("\"instructions\" : 444")
        .contains("\"runs\" : 2")
        .contains("\"nodes\" : 2")
        .doesNotContain("\"function\" : {");
  }

  @Test
  void anotherBuildIsOtherCode() {
    Records records = twoRuns();
    records.hot(Records.ROOT, 0, 0x1010, 7, 4, 9, null, 100);
    records.hot(OTHER, 0, 0x1010, 7, 4, 9, null, 11);
    records.detail(Records.ROOT, 0x1010, 7, null).in("/a/prog", 0x1010, "id", "f", 0);
    records.detail(OTHER, 0x1010, 7, null).in("/a/prog", 0x1010, "other", "f", 0);

    assertThat(FleetBlocks.of(records.data()).rows()).hasSize(2);
  }

  @Test
  void otherCodeAtTheSamePlaceIsAnotherRow() {
    Records records = twoRuns();
    records.hot(Records.ROOT, 0, 0x1010, 7, 4, 9, null, 100);
    records.hot(OTHER, 0, 0x1010, 8, 4, 9, null, 11);
    records.detail(Records.ROOT, 0x1010, 7, null).in("/a/prog", 0x1010, null, "f", 0);
    records.detail(OTHER, 0x1010, 8, null).in("/a/prog", 0x1010, null, "f", 0);

    FleetBlocks fleet = FleetBlocks.of(records.data());

    assertThat(fleet.rows()).hasSize(2);
    assertThat(fleet.functions()).hasSize(1);
  }

  @Test
  void codeOfNoImageIsKnownByItsAddress() {
    Records records = twoRuns();
    records.hot(Records.ROOT, 0, 0x1010, 7, 4, 9, null, 100);
    records.hot(OTHER, 0, 0x1010, 7, 4, 9, null, 11);
    records.hot(OTHER, 0, 0x2010, 7, 4, 9, null, 1);

    assertThat(FleetBlocks.of(records.data()).rows())
        .extracting(row -> row.block().vaddr(), row -> row.block().executions())
        .containsExactly(tuple("0x1010", 111L), tuple("0x2010", 1L));
    assertThat(CodeTables.fleet(FleetBlocks.of(records.data()), 1))
        .contains("0x1010")
        .endsWith("  and 1 more blocks (--limit, --json)\n");
  }
}
