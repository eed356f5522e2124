// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tracefleet.metrics.MetricsSettings;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ArchiverSettingsTest {
  private final ArchiverSettings defaults = ArchiverSettings.of("broker:1", Map.of("a", "b"));

  @Test
  void defaults() {
    assertThat(defaults)
        .isEqualTo(
            new ArchiverSettings(
                "broker:1",
                Map.of("a", "b"),
                8 << 20,
                Duration.ofSeconds(30),
                128 << 20,
                Duration.ofHours(1),
                Duration.ofHours(24),
                MetricsSettings.OFF));
  }

  @Test
  void allAreToldButNoValueOfTheClients() {
    assertThat(ArchiverSettings.of("broker:1", Map.of("sasl.jaas.config", "hidden")))
        .hasToString(
            "ArchiverSettings[bootstrap=broker:1, client=[sasl.jaas.config], chunkBytes=8388608,"
                + " chunkAge=PT30S, partBytes=134217728, idle=PT1H, refresh=PT24H, metrics="
                + MetricsSettings.OFF
                + "]");
  }

  @Test
  void wrongOnesAreNamed() {
    assertThatThrownBy(() -> defaults.withUnfinished(Duration.ofMillis(-1), Duration.ofHours(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("without news: give 0 to 365 days");
    assertThatThrownBy(() -> defaults.withUnfinished(Duration.ZERO, Duration.ofSeconds(59)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("PT59S: give 1 minute to 365 days");
  }
}
