// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.schemas.serde;

import static java.util.Objects.requireNonNull;

import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.avro.AvroSchemaUtils;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;

/**
 * One schema's place in the registry, named after its topic.
 *
 * @param name the topic's name and {@code -key} or {@code -value}
 * @param schema what is written there now
 */
public record Subject(String name, Schema schema) {
  public Subject {
    requireNonNull(name, "name");
    requireNonNull(schema, "schema");
  }

  /** The subject of a topic's keys. */
  public static Subject ofKey(String topic, Class<? extends SpecificRecord> type) {
    return new Subject(topic + "-key", schemaOf(type));
  }

  /** The subject of a topic's values. */
  public static Subject ofValue(String topic, Class<? extends SpecificRecord> type) {
    return new Subject(topic + "-value", schemaOf(type));
  }

  /** As the serializers register it: without the properties that only Java's classes need. */
  AvroSchema registered() {
    return new AvroSchema(
        AvroSchemaUtils.getSchema(new GenericData.Record(schema), false, false, true));
  }

  static Schema schemaOf(Class<? extends SpecificRecord> type) {
    return SpecificData.get().getSchema(type);
  }
}
