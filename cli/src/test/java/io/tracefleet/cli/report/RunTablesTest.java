// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.schemas.Run;
import java.io.IOException;
import org.junit.jupiter.api.Test;

final class RunTablesTest {
  private static RunView view(RunData data) {
    return ReportBuilder.build(data, data.runs().get(0));
  }

  @Test
  void rendersUserMode() throws IOException {
    assertThat(RunTables.all(view(Samples.userMode()), 10)).isEqualTo(Golden.read("user.txt"));
  }

  @Test
  void rendersSystemEmulation() throws IOException {
    assertThat(RunTables.all(view(Samples.systemEmulation()), 10))
        .isEqualTo(Golden.read("system.txt"));
  }

  @Test
  void saysWhatALimitHides() {
    assertThat(RunTables.hotBlocks(view(Samples.userMode()), 1))
        .contains("0x401000")
        .doesNotContain("0xffffffff81000000")
        .endsWith("  and 2 more blocks (--limit, --json)\n");
  }

  @Test
  void letsNoGuestTextControlTheTerminal() {
    Run run = Records.run(Records.ROOT).setName("x\033]0;title\007").setTarget("a\rb").build();
    RunData data =
        new Records()
            .add(run)
            .hot(Records.ROOT, 0, 1, 1, 1, 1, null, 1)
            .detail(Records.ROOT, 1, 1, "s\033[2J", "nop\033[1A")
            .traffic(Records.ROOT, 0, true, "dev\033c", null, null, 1, 1, 1, 1)
            .syscall(Records.ROOT, 0, 5, "sys\033", null, 1, 1)
            .data();

    String text = RunTables.all(view(data), 10).replace("\n", "");

    assertThat(text.codePoints().filter(Character::isISOControl).count()).isZero();
  }
}
