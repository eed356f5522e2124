// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.write;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LatestRunsTest {
  @Test
  void thoseThatWereAddedFirstAreForgotten() {
    LatestRuns latest = new LatestRuns(2);
    latest.add("a");
    latest.add("b");
    latest.add("a");
    latest.add("c");

    assertThat(latest.list()).containsExactly("a", "c");
    assertThat(latest.contains("b")).isFalse();
    latest.remove("a");
    assertThat(latest.list()).containsExactly("c");
  }

  @Test
  void aMillionRunsTakeNoMoreThanItsBound() {
    LatestRuns latest = new LatestRuns(100);
    for (int run = 0; run < 1_000_000; run++) {
      latest.add(Integer.toString(run));
    }

    assertThat(latest.list()).hasSize(100).startsWith("999900").endsWith("999999");
  }
}
