// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.schemas.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import io.tracefleet.schemas.Hwaddr;
import io.tracefleet.schemas.serde.FakeRegistry.Answer;
import java.util.Map;
import org.apache.kafka.common.serialization.Deserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
final class SerdeFailuresTest {
  private static final byte[] RECORD = {0, 0, 0, 0, 1, 2, 4, 6, 8};
  private static final Map<String, String> ONE_TRY = Map.of("max.retries", "0");

  @ParameterizedTest
  @CsvSource({
    "401, true",
    "403, true",
    "408, true",
    "429, true",
    "500, true",
    "502, true",
    "503, true",
    "504, true",
    "404, false",
    "422, false"
  })
  void whatTheRegistryAnswersTellsWhetherToTryAgain(int status, boolean temporary) {
    try (FakeRegistry fake =
        new FakeRegistry((request, number) -> Answer.error(status, status * 100 + 3, "no"))) {
      Throwable failure = catchThrowable(() -> deserializer(fake.url()).deserialize("t", RECORD));

      assertThat(failure).isNotNull();
      assertThat(SerdeFailures.isTemporary(failure)).isEqualTo(temporary);
    }
  }

  @Test
  void aRegistryThatIsGoneIsTemporary() {
    FakeRegistry fake = new FakeRegistry((request, number) -> Answer.ok("[]"));
    fake.close();

    Throwable failure = catchThrowable(() -> deserializer(fake.url()).deserialize("t", RECORD));

    assertThat(failure).isNotNull();
    assertThat(SerdeFailures.isTemporary(failure)).isTrue();
  }

  @Test
  void anUnknownHostIsTemporary() {
    Throwable failure =
        catchThrowable(() -> deserializer("http://no-such-host.invalid").deserialize("t", RECORD));

    assertThat(failure).isNotNull();
    assertThat(SerdeFailures.isTemporary(failure)).isTrue();
  }

  @Test
  void anAnswerThatIsNotTheRegistrysIsTemporary() {
    try (FakeRegistry fake = new FakeRegistry((request, number) -> Answer.ok("<html>"))) {
      Throwable failure = catchThrowable(() -> deserializer(fake.url()).deserialize("t", RECORD));

      assertThat(failure).isNotNull();
      assertThat(SerdeFailures.isTemporary(failure)).isTrue();
    }
  }

  @Test
  void aFailureWithACircleOfCausesEnds() {
    RuntimeException first = new RuntimeException("first");
    first.initCause(new RuntimeException("second", first));

    assertThat(SerdeFailures.isTemporary(first)).isFalse();
  }

  private static Deserializer<Hwaddr> deserializer(String url) {
    return new SerdeFactory(new CachedSchemaRegistryClient(url, 10, ONE_TRY), true)
        .valueDeserializer(Hwaddr.class);
  }
}
