// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.answers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LazyRowsTest {
  private final List<Integer> made = new ArrayList<>();

  private List<Map<String, Object>> make(int from, int to) {
    made.add(to - from);
    return IntStream.range(from, to).mapToObj(row -> Map.<String, Object>of("row", row)).toList();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 20, 2345, 0, 20",
    "2340, 20, 2345, 2340, 2345",
    "0, 2147483647, 2345, 0, 2345",
    "1000, 2147483647, 2345, 1000, 2345",
    "2345, 20, 2345, 0, 0",
    "2147483647, 2147483647, 3, 0, 0",
    "0, 20, 0, 0, 0",
  })
  void theRowsOfAPage(int offset, int limit, int rows, int first, int end) {
    Iterable<Map<String, Object>> page =
        LazyRows.of(new Page(null, false, offset, limit), rows, this::make);

    for (int time = 0; time < 2; time++) {
      assertThat(page)
          .extracting(row -> (Object) row.get("row"))
          .containsExactlyElementsOf(
              IntStream.range(first, end).<Object>mapToObj(row -> row).toList());
    }
  }

  @Test
  void someAreMadeAtATimeAndOnlyWhenTheyAreWanted() {
    var rows = LazyRows.of(new Page(null, false, 0, 100_000), 100_000, this::make).iterator();
    assertThat(made).isEmpty();

    rows.next();
    assertThat(made).hasSize(1).allMatch(size -> size <= 1_000);
    rows.forEachRemaining(row -> {});
    assertThat(made).allMatch(size -> size <= 1_000);
    assertThat(made.stream().mapToInt(size -> size).sum()).isEqualTo(100_000);
  }
}
