// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.publish;

import io.tracefleet.node.ring.RingBatch;
import io.tracefleet.schemas.EpochMicros;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.TraceBatch;
import io.tracefleet.schemas.serde.SerdeFactory;
import io.tracefleet.schemas.topics.Topics;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.Serializer;

/** Turns batches and runs into the bytes that Kafka carries. For one thread. */
final class RecordEncoder {
  private static final ByteBuffer NO_BYTES = ByteBuffer.allocate(0);

  private final Serializer<TraceBatch> batchValue;
  private final Serializer<Run> runValue;

  RecordEncoder(SerdeFactory serdes) {
    batchValue = serdes.valueSerializer(TraceBatch.class);
    runValue = serdes.valueSerializer(Run.class);
    List<Schema.Field> fields = TraceBatch.getClassSchema().getFields();
    if (!fields.get(fields.size() - 1).name().equals("payload")) {
      throw new IllegalStateException("TraceBatch's last field must be its payload");
    }
  }

  ProducerRecord<byte[], byte[]> run(Run run) {
    return new ProducerRecord<>(
        Topics.RUNS, utf8(run.getRunId()), runValue.serialize(Topics.RUNS, run));
  }

  /**
   * The batch's record. The payload, which is nearly all of it, is copied once, from the ring into
   * the record: Avro ends a record whose last field is bytes with their length and themselves, so
   * the record without a payload is its beginning.
   */
  ProducerRecord<byte[], byte[]> batch(RunSource source, RingBatch batch) {
    TraceBatch record =
        TraceBatch.newBuilder()
            .setRunId(batch.runId())
            .setVcpu(batch.vcpu())
            .setGeneration(batch.generation())
            .setSequence(batch.sequence())
            .setTarget(source.info().target())
            .setSystemEmulation(source.info().systemEmulation())
            .setOpenedAt(EpochMicros.instant(batch.openedMicros()))
            .setSealedAt(EpochMicros.instant(batch.sealedMicros()))
            .setFirstInstruction(batch.firstInstruction())
            .setInstructions(batch.instructions())
            .setBlocks(batch.blocks())
            .setAccesses(batch.accesses())
            .setDroppedBatches(batch.droppedBatches())
            .setDroppedInstructions(batch.droppedInstructions())
            .setDroppedBlocks(batch.droppedBlocks())
            .setDroppedAccesses(batch.droppedAccesses())
            .setPassedInstructions(batch.passedInstructions())
            .setCodec(batch.codec())
            .setRescued(batch.rescued())
            .setPayload(NO_BYTES)
            .build();
    byte[] begin = batchValue.serialize(Topics.BATCHES, record);
    byte[] length = zigzag(batch.payloadSize());
    int at = begin.length - 1 + length.length;
    byte[] value = new byte[at + batch.payloadSize()];
    System.arraycopy(begin, 0, value, 0, begin.length - 1);
    System.arraycopy(length, 0, value, begin.length - 1, length.length);
    batch.copyPayload(value, at);
    return new ProducerRecord<>(Topics.BATCHES, utf8(batch.runId() + "/" + batch.vcpu()), value);
  }

  /** Avro's long. */
  static byte[] zigzag(long value) {
    byte[] bytes = new byte[10];
    int size = 0;
    for (long left = value << 1 ^ value >> 63; ; left >>>= 7) {
      if ((left & ~0x7fL) == 0) {
        bytes[size++] = (byte) left;
        return Arrays.copyOf(bytes, size);
      }
      bytes[size++] = (byte) (left | 0x80);
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
