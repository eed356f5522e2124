// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.topology;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Writes what Confluent's serializer would write, faster: the schema of a sink never changes, so
 * its id is asked for once. There are hundreds of thousands of results in a run. Safe for use by
 * several threads, as all tasks share a sink's serializers.
 */
final class ResultSerializer<T extends SpecificRecord> implements Serializer<T> {
  private static final int FRAME_BYTES = 5;

  private final Serializer<T> confluent;
  private final ThreadLocal<Buffer> buffers = ThreadLocal.withInitial(Buffer::new);
  private volatile Framed<T> framed;

  ResultSerializer(Serializer<T> confluent) {
    this.confluent = confluent;
  }

  @Override
  public byte[] serialize(String topic, T record) {
    if (record == null) {
      return null;
    }
    Framed<T> known = framed;
    if (known == null) {
      byte[] first = confluent.serialize(topic, record);
      framed =
          new Framed<>(
              Arrays.copyOf(first, FRAME_BYTES), new SpecificDatumWriter<>(record.getSchema()));
      return first;
    }
    Buffer buffer = buffers.get();
    buffer.out.reset();
    buffer.out.write(known.frame, 0, FRAME_BYTES);
    try {
      buffer.encoder = EncoderFactory.get().binaryEncoder(buffer.out, buffer.encoder);
      known.writer.write(record, buffer.encoder);
      buffer.encoder.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot happen in memory", e);
    }
    return buffer.out.toByteArray();
  }

  /** The magic byte and the schema id, and what writes the schema. */
  private record Framed<T>(byte[] frame, SpecificDatumWriter<T> writer) {}

  private static final class Buffer {
    final ByteArrayOutputStream out = new ByteArrayOutputStream(256);
    BinaryEncoder encoder;
  }
}
