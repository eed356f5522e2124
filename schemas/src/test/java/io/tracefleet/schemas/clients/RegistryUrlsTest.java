// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.schemas.clients;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegistryUrlsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "http://r:8081 http://r:8081",
        "http://r:8081/a@b http://r:8081/a@b",
        "http://a:1,https://b:2/v7 http://a:1,https://b:2/v7",
        "https://u:pw@r:8081/v7 https://r:8081/v7",
        "https://u:p@w@r https://r",
        "https://u:p,w@r https://r",
        "https://u:pw@a:1,https://v:pw@b:2/x https://a:1,https://b:2/x"
      })
  void nothingBeforeTheHostIsShown(String urls, String shown) {
    assertThat(RegistryUrls.withoutPassword(urls)).isEqualTo(shown);
    assertThat(RegistryUrls.hasPassword(urls)).isEqualTo(!urls.equals(shown));
  }
}
