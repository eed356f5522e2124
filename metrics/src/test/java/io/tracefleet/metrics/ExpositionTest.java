// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tracefleet.metrics.testing.Exposition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The reader that the components' tests rely on finds what is wrong. */
class ExpositionTest {
  private static final String GOOD =
      "# HELP a_total Help.\n# TYPE a_total counter\na_total{x=\"1\",y=\"q\\\"\"} 5.0\na_total 7\n";

  @Test
  void readsWhatIsRight() {
    Exposition page = new Exposition(GOOD + "# HELP b B.\n# TYPE b gauge\nb NaN\n");

    assertThat(page.sum("a_total")).isEqualTo(12);
    assertThat(page.sum("a_total", "x", "1")).isEqualTo(5);
    assertThat(page.families().get("a_total").labels()).containsExactly("x", "y");
    assertThat(page.sum("b")).isNaN();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a_total 1\n",
        "a_total{x=\"1\",y=\"q\\\"\"} 6\n",
        "b 1\n",
        "# TYPE b gauge\nb 1\n",
        "# HELP b \n# TYPE b gauge\nb 1\n",
        "# HELP b B.\n# TYPE b counter\nb 1\n",
        "# HELP b_total B.\n# TYPE b_total gauge\nb_total 1\n",
        "# HELP b_count B.\n# TYPE b_count gauge\nb_count 1\n",
        "# HELP b_milliseconds B.\n# TYPE b_milliseconds gauge\nb_milliseconds 1\n",
        "# HELP a_total A.\n# TYPE a_total counter\na_total{z=\"1\"} 1\n",
        "# HELP b B.\n# TYPE b gauge\nb{x=1} 1\n",
        "# HELP b B.\n# TYPE b gauge\nb{x=\"1\" 1\n",
        "# HELP b B.\n# TYPE b gauge\nb one\n",
        "# HELP b B.\n",
        "# HELP b B.\n# TYPE b gauge\nb 1",
      })
  void whatIsWrongIsAnError(String rest) {
    assertThatThrownBy(() -> new Exposition(GOOD + rest))
        .isInstanceOfAny(AssertionError.class, NumberFormatException.class);
  }
}
