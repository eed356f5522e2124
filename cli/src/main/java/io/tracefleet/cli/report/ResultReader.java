// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.report;

import io.tracefleet.schemas.Accounting;
import io.tracefleet.schemas.AccountingKey;
import io.tracefleet.schemas.BlockDetail;
import io.tracefleet.schemas.BlockKey;
import io.tracefleet.schemas.HotBlock;
import io.tracefleet.schemas.HotBlockKey;
import io.tracefleet.schemas.Hwaddr;
import io.tracefleet.schemas.HwaddrKey;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.RunOrder;
import io.tracefleet.schemas.Syscall;
import io.tracefleet.schemas.SyscallKey;
import io.tracefleet.schemas.VcpuInstructions;
import io.tracefleet.schemas.VcpuKey;
import io.tracefleet.schemas.serde.SerdeFactory;
import io.tracefleet.schemas.topics.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Reads runs and results from Kafka: committed records only, up to the end at the time of the call.
 * Used by one thread.
 */
public final class ResultReader implements AutoCloseable {
  /** Without a record for so long, reading a topic fails. */
  public static final Duration READ_LIMIT = Duration.ofSeconds(30);

  private static final Duration POLL = Duration.ofMillis(250);
  private static final int CONSISTENCY_TRIES = 10;

  private final TopicReader topics;
  private final SerdeFactory serdes;

  private ResultReader(TopicReader topics, SerdeFactory serdes) {
    this.topics = topics;
    this.serdes = serdes;
  }

  /**
   * @param bootstrap Kafka brokers
   * @param client further settings of Kafka's client
   * @param serdes of the registry that goes with the brokers; stays the caller's
   */
  public static ResultReader open(String bootstrap, Map<String, String> client, SerdeFactory serdes)
      throws ResultException {
    return new ResultReader(TopicReader.open(bootstrap, client, READ_LIMIT), serdes);
  }

  /** All runs that the cluster knows, by start. */
  public List<Run> runs() throws ResultException, InterruptedException {
    Deserializer<Run> values = serdes.valueDeserializer(Run.class);
    Map<String, Run> runs = new LinkedHashMap<>();
    try (StringDeserializer keys = new StringDeserializer()) {
      topics.readAll(
          Topics.RUNS,
          (key, value) -> {
            String runId = keys.deserialize(Topics.RUNS, key);
            if (value == null) {
              runs.remove(runId);
            } else {
              runs.put(runId, decode(values, Topics.RUNS, value));
            }
          });
    }
    List<Run> sorted = new ArrayList<>(runs.values());
    sorted.sort(RunOrder.BY_START);
    return sorted;
  }

  /** What the topics hold about these runs, which are one tree with its root first. */
  public RunData read(List<Run> tree) throws ResultException, InterruptedException {
    Set<String> runIds = new HashSet<>();
    tree.forEach(run -> runIds.add(run.getRunId()));
    return new RunData(
        List.copyOf(tree),
        table(
            Topics.VCPU_INSTRUCTIONS,
            VcpuKey.class,
            VcpuInstructions.class,
            runIds,
            key -> key.getWindowStart() == null && runIds.contains(key.getRunId())),
        hotBlocks(runIds),
        table(
            Topics.HWADDR,
            HwaddrKey.class,
            Hwaddr.class,
            runIds,
            key -> key.getWindowStart() == null && runIds.contains(key.getRunId())),
        table(
            Topics.SYSCALLS,
            SyscallKey.class,
            Syscall.class,
            runIds,
            key -> key.getWindowStart() == null && runIds.contains(key.getRunId())),
        accounting(runIds),
        blocks(runIds));
  }

  /** Only the blocks of these runs, and what they are; and what estimates take. */
  public RunData readBlocks(List<Run> runs) throws ResultException, InterruptedException {
    Set<String> runIds = new HashSet<>();
    runs.forEach(run -> runIds.add(run.getRunId()));
    return new RunData(
        List.copyOf(runs),
        Map.of(),
        hotBlocks(runIds),
        Map.of(),
        Map.of(),
        accounting(runIds),
        blocks(runIds));
  }

  private Map<HotBlockKey, HotBlock> hotBlocks(Set<String> runIds)
      throws ResultException, InterruptedException {
    return table(
        Topics.HOT_BLOCKS,
        HotBlockKey.class,
        HotBlock.class,
        runIds,
        key -> key.getWindowStart() == null && runIds.contains(key.getRunId()));
  }

  private Map<BlockKey, BlockDetail> blocks(Set<String> runIds)
      throws ResultException, InterruptedException {
    return table(
        Topics.BLOCKS,
        BlockKey.class,
        BlockDetail.class,
        runIds,
        key -> runIds.contains(key.getRunId()));
  }

