// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.schemas.serde;

import io.confluent.kafka.serializers.KafkaAvroDeserializer;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;

/** Confluent's deserializer for one class of records; its client belongs to somebody else. */
final class RecordDeserializer<T extends SpecificRecord> implements Deserializer<T> {
  private final KafkaAvroDeserializer confluent;
  private final Class<T> type;
  private final Schema schema;

  RecordDeserializer(KafkaAvroDeserializer confluent, Class<T> type, Schema schema) {
    this.confluent = confluent;
    this.type = type;
    this.schema = schema;
  }

  @Override
  public T deserialize(String topic, byte[] bytes) {
    return deserialize(topic, null, bytes);
  }

  @Override
  public T deserialize(String topic, Headers headers, byte[] bytes) {
    if (bytes == null) {
      return null;
    }
    try {
      return type.cast(confluent.deserialize(topic, headers, bytes, schema));
    } catch (KafkaException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new SerializationException(
          "%s of topic %s cannot be read: %s".formatted(type.getSimpleName(), topic, e), e);
    }
  }

  // close() is the interface's empty one: Confluent's would close the client that all serdes share.
}
