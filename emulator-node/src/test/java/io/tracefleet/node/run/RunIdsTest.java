// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.junit.jupiter.api.Test;

class RunIdsTest {
  @Test
  void idsAreVersion7AndOrderedByTime() {
    RunIds ids = new RunIds();

    UUID first = UUID.fromString(ids.next(1_700_000_000_000_000L));
    UUID second = UUID.fromString(ids.next(1_700_000_000_001_000L));

    assertThat(first.version()).isEqualTo(7);
    assertThat(first.variant()).isEqualTo(2);
    assertThat(first.getMostSignificantBits() >>> 16).isEqualTo(1_700_000_000_000L);
    assertThat(first.toString()).isLessThan(second.toString());
  }
}
