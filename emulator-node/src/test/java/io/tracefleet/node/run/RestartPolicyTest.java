// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.tracefleet.node.config.GuestSpec;
import io.tracefleet.node.config.Restart;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RestartPolicyTest {
  private static RestartPolicy policy(Restart when, int most, Duration backoff) {
    return new RestartPolicy(GuestSpec.of(List.of("q", "p")).withRestart(when, most, backoff));
  }

  @Test
  void never() {
    assertThat(policy(Restart.NEVER, 3, Duration.ZERO).isDue(1, 0)).isFalse();
  }

  @Test
  void onFailure() {
    RestartPolicy policy = policy(Restart.ON_FAILURE, 2, Duration.ZERO);

    assertThat(policy.isDue(0, 0)).isFalse();
    assertThat(policy.isDue(1, 0)).isTrue();
    assertThat(policy.isDue(137, 1)).isTrue();
    assertThat(policy.isDue(1, 2)).isFalse();
  }

  @Test
  void always() {
    assertThat(policy(Restart.ALWAYS, 1, Duration.ZERO).isDue(0, 0)).isTrue();
    assertThat(policy(Restart.ALWAYS, 1, Duration.ZERO).isDue(0, 1)).isFalse();
    assertThat(policy(Restart.ALWAYS, -1, Duration.ZERO).isDue(0, 1_000_000)).isTrue();
  }

  @Test
  void theWaitDoublesUpToAMinute() {
    RestartPolicy policy = policy(Restart.ALWAYS, -1, Duration.ofSeconds(1));

    assertThat(policy.backoff(0)).isEqualTo(Duration.ofSeconds(1));
    assertThat(policy.backoff(3)).isEqualTo(Duration.ofSeconds(8));
    assertThat(policy.backoff(6)).isEqualTo(Duration.ofMinutes(1));
    assertThat(policy.backoff(1_000_000)).isEqualTo(Duration.ofMinutes(1));
    assertThat(policy(Restart.ALWAYS, -1, Duration.ofHours(1)).backoff(5))
        .isEqualTo(Duration.ofHours(1));
    assertThat(policy(Restart.ALWAYS, -1, Duration.ZERO).backoff(5)).isZero();
  }
}
