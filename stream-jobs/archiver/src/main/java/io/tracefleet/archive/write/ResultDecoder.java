// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.write;

import io.tracefleet.schemas.Accounting;
import io.tracefleet.schemas.AccountingKey;
import io.tracefleet.schemas.BlockDetail;
import io.tracefleet.schemas.BlockKey;
import io.tracefleet.schemas.HotBlock;
import io.tracefleet.schemas.HotBlockKey;
import io.tracefleet.schemas.Hwaddr;
import io.tracefleet.schemas.HwaddrKey;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.Syscall;
import io.tracefleet.schemas.SyscallKey;
import io.tracefleet.schemas.VcpuInstructions;
import io.tracefleet.schemas.VcpuKey;
import io.tracefleet.schemas.serde.SerdeFactory;
import io.tracefleet.schemas.topics.Topics;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;

/** Takes records of the result topics to the scratch tables. Used by one thread. */
final class ResultDecoder {
  /** Confluent's magic byte and schema id, then Avro's length of a string of 36 bytes. */
  private static final int FRAME = 5;

  private static final int RUN_ID = 36;
  private static final byte RUN_ID_LENGTH = 2 * RUN_ID;

  /** What the jobs say about one vCPU. */
  record Account(AccountingKey key, Accounting value) {}

  private interface Sink<K, V> {
    void add(K key, V value, long offset) throws SQLException;
  }

  private record Reader<K, V>(Deserializer<K> keys, Deserializer<V> values, Sink<K, V> sink) {
    void read(ConsumerRecord<byte[], byte[]> record) throws SQLException {
      sink.add(
          keys.deserialize(record.topic(), record.key()),
          values.deserialize(record.topic(), record.value()),
          record.offset());
    }
  }

  private final SerdeFactory serdes;
  private final ResultTables tables;
  private final Deserializer<Run> runs;
  private final Deserializer<AccountingKey> accountKeys;
  private final Deserializer<Accounting> accounts;
  private final Reader<?, ?> vcpus;
  private final Reader<?, ?> hot;
  private final Reader<?, ?> traffic;
  private final Reader<?, ?> calls;
  private final Reader<?, ?> details;

  ResultDecoder(SerdeFactory serdes, ResultTables tables) {
    this.serdes = serdes;
    this.tables = tables;
    runs = serdes.valueDeserializer(Run.class);
    accountKeys = serdes.keyDeserializer(AccountingKey.class);
    accounts = serdes.valueDeserializer(Accounting.class);
    vcpus = reader(VcpuKey.class, VcpuInstructions.class, tables::add);
    hot = reader(HotBlockKey.class, HotBlock.class, tables::add);
    traffic = reader(HwaddrKey.class, Hwaddr.class, tables::add);
    calls = reader(SyscallKey.class, Syscall.class, tables::add);
    details = reader(BlockKey.class, BlockDetail.class, tables::add);
  }

  private <K extends SpecificRecord, V extends SpecificRecord> Reader<K, V> reader(
      Class<K> key, Class<V> value, Sink<K, V> sink) {
    return new Reader<>(serdes.keyDeserializer(key), serdes.valueDeserializer(value), sink);
  }

  /** The run that a record belongs to, without decoding it: most are of runs that are done. */
  String runId(ConsumerRecord<byte[], byte[]> record) {
    byte[] key = record.key();
    if (record.topic().equals(Topics.RUNS)) {
      return new String(key, StandardCharsets.UTF_8);
    }
    if (key.length < FRAME + 1 + RUN_ID || key[FRAME] != RUN_ID_LENGTH) {
      throw new SerializationException("the key does not begin with a run id");
    }
    return new String(key, FRAME + 1, RUN_ID, StandardCharsets.ISO_8859_1);
  }

  /** Decodes a record and keeps it. Returns a {@link Run} or {@link Account} if it was one. */
  Object add(ConsumerRecord<byte[], byte[]> record) throws SQLException {
    switch (record.topic()) {
      case Topics.RUNS:
        return runs.deserialize(record.topic(), record.value());
      case Topics.ACCOUNTING:
        Account account =
            new Account(
                accountKeys.deserialize(record.topic(), record.key()),
                accounts.deserialize(record.topic(), record.value()));
        tables.add(account.key(), account.value(), record.offset());
        return account;
      case Topics.VCPU_INSTRUCTIONS:
        vcpus.read(record);
        return null;
      case Topics.HOT_BLOCKS:
        hot.read(record);
        return null;
      case Topics.HWADDR:
        traffic.read(record);
        return null;
      case Topics.SYSCALLS:
        calls.read(record);
        return null;
      case Topics.BLOCKS:
        details.read(record);
        return null;
      default:
        throw new IllegalStateException("topic " + record.topic());
    }
  }
}
