// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetricsSettingsTest {
  @Test
  void theDefaults() {
    assertThat(MetricsSettings.OFF).isEqualTo(new MetricsSettings(Optional.empty(), "127.0.0.1"));
    assertThat(MetricsSettings.ANY_PORT)
        .isEqualTo(new MetricsSettings(Optional.of(0), "127.0.0.1"));
  }

  @Test
  void aPortIsANumberOrOff() {
    assertThat(MetricsSettings.port("off")).isEmpty();
    assertThat(MetricsSettings.port("0")).contains(0);
    assertThat(MetricsSettings.port("65535")).contains(65_535);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "on", "-1", "65536", "99999", "1 ", "0x10", "9999999999"})
  void otherPortsAreErrors(String word) {
    assertThatThrownBy(() -> MetricsSettings.port(word))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("metricsPort: \"" + word + "\" is not off, or 0 (any free port) to 65535");
  }

  @Test
  void whatCannotBeIsAnError() {
    assertThatThrownBy(() -> MetricsSettings.OFF.withPort(Optional.of(65_536)))
        .hasMessageContaining("metricsPort: \"65536\"");
    assertThatThrownBy(() -> MetricsSettings.OFF.withAddress(" "))
        .hasMessageContaining("metricsAddress");
    assertThatThrownBy(() -> MetricsSettings.OFF.withAddress("256.0.0.1.nowhere.invalid"))
        .hasMessage("metricsAddress: \"256.0.0.1.nowhere.invalid\" is no address of this machine");
  }
}
