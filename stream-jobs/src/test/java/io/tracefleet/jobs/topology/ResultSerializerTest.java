// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.confluent.kafka.schemaregistry.client.MockSchemaRegistryClient;
import io.tracefleet.schemas.HwaddrKey;
import io.tracefleet.schemas.serde.SerdeFactory;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.common.serialization.Serializer;
import org.junit.jupiter.api.Test;

class ResultSerializerTest {
  @Test
  void writesWhatConfluentsSerializerWrites() {
    Serializer<HwaddrKey> confluent =
        new SerdeFactory(new MockSchemaRegistryClient(), true).keySerializer(HwaddrKey.class);
    ResultSerializer<HwaddrKey> fast = new ResultSerializer<>(confluent);
    Instant window = Instant.parse("2025-06-01T12:34:00Z");
    List<HwaddrKey> keys =
        List.of(
            new HwaddrKey("run", 1, true, "serial", null, null),
            new HwaddrKey("run", -1, false, "RAM", Long.MIN_VALUE, window),
            new HwaddrKey("", 0, false, "\u00e4".repeat(120), 0x1000L, null));

    for (HwaddrKey key : keys) {
      assertThat(fast.serialize("topic", key)).isEqualTo(confluent.serialize("topic", key));
    }
    assertThat(fast.serialize("topic", null)).isNull();
  }
}
