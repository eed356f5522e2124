// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.schemas.serde;

import static java.util.Objects.requireNonNull;

import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.serializers.AbstractKafkaSchemaSerDeConfig;
import io.confluent.kafka.serializers.KafkaAvroDeserializer;
import io.confluent.kafka.serializers.KafkaAvroDeserializerConfig;
import io.confluent.kafka.serializers.KafkaAvroSerializer;
import io.confluent.kafka.serializers.KafkaAvroSerializerConfig;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Makes the serializers, deserializers and serdes of all records: Avro in Confluent's wire format
 * (byte 0, u32 schema id, big-endian, then the Avro body), subjects named {@code TOPIC-key} and
 * {@code TOPIC-value}.
 *
 * <p>A deserializer resolves what was written into the given class, whatever version wrote it, and
 * a null stays null. It throws {@link org.apache.kafka.common.errors.SerializationException} for
 * bytes that it cannot use, and also when the registry does not answer; {@link
 * SerdeFailures#isTemporary} tells the two apart.
 *
 * <p>Safe for use by several threads, and so is all that it makes. Closing a serde does nothing;
 * close the {@link SchemaRegistry} in the end.
 */
public final class SerdeFactory {
  private final SchemaRegistryClient client;
  private final Map<String, Object> config;

  /**
   * A factory for a client that the caller owns, for example a mock one in a test.
   *
   * @param register true: a schema that the registry does not hold is registered at its first use
   */
  public SerdeFactory(SchemaRegistryClient client, boolean register) {
    this(client, register, Map.of());
  }

  /**
   * A factory for a client that the caller owns.
   *
   * @param register true: a schema that the registry does not hold is registered at its first use
   * @param further settings of Confluent's serializers and deserializers; the factory's own win
   */
  public SerdeFactory(SchemaRegistryClient client, boolean register, Map<String, ?> further) {
    this.client = requireNonNull(client, "client");
    Map<String, Object> all = new HashMap<>(further);
    // The client is given, so the URL is never used; Confluent's classes insist on having one.
    all.putIfAbsent(AbstractKafkaSchemaSerDeConfig.SCHEMA_REGISTRY_URL_CONFIG, "mock://unused");
    all.put(AbstractKafkaSchemaSerDeConfig.AUTO_REGISTER_SCHEMAS, register);
    all.put(KafkaAvroDeserializerConfig.SPECIFIC_AVRO_READER_CONFIG, true);
    // Readers in other languages have no use for "avro.java.string".
    all.put(KafkaAvroSerializerConfig.AVRO_REMOVE_JAVA_PROPS_CONFIG, true);
    this.config = Map.copyOf(all);
  }

  /** A serializer for keys. */
  public <T extends SpecificRecord> Serializer<T> keySerializer(Class<T> type) {
    return serializer(type, true);
  }

  /** A serializer for values. */
  public <T extends SpecificRecord> Serializer<T> valueSerializer(Class<T> type) {
    return serializer(type, false);
  }

  /** A deserializer for keys. */
  public <T extends SpecificRecord> Deserializer<T> keyDeserializer(Class<T> type) {
    return deserializer(type, true);
  }

  /** A deserializer for values. */
  public <T extends SpecificRecord> Deserializer<T> valueDeserializer(Class<T> type) {
    return deserializer(type, false);
  }

  /** A serde for keys. */
  public <T extends SpecificRecord> Serde<T> keySerde(Class<T> type) {
    return Serdes.serdeFrom(keySerializer(type), keyDeserializer(type));
  }

  /** A serde for values. */
  public <T extends SpecificRecord> Serde<T> valueSerde(Class<T> type) {
    return Serdes.serdeFrom(valueSerializer(type), valueDeserializer(type));
  }

  private <T extends SpecificRecord> Serializer<T> serializer(Class<T> type, boolean key) {
    KafkaAvroSerializer confluent = new KafkaAvroSerializer(client);
    confluent.configure(config, key);
    return new RecordSerializer<>(confluent, type);
  }

  private <T extends SpecificRecord> Deserializer<T> deserializer(Class<T> type, boolean key) {
    KafkaAvroDeserializer confluent = new KafkaAvroDeserializer(client);
    confluent.configure(config, key);
    return new RecordDeserializer<>(confluent, type, Subject.schemaOf(type));
  }
}
