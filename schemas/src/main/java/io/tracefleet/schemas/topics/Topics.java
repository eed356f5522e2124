// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.schemas.topics;

import io.tracefleet.schemas.Accounting;
import io.tracefleet.schemas.AccountingKey;
import io.tracefleet.schemas.BlockDetail;
import io.tracefleet.schemas.BlockKey;
import io.tracefleet.schemas.DeadLetter;
import io.tracefleet.schemas.HotBlock;
import io.tracefleet.schemas.HotBlockKey;
import io.tracefleet.schemas.Hwaddr;
import io.tracefleet.schemas.HwaddrKey;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.Syscall;
import io.tracefleet.schemas.SyscallKey;
import io.tracefleet.schemas.TraceBatch;
import io.tracefleet.schemas.TraceControl;
import io.tracefleet.schemas.VcpuInstructions;
import io.tracefleet.schemas.VcpuKey;
import io.tracefleet.schemas.serde.Subject;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The topics of Tracefleet, in the order of the flow. */
public final class Topics {
  /** Runs. Key: runId, a string. Value: {@link Run}. */
  public static final String RUNS = "tracefleet.runs";

  /** Batches. Key: "runId/vcpu", a string. Value: {@link TraceBatch}. */
  public static final String BATCHES = "tracefleet.batches";

  /** What each block is. Key: {@link BlockKey}. Value: {@link BlockDetail}. */
  public static final String BLOCKS = "tracefleet.blocks";

  /** What nodes should trace. Key: node or *, a string. Value: {@link TraceControl}. */
  public static final String CONTROL = "tracefleet.control";

  /** What could not be used. Key: as read, bytes. Value: {@link DeadLetter}. */
  public static final String DEAD_LETTERS = "tracefleet.dead-letters";

  /** Executions by block. Key: {@link HotBlockKey}. Value: {@link HotBlock}. */
  public static final String HOT_BLOCKS = "tracefleet.hot-blocks";

  /** Counts by vCPU. Key: {@link VcpuKey}. Value: {@link VcpuInstructions}. */
  public static final String VCPU_INSTRUCTIONS = "tracefleet.vcpu-instructions";

  /** Memory traffic by device. Key: {@link HwaddrKey}. Value: {@link Hwaddr}. */
  public static final String HWADDR = "tracefleet.hwaddr";

  /** System calls by number. Key: {@link SyscallKey}. Value: {@link Syscall}. */
  public static final String SYSCALLS = "tracefleet.syscalls";

  /** What the jobs did with the batches. Key: {@link AccountingKey}. Value: {@link Accounting}. */
  public static final String ACCOUNTING = "tracefleet.accounting";

  /** Largest record, bytes: Kafka's default for topic and producer, whatever the broker's is. */
  static final int MAX_MESSAGE_BYTES = 1_048_588;

  /** Kafka's default of segment.bytes. */
  private static final long LARGEST_SEGMENT = 1L << 30;

  /**
   * Bytes. The segment being written is never compacted, so this, and not Kafka's 1 GiB, bounds how
   * many old values a reader of the results goes through.
   */
  private static final long COMPACTED_SEGMENT = 64L << 20;

  private static final String SEGMENT_BYTES_CONFIG = "segment.bytes";
  private static final String MAX_MESSAGE_BYTES_CONFIG = "max.message.bytes";

  private Topics() {}

  /** The settings of all topics, in the order of the flow. */
  public static List<TopicSettings> all(TopicOptions options) {
    return List.of(
        compacted(RUNS, 1, options),
        retained(
            BATCHES,
            options.partitions(),
            options,
            options.batchRetention(),
            options.batchRetentionBytes()),
        compacted(BLOCKS, options.partitions(), options),
        compacted(CONTROL, 1, options),
        retained(DEAD_LETTERS, 1, options, options.deadLetterRetention(), TopicOptions.UNLIMITED),
        compacted(HOT_BLOCKS, options.partitions(), options),
        compacted(VCPU_INSTRUCTIONS, options.partitions(), options),
        compacted(HWADDR, options.partitions(), options),
        compacted(SYSCALLS, options.partitions(), options),
        compacted(ACCOUNTING, options.partitions(), options));
  }

  /** The subjects of all Avro keys and values, in the order of the flow. */
  public static List<Subject> subjects() {
    return List.of(
        Subject.ofValue(RUNS, Run.class),
        Subject.ofValue(BATCHES, TraceBatch.class),
        Subject.ofKey(BLOCKS, BlockKey.class),
        Subject.ofValue(BLOCKS, BlockDetail.class),
        Subject.ofValue(CONTROL, TraceControl.class),
        Subject.ofValue(DEAD_LETTERS, DeadLetter.class),
        Subject.ofKey(HOT_BLOCKS, HotBlockKey.class),
        Subject.ofValue(HOT_BLOCKS, HotBlock.class),
        Subject.ofKey(VCPU_INSTRUCTIONS, VcpuKey.class),
        Subject.ofValue(VCPU_INSTRUCTIONS, VcpuInstructions.class),
        Subject.ofKey(HWADDR, HwaddrKey.class),
        Subject.ofValue(HWADDR, Hwaddr.class),
        Subject.ofKey(SYSCALLS, SyscallKey.class),
        Subject.ofValue(SYSCALLS, Syscall.class),
        Subject.ofKey(ACCOUNTING, AccountingKey.class),
        Subject.ofValue(ACCOUNTING, Accounting.class));
  }

  private static TopicSettings compacted(String name, int partitions, TopicOptions options) {
    Map<String, String> config = Map.of(SEGMENT_BYTES_CONFIG, Long.toString(COMPACTED_SEGMENT));
    return new TopicSettings(
        name, partitions, options.replication(), CleanupPolicy.COMPACT, config);
  }

  /** A topic of which time and size take the oldest records; its records may be large. */
  private static TopicSettings retained(
      String name, int partitions, TopicOptions options, Duration time, long bytes) {
    Map<String, String> config = new HashMap<>();
    config.put("retention.ms", Long.toString(time.toMillis()));
    config.put("retention.bytes", Long.toString(bytes));
    config.put(MAX_MESSAGE_BYTES_CONFIG, Integer.toString(MAX_MESSAGE_BYTES));
    if (bytes != TopicOptions.UNLIMITED) {
      // Whole segments go, so they must be small against what may stay.
      config.put(SEGMENT_BYTES_CONFIG, Long.toString(Math.min(LARGEST_SEGMENT, bytes / 4)));
    }
    return new TopicSettings(name, partitions, options.replication(), CleanupPolicy.DELETE, config);
  }
}
