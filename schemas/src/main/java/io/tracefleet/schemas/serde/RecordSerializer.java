// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.schemas.serde;

import io.confluent.kafka.serializers.KafkaAvroSerializer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Serializer;

/** Confluent's serializer for one class of records; its client belongs to somebody else. */
final class RecordSerializer<T extends SpecificRecord> implements Serializer<T> {
  private final KafkaAvroSerializer confluent;
  private final Class<T> type;

  RecordSerializer(KafkaAvroSerializer confluent, Class<T> type) {
    this.confluent = confluent;
    this.type = type;
  }

  @Override
  public byte[] serialize(String topic, T record) {
    return serialize(topic, null, record);
  }

  @Override
  public byte[] serialize(String topic, Headers headers, T record) {
    if (record == null) {
      return null;
    }
    try {
      return confluent.serialize(topic, headers, record);
    } catch (KafkaException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new SerializationException(
          "%s for topic %s cannot be written: %s".formatted(type.getSimpleName(), topic, e), e);
    }
  }

  // close() is the interface's empty one: Confluent's would close the client that all serdes share.
}
