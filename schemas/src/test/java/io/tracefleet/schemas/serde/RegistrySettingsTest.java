// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.schemas.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RegistrySettingsTest {
  @Test
  void defaults() {
    assertThat(RegistrySettings.of(" http://host:8081 "))
        .isEqualTo(
            new RegistrySettings("http://host:8081", Map.of(), true, Duration.ofSeconds(10)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://host",
        "http://127.0.0.1:8080/apis/ccompat/v7",
        "http://a:1,http://b:2",
        "http://user:pw@host:1"
      })
  void takesUrls(String url) {
    assertThat(RegistrySettings.of(url).url()).isEqualTo(url);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "host:8081", "ftp://host", "http://", "http://a:1,", "http://a b"})
  void refusesWhatIsNotAUrl(String url) {
    assertThatThrownBy(() -> RegistrySettings.of(url))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("Schema registry URL", "give http://HOST:PORT");
  }

  @Test
  void refusesARequestTimeoutOfNothing() {
    assertThatThrownBy(
            () -> RegistrySettings.of("http://a").withRequestTimeout(Duration.ofNanos(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Request timeout of the schema registry is 0 ms: give 1 to 600000.");
  }

  @Test
  void showsNoSecret() {
    RegistrySettings settings =
        RegistrySettings.of("http://ann:secret@host:1")
            .withClient(Map.of("basic.auth.user.info", "ann:secret"));

    assertThat(settings.toString()).doesNotContain("secret").contains("http://host:1");
    assertThatThrownBy(() -> RegistrySettings.of("ftp://ann:secret@host:1"))
        .hasMessageNotContaining("secret");
  }
}
