// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tracefleet.cli.console.CommandException;
import io.tracefleet.cli.console.Exit;
import io.tracefleet.cli.report.Records;
import io.tracefleet.schemas.Run;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RunSelectorTest {
  private static final String FIRST = "01930000-0000-7000-8000-0000000000a1";
  private static final String SECOND = "01930000-0000-7000-8000-0000000000a2";
  private static final String FORKED = "01930000-0000-7000-8000-0000000000b3";
  private static final String GRANDCHILD = "01930000-0000-7000-8000-0000000000c4";

  private final List<Run> runs =
      List.of(
          Records.run(FIRST).setName("alpha").build(),
          Records.run(SECOND).setName("beta").build(),
          Records.run(GRANDCHILD).setParentRunId(FORKED).setRootRunId(FIRST).build(),
          Records.run(FORKED).setParentRunId(FIRST).setRootRunId(FIRST).setName("beta").build());

  private String select(String wanted) throws CommandException {
    return RunSelector.select(runs, wanted).getRunId();
  }

  @Test
  void takesTheLatestRootWithoutAWish() throws Exception {
    assertThat(select(null)).isEqualTo(SECOND);
  }

  @Test
  void findsByIdByItsEndAndByName() throws Exception {
    assertThat(select(FORKED)).isEqualTo(FORKED);
    assertThat(select("b3")).isEqualTo(FORKED);
    assertThat(select("beta")).isEqualTo(SECOND);
  }

  @Test
  void refusesWhatFitsNoneOrSeveral() {
    assertThatThrownBy(() -> select("gamma"))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("\"gamma\"")
        .hasMessageContaining("tracefleet runs");
    assertThatThrownBy(() -> select("0193"))
        .isInstanceOfSatisfying(
            CommandException.class, e -> assertThat(e.exitCode()).isEqualTo(Exit.NOT_THERE))
        .hasMessageContaining("fits 4 runs");
    assertThatThrownBy(() -> RunSelector.select(List.of(), null))
        .hasMessageContaining("no runs yet");
  }

  @Test
  void collectsDescendantsOfOneRun() {
    assertThat(RunSelector.withDescendants(runs, runs.get(0)))
        .extracting(Run::getRunId)
        .containsExactly(FIRST, FORKED, GRANDCHILD);
    assertThat(RunSelector.withDescendants(runs, runs.get(3)))
        .extracting(Run::getRunId)
        .containsExactly(FORKED, GRANDCHILD);
    assertThat(RunSelector.withDescendants(runs, runs.get(1))).hasSize(1);
  }
}