  /**
   * The same without blocks, devices and system calls: what an audit needs. Counts and accounting
   * are of one moment also while the jobs go on, unless they are faster than this reader for many
   * tries.
   */
  public RunData readAccounts(List<Run> runs) throws ResultException, InterruptedException {
    Set<String> runIds = new HashSet<>();
    runs.forEach(run -> runIds.add(run.getRunId()));
    Map<AccountingKey, Accounting> before = accounting(runIds);
    for (int tries = 1; ; tries++) {
      Map<VcpuKey, VcpuInstructions> vcpus =
          table(
              Topics.VCPU_INSTRUCTIONS,
              VcpuKey.class,
              VcpuInstructions.class,
              runIds,
              key -> key.getWindowStart() == null && runIds.contains(key.getRunId()));
      Map<AccountingKey, Accounting> after = accounting(runIds);
      if (after.equals(before) || tries == CONSISTENCY_TRIES) {
        return RunData.forAudit(List.copyOf(runs), vcpus, after);
      }
      before = after;
    }
  }

  /** The runs with this root, the root first, then by start. */
  public static List<Run> tree(Collection<Run> runs, String rootRunId) {
    List<Run> tree = new ArrayList<>();
    for (Run run : runs) {
      if (rootRunId.equals(run.getRootRunId())) {
        tree.add(run);
      }
    }
    tree.sort(
        Comparator.comparing((Run run) -> !rootRunId.equals(run.getRunId()))
            .thenComparing(Run::getStart)
            .thenComparing(Run::getRunId));
    return tree;
  }

  /** What the jobs did with the batches of these runs so far. */
  public Map<AccountingKey, Accounting> accounting(Set<String> runIds)
      throws ResultException, InterruptedException {
    return table(
        Topics.ACCOUNTING,
        AccountingKey.class,
        Accounting.class,
        runIds,
        key -> runIds.contains(key.getRunId()));
  }

  /**
   * Follows the accounting until what is awaited is complete.
   *
   * @param awaited told of each accounting record of its runs
   * @param noProgressLimit gives up when nothing came for so long
   * @param alive asked now and then; false: the jobs are gone, so nothing more will come
   * @param progress called now and then on this thread
   * @return true if complete; false if given up
   */
  public boolean awaitAggregated(
      AggregationProgress awaited,
      Duration noProgressLimit,
      BooleanSupplier alive,
      Runnable progress)
      throws ResultException, InterruptedException {
    Deserializer<AccountingKey> keys = serdes.keyDeserializer(AccountingKey.class);
    Deserializer<Accounting> values = serdes.valueDeserializer(Accounting.class);
    topics.follow(Topics.ACCOUNTING);
    long lastProgress = System.nanoTime();
    while (!awaited.complete()) {
      long before = awaited.aggregatedBatches();
      topics.poll(
          POLL,
          (key, value) -> {
            if (value != null) {
              awaited.update(
                  decode(keys, Topics.ACCOUNTING, key), decode(values, Topics.ACCOUNTING, value));
            }
          });
      progress.run();
      if (awaited.aggregatedBatches() != before) {
        lastProgress = System.nanoTime();
      } else if (!alive.getAsBoolean()
          || System.nanoTime() - lastProgress > noProgressLimit.toNanos()) {
        return awaited.complete();
      }
      if (Thread.interrupted()) {
        throw new InterruptedException("waiting for aggregation");
      }
    }
    return true;
  }

  @Override
  public void close() {
    topics.close();
  }

  private <K extends SpecificRecord, V extends SpecificRecord> Map<K, V> table(
      String topic, Class<K> keyType, Class<V> valueType, Set<String> runIds, Predicate<K> wanted)
      throws ResultException, InterruptedException {
    Deserializer<K> keys = serdes.keyDeserializer(keyType);
    Deserializer<V> values = serdes.valueDeserializer(valueType);
    Map<K, V> table = new HashMap<>();
    topics.readAll(
        topic,
        (key, value) -> {
          if (key == null || !KeyPeek.mayBelongTo(key, runIds)) {
            return;
          }
          K decoded = decode(keys, topic, key);
          if (!wanted.test(decoded)) {
            return;
          }
          if (value == null) {
            table.remove(decoded);
          } else {
            table.put(decoded, decode(values, topic, value));
          }
        });
    return table;
  }

  private static <T> T decode(Deserializer<T> deserializer, String topic, byte[] bytes)
      throws ResultException {
    try {
      return deserializer.deserialize(topic, bytes);
    } catch (KafkaException e) {
      throw new ResultException(
          "A record of topic "
              + topic
              + " cannot be read: "
              + e.getMessage()
              + (e.getCause() == null ? "" : " (" + e.getCause().getMessage() + ")")
              + "; check that --registry is the one that the records were written with.",
          e);
    }
  }

  /** Looks at a key without decoding it: results of other runs are most of a busy cluster. */
  static final class KeyPeek {
    /** Confluent's magic byte and schema id. */
    private static final int FRAME = 5;

    private static final int RUN_ID = 36;

    /** Avro's length of a string of 36 bytes. */
    private static final byte RUN_ID_LENGTH = 2 * RUN_ID;

    private KeyPeek() {}

    /** False only if the key begins with a run id that is none of these. */
    static boolean mayBelongTo(byte[] key, Set<String> runIds) {
      if (key.length < FRAME + 1 + RUN_ID || key[FRAME] != RUN_ID_LENGTH) {
        return true;
      }
      return runIds.contains(new String(key, FRAME + 1, RUN_ID, StandardCharsets.ISO_8859_1));
    }
  }
}
