// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Locale;
import org.junit.jupiter.api.Test;

final class TextTableTest {
  @Test
  void alignsNumbersRightAndTextLeft() {
    String text =
        new TextTable()
            .text("name")
            .number("calls")
            .text("note")
            .row("read", "12,345", "")
            .row("exit_group", "1", "last")
            .render();

    assertThat(text)
        .isEqualTo(
            """
            name         calls  note
            ----------  ------  ----
            read        12,345
            exit_group       1  last
            """);
  }

  @Test
  void refusesARowOfAnotherLength() {
    TextTable table = new TextTable().text("a").text("b");
    assertThatThrownBy(() -> table.row("1")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void groupsThousandsInEveryLocale() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.GERMANY);
      assertThat(TextTable.grouped(0)).isEqualTo("0");
      assertThat(TextTable.grouped(999)).isEqualTo("999");
      assertThat(TextTable.grouped(1_000)).isEqualTo("1,000");
      assertThat(TextTable.grouped(-123_456)).isEqualTo("-123,456");
      assertThat(TextTable.grouped(Long.MAX_VALUE)).isEqualTo("9,223,372,036,854,775,807");
      assertThat(TextTable.percent(1, 3)).isEqualTo("33.33");
      assertThat(TextTable.percent(2, 2)).isEqualTo("100.00");
      assertThat(TextTable.percent(1, 100_000)).isEqualTo("0.00");
      assertThat(TextTable.percent(0, 0)).isEqualTo("-");
    } finally {
      Locale.setDefault(before);
    }
  }
}
