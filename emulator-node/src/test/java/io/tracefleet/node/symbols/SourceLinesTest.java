// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.symbols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SourceLinesTest {
  @Test
  void answersAreRead() {
    assertThat(SourceLines.parse("/src/a.c:12")).isEqualTo(new SourceLine("/src/a.c", 12));
    assertThat(SourceLines.parse("a:b.c:7 (discriminator 3)"))
        .isEqualTo(new SourceLine("a:b.c", 7));
    assertThat(SourceLines.parse("/src/a.c:?")).isEqualTo(new SourceLine("/src/a.c", null));
    assertThat(SourceLines.parse("??:0")).isNull();
    assertThat(SourceLines.parse("??:?")).isNull();
    assertThat(SourceLines.parse("")).isNull();
    assertThat(SourceLines.parse("x".repeat(5000) + ":1").file()).hasSize(1023);
  }

  @Test
  void aToolAnswersLineByLine() throws Exception {
    try (AskedTool cat =
        AskedTool.start(List.of("cat"), new TimeBudget(Duration.ofSeconds(20), null))) {
      assertThat(cat.ask("one")).isEqualTo("one");
      assertThat(cat.ask("two")).isEqualTo("two");
    }
  }

  @Test
  void aToolThatIsSlowOrEndsIsGivenUp() throws Exception {
    try (AskedTool sleep =
            AskedTool.start(List.of("sleep", "60"), new TimeBudget(Duration.ofMillis(50), null));
        AskedTool ended =
            AskedTool.start(List.of("true"), new TimeBudget(Duration.ofSeconds(20), null))) {
      assertThatThrownBy(() -> sleep.ask("?")).hasMessage("it took too long");
      assertThatThrownBy(() -> ended.ask("?"))
          .hasMessageMatching("it ended|Broken pipe|Stream closed");
    }
  }

  @Test
  void namesAreDemangled() {
    try (Demangler demangler = new Demangler()) {
      assertThat(demangler.demangle("_ZN1a3hotIiEEvT_")).isEqualTo("void a::hot<int>(int)");
      assertThat(demangler.demangle("_Zbroken\nname")).isEqualTo("_Zbroken\nname");
      assertThat(demangler.demangle("main")).isEqualTo("main");
    }
  }

  @Test
  void whatOneSpendsIsGoneForAll() {
    TimeBudget all = new TimeBudget(Duration.ofNanos(100), null);
    TimeBudget one = new TimeBudget(Duration.ofNanos(60), all);
    TimeBudget two = new TimeBudget(Duration.ofNanos(60), all);

    one.spend(50);
    assertThat(one.left()).isEqualTo(10);
    assertThat(two.left()).isEqualTo(50);
    one.spend(70);
    assertThat(one.left()).isZero();
    assertThat(two.left()).isZero();
  }
}
