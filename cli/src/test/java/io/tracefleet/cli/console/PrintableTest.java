// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class PrintableTest {
  @Test
  void leavesOrdinaryTextAlone() {
    assertThat(Printable.of("memcpy@plt → ß 日本", 60)).isEqualTo("memcpy@plt → ß 日本");
  }

  @Test
  void escapesWhatWouldMoveTheCursorOrHide() {
    assertThat(Printable.of("a\033[2Jb\rc\nd\u0007", 60)).isEqualTo("a\\x1b[2Jb\\x0dc\\x0ad\\x07");
    assertThat(Printable.of("x\u202ey\u200bz", 60)).isEqualTo("x\\u{202e}y\\u{200b}z");
    assertThat(Printable.of("\u009b31m", 60)).isEqualTo("\\x9b31m");
    assertThat(Printable.of("e\u0301", 60)).isEqualTo("e\\u{301}");
    assertThat(Printable.of("\ud800", 60)).isEqualTo("\\u{d800}");
  }

  @Test
  void makesTabsBlanks() {
    assertThat(Printable.of("mov\teax", 60)).isEqualTo("mov eax");
  }

  @Test
  void boundsTheLength() {
    assertThat(Printable.of("abcdef", 6)).isEqualTo("abcdef");
    assertThat(Printable.of("abcdefg", 6)).isEqualTo("abcde…");
    assertThat(Printable.of("\u0001".repeat(1_000_000), 10)).hasSize(10).endsWith("…");
    assertThat(Printable.of("abcd\ud83d\ude00fgh", 6)).isEqualTo("abcd…");
  }
}
