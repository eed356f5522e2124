// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.schemas.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.confluent.kafka.schemaregistry.ParsedSchema;
import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.client.MockSchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import io.tracefleet.schemas.HotBlockKey;
import io.tracefleet.schemas.Hwaddr;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.TraceBatch;
import io.tracefleet.schemas.VcpuInstructions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SerdeFactoryTest {
  private static final String TOPIC = "tracefleet.test";

  private final SchemaRegistryClient client = new MockSchemaRegistryClient();
  private final SerdeFactory serdes = new SerdeFactory(client, true);

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 320, 900 << 10})
  void aBatchComesBackAsItWent(int payloadBytes) {
    TraceBatch batch = Samples.batch(payloadBytes);

    assertThat(there(TOPIC, serdes.valueSerde(TraceBatch.class), batch)).isEqualTo(batch);
  }

  @Test
  void aRunComesBackAsItWent() {
    assertThat(there(TOPIC, serdes.valueSerde(Run.class), Samples.run())).isEqualTo(Samples.run());
  }

  @Test
  void aKeyComesBackAsItWentWithAndWithoutWindow() {
    Serde<HotBlockKey> serde = serdes.keySerde(HotBlockKey.class);

    assertThat(there(TOPIC, serde, Samples.hotBlockKey(Samples.OPENED)))
        .isEqualTo(Samples.hotBlockKey(Samples.OPENED));
    assertThat(there(TOPIC, serde, Samples.hotBlockKey(null))).isEqualTo(Samples.hotBlockKey(null));
  }

  @Test
  void stringsComeBackAsStrings() {
    Run run = there(TOPIC, serdes.valueSerde(Run.class), Samples.run());

    assertThat(run.getLabels()).containsEntry("team", "kernel");
    assertThat(run.getCommand()).first().isInstanceOf(String.class);
  }

  @Test
  void equalKeysHaveEqualBytesFromEveryFactory() {
    byte[] one =
        serdes.keySerializer(HotBlockKey.class).serialize(TOPIC, Samples.hotBlockKey(null));
    byte[] other =
        new SerdeFactory(client, true)
            .keySerializer(HotBlockKey.class)
            .serialize(TOPIC, Samples.hotBlockKey(null));

    assertThat(one).isEqualTo(other);
  }

  @Test
  void bytesAreInConfluentsWireFormatUnderTheTopicsSubjects() throws Exception {
    byte[] key = serdes.keySerializer(HotBlockKey.class).serialize("t", Samples.hotBlockKey(null));
    byte[] value = serdes.valueSerializer(TraceBatch.class).serialize("t", Samples.batch(1));

    assertThat(client.getAllSubjects()).containsExactlyInAnyOrder("t-key", "t-value");
    assertThat(key[0]).isZero();
    assertThat(ByteBuffer.wrap(key).getInt(1))
        .isEqualTo(client.getLatestSchemaMetadata("t-key").getId());
    assertThat(ByteBuffer.wrap(value).getInt(1))
        .isEqualTo(client.getLatestSchemaMetadata("t-value").getId());
  }

  @Test
  void registersTheSchemaOfTheFileWithoutPropertiesOfJava() throws Exception {
    serdes.valueSerializer(TraceBatch.class).serialize("t", Samples.batch(1));

    String registered = client.getLatestSchemaMetadata("t-value").getSchema();
    assertThat(registered).doesNotContain("avro.java").contains("timestamp-micros");
    assertThat(new AvroSchema(registered))
        .isEqualTo(Subject.ofValue("t", TraceBatch.class).registered());
  }

  @Test
  void nullStaysNull() {
    assertThat(serdes.valueSerializer(Run.class).serialize(TOPIC, null)).isNull();
    assertThat(serdes.valueDeserializer(Run.class).deserialize(TOPIC, (byte[]) null)).isNull();
  }

  @Test
  void readsWhatALaterVersionWrote() throws Exception {
    Schema later =
        SchemaBuilder.record("Hwaddr")
            .namespace("io.tracefleet.schemas")
            .fields()
            .requiredLong("reads")
            .requiredLong("writes")
            .requiredLong("readBytes")
            .requiredLong("writeBytes")
            .requiredLong("fromTheFuture")
            .endRecord();
    GenericData.Record written = new GenericData.Record(later);
    written.put("reads", 1L);
    written.put("writes", 2L);
    written.put("readBytes", 3L);
    written.put("writeBytes", 4L);
    written.put("fromTheFuture", 5L);

    Hwaddr read = serdes.valueDeserializer(Hwaddr.class).deserialize(TOPIC, wire(later, written));

    assertThat(read).isEqualTo(new Hwaddr(1L, 2L, 3L, 4L));
  }

  @Test
  void refusesARecordOfAnotherKind() {
    byte[] bytes =
        serdes.valueSerializer(Hwaddr.class).serialize(TOPIC, new Hwaddr(1L, 2L, 3L, 4L));

    assertBroken(serdes.valueDeserializer(VcpuInstructions.class), bytes);
  }

  @Test
  void refusesASchemaThatNobodyRegistered() {
    assertBroken(serdes.valueDeserializer(Hwaddr.class), new byte[] {0, 0, 0, 3, 7, 2, 4, 6, 8});
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4, 5, 6, 40, 100, 300})
  void refusesBytesThatAreCutOff(int length) {
    byte[] bytes = serdes.valueSerializer(TraceBatch.class).serialize(TOPIC, Samples.batch(1000));

    assertBroken(serdes.valueDeserializer(TraceBatch.class), Arrays.copyOf(bytes, length));
  }

  @Test
  void refusesALengthBeyondTheEndWithoutAllocatingIt() {
    byte[] bytes = serdes.valueSerializer(TraceBatch.class).serialize(TOPIC, Samples.batch(0));
    byte[] longer = Arrays.copyOf(bytes, bytes.length + 4);
    // The payload's length is the last byte, 0: make it 1 GiB - 1.
    int at = bytes.length - 1;
    longer[at] = (byte) 0xfe;
    longer[at + 1] = (byte) 0xff;
    longer[at + 2] = (byte) 0xff;
    longer[at + 3] = (byte) 0xff;
    longer[at + 4] = 0x07;

    assertBroken(serdes.valueDeserializer(TraceBatch.class), longer);
  }

  @Test
  void refusesBytesWithoutTheMagicByte() {
    assertBroken(
        serdes.valueDeserializer(TraceBatch.class),
        "{\"runId\": 1}".getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void doesNotRegisterIfItMayNot() {
    List<String> registered = new ArrayList<>();
    SchemaRegistryClient counting =
        new MockSchemaRegistryClient() {
          @Override
          public int register(String subject, ParsedSchema schema, boolean normalize)
              throws IOException, RestClientException {
            registered.add(subject);
            return super.register(subject, schema, normalize);
          }
        };
    SerdeFactory strict = new SerdeFactory(counting, false);

    assertThatThrownBy(
            () -> strict.valueSerializer(TraceBatch.class).serialize("t", Samples.batch(1)))
        .isInstanceOf(SerializationException.class);
    assertThat(registered).isEmpty();
  }

  @Test
  void closingOneSerdeLeavesTheOthersAtWork() {
    boolean[] closed = {false};
    SchemaRegistryClient shared =
        new MockSchemaRegistryClient() {
          @Override
          public void close() {
            closed[0] = true;
          }
        };
    SerdeFactory factory = new SerdeFactory(shared, true);
    Serde<Hwaddr> serde = factory.valueSerde(Hwaddr.class);
    serde.close();

    assertThat(closed[0]).isFalse();
    assertThat(there(TOPIC, serde, new Hwaddr(1L, 2L, 3L, 4L))).isNotNull();
  }

  private void assertBroken(Deserializer<?> deserializer, byte[] bytes) {
    assertThatThrownBy(() -> deserializer.deserialize(TOPIC, bytes))
        .isInstanceOf(SerializationException.class)
        .matches(failure -> !SerdeFailures.isTemporary(failure), "is not temporary");
  }

  private byte[] wire(Schema schema, GenericData.Record record) throws Exception {
    int id = client.register(TOPIC + "-value", new AvroSchema(schema));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(0);
    out.write(ByteBuffer.allocate(4).putInt(id).array());
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
    new GenericDatumWriter<GenericData.Record>(schema).write(record, encoder);
    encoder.flush();
    return out.toByteArray();
  }

  private static <T> T there(String topic, Serde<T> serde, T record) {
    return serde.deserializer().deserialize(topic, serde.serializer().serialize(topic, record));
  }
}
