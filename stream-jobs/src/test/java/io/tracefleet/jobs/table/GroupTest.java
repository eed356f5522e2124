// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class GroupTest {
  @Test
  void windowsBeginAtTheMinute() {
    assertThat(Group.window("r", 0, 0).window()).isEqualTo(Instant.EPOCH);
    assertThat(Group.window("r", 0, 59_999_999).window()).isEqualTo(Instant.EPOCH);
    assertThat(Group.window("r", 0, 60_000_000).window()).isEqualTo(Instant.EPOCH.plusSeconds(60));
    assertThat(Group.window("r", 0, -1).window()).isEqualTo(Instant.EPOCH.minusSeconds(60));
    assertThat(Group.wholeRun("r", 0).window()).isNull();
  }
}
