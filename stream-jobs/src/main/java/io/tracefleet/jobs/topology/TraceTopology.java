// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.topology;

import io.tracefleet.jobs.accounting.AccountingFeature;
import io.tracefleet.jobs.decode.DecodeCounts;
import io.tracefleet.jobs.decode.DecodeProcessor;
import io.tracefleet.jobs.flow.Feature;
import io.tracefleet.jobs.flow.FeatureProcessor;
import io.tracefleet.jobs.hotblocks.HotBlocksFeature;
import io.tracefleet.jobs.hwaddr.HwaddrFeature;
import io.tracefleet.jobs.syscalls.SyscallsFeature;
import io.tracefleet.jobs.table.TotalsStoreBuilder;
import io.tracefleet.jobs.timeline.TimelineProcessor;
import io.tracefleet.jobs.vcpu.VcpuFeature;
import io.tracefleet.schemas.Accounting;
import io.tracefleet.schemas.AccountingKey;
import io.tracefleet.schemas.DeadLetter;
import io.tracefleet.schemas.HotBlock;
import io.tracefleet.schemas.HotBlockKey;
import io.tracefleet.schemas.Hwaddr;
import io.tracefleet.schemas.HwaddrKey;
import io.tracefleet.schemas.Syscall;
import io.tracefleet.schemas.SyscallKey;
import io.tracefleet.schemas.TraceBatch;
import io.tracefleet.schemas.VcpuInstructions;
import io.tracefleet.schemas.VcpuKey;
import io.tracefleet.schemas.serde.SerdeFactory;
import io.tracefleet.schemas.topics.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.Stores;

/**
 * Batches in, results and dead letters out.
 *
 * <p>Each key belongs to one vCPU, as each batch does, so everything happens in the batch's
 * partition: there is one sub-topology, and nothing is repartitioned. All features share one store,
 * so a commit touches one changelog partition per task.
 */
public final class TraceTopology implements Supplier<Topology> {
  /** Name of the store, and in its changelog's. */
  public static final String STORE = "totals";

  private static final String SOURCE = "batches";
  private static final String DECODE = "decode";
  private static final String TIMELINE = "timeline";
  private static final String DEAD_LETTERS = "dead-letters";
  private static final String SINK_SUFFIX = "-results";

  private final SerdeFactory serdes;
  private final boolean stateOnDisk;
  private final int maxRows;
  private final Duration resultInterval;
  private final DecodeCounts decoded;

  /**
   * @param serdes of the records
   * @param stateOnDisk true: state lies in RocksDB; false: in memory. Either way it is logged to
   *     Kafka.
   * @param maxRows rows that a task may keep in memory before idle ones are forgotten
   * @param resultInterval how long results may be held back while batches come
   * @param decoded counts what is decoded
   */
  public TraceTopology(
      SerdeFactory serdes,
      boolean stateOnDisk,
      int maxRows,
      Duration resultInterval,
      DecodeCounts decoded) {
    this.serdes = serdes;
    this.stateOnDisk = stateOnDisk;
    this.maxRows = maxRows;
    this.resultInterval = resultInterval;
    this.decoded = decoded;
  }

  @Override
  public Topology get() {
    List<Output<?, ?>> outputs =
        List.of(
            new Output<>(
                "hot-blocks",
                new HotBlocksFeature(),
                Topics.HOT_BLOCKS,
                HotBlockKey.class,
                HotBlock.class),
            new Output<>(
                "vcpu-instructions",
                new VcpuFeature(),
                Topics.VCPU_INSTRUCTIONS,
                VcpuKey.class,
                VcpuInstructions.class),
            new Output<>(
                "hwaddr", new HwaddrFeature(), Topics.HWADDR, HwaddrKey.class, Hwaddr.class),
            new Output<>(
                "syscalls",
                new SyscallsFeature(),
                Topics.SYSCALLS,
                SyscallKey.class,
                Syscall.class),
            new Output<>(
                "accounting",
                new AccountingFeature(),
                Topics.ACCOUNTING,
                AccountingKey.class,
                Accounting.class));
    List<String> features =
        Stream.concat(outputs.stream().map(Output::name), Stream.of(TIMELINE)).toList();
    DecodeProcessor.Children children = new DecodeProcessor.Children(features, DEAD_LETTERS);

    Topology topology = new Topology();
    topology.addSource(
        AutoOffsetReset.earliest(),
        SOURCE,
        // A record without a proper timestamp is no reason to stop.
        (record, partitionTime) -> Math.max(0, record.timestamp()),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer(),
        Topics.BATCHES);
    topology.addProcessor(
        DECODE,
        () ->
            new DecodeProcessor(
                serdes.valueDeserializer(TraceBatch.class),
                STORE,
                children,
                resultInterval,
                decoded),
        SOURCE);
    topology.addSink(
        DEAD_LETTERS,
        Topics.DEAD_LETTERS,
        new ByteArraySerializer(),
        serdes.valueSerializer(DeadLetter.class),
        DECODE);
    outputs.forEach(output -> output.addTo(topology, serdes));
    topology.addProcessor(TIMELINE, () -> new TimelineProcessor(STORE), DECODE);

    List<String> users = new ArrayList<>(children.features());
    users.add(DECODE);
    topology.addStateStore(
        new TotalsStoreBuilder(innerStore(), maxRows), users.toArray(String[]::new));
    return topology;
  }

  private KeyValueBytesStoreSupplier innerStore() {
    return stateOnDisk
        ? Stores.persistentKeyValueStore(STORE)
        : Stores.inMemoryKeyValueStore(STORE);
  }

  /** One feature, and where its results go. */
  private record Output<K extends SpecificRecord, V extends SpecificRecord>(
      String name, Feature<K, V> feature, String topic, Class<K> key, Class<V> value) {
    void addTo(Topology topology, SerdeFactory serdes) {
      topology.addProcessor(name, () -> new FeatureProcessor<>(feature, STORE), DECODE);
      topology.addSink(
          name + SINK_SUFFIX,
          topic,
          new ResultSerializer<>(serdes.keySerializer(key)),
          new ResultSerializer<>(serdes.valueSerializer(value)),
          name);
    }
  }
}
