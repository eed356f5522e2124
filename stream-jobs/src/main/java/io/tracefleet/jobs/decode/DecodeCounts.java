// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.decode;

import io.tracefleet.jobs.decode.Refusal.Stage;
import io.tracefleet.schemas.TraceBatch;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/**
 * What this process has decoded since it started, for those who watch it. Counted per batch, by all
 * processing threads; read by any thread. Work that is done again after an aborted transaction
 * counts again: the results are exact, these numbers are about work.
 */
public final class DecodeCounts {
  private final LongAdder batches = new LongAdder();
  private final LongAdder instructions = new LongAdder();
  private final LongAdder blocks = new LongAdder();
  private final LongAdder accesses = new LongAdder();
  private final LongAdder payloadBytes = new LongAdder();
  private final LongAdder duplicates = new LongAdder();
  private final LongAdder gapsOpened = new LongAdder();
  private final LongAdder gapsFilled = new LongAdder();
  private final LongAdder droppedBatches = new LongAdder();
  private final LongAdder droppedInstructions = new LongAdder();
  private final Map<String, LongAdder> refused = new LinkedHashMap<>(); // by the stage's word

  public DecodeCounts() {
    stages().forEach(stage -> refused.put(stage, new LongAdder()));
  }

  /**
   * @param end one more than the largest sequence of its vCPU that had counted before
   */
  void folded(TraceBatch batch, long end) {
    batches.increment();
    instructions.add(batch.getInstructions());
    blocks.add(batch.getBlocks());
    accesses.add(batch.getAccesses());
    payloadBytes.add(batch.getPayload().remaining());
    droppedBatches.add(batch.getDroppedBatches());
    droppedInstructions.add(batch.getDroppedInstructions());
    if (batch.getSequence() < end) {
      gapsFilled.increment();
    } else {
      gapsOpened.add(batch.getSequence() - end);
    }
  }

  void duplicate() {
    duplicates.increment();
  }

  void refused(Stage stage) {
    refused.get(stage.word()).increment();
  }

  /** Batches that count. */
  public long batches() {
    return batches.sum();
  }

  /** Instructions in them. */
  public long instructions() {
    return instructions.sum();
  }

  /** Blocks in them. */
  public long blocks() {
    return blocks.sum();
  }

  /** Memory accesses in them. */
  public long accesses() {
    return accesses.sum();
  }

  /** Bytes of their payloads. */
  public long payloadBytes() {
    return payloadBytes.sum();
  }

  /** Batches that came again. */
  public long duplicates() {
    return duplicates.sum();
  }

  /** Batches that were missing when one with a larger sequence came. */
  public long gapsOpened() {
    return gapsOpened.sum();
  }

  /** Batches that came when one with a larger sequence had. */
  public long gapsFilled() {
    return gapsFilled.sum();
  }

  /** Batches that nodes dropped because a ring was full. */
  public long droppedBatches() {
    return droppedBatches.sum();
  }

  /** Instructions in them. */
  public long droppedInstructions() {
    return droppedInstructions.sum();
  }

  /** Where batches can be refused: wire, payload, conflict. */
  public static List<String> stages() {
    return Stream.of(Stage.values()).map(Stage::word).toList();
  }

  /**
   * Batches that were refused there and are dead letters.
   *
   * @param stage one of {@link #stages}
   */
  public long refused(String stage) {
    return refused.get(stage).sum();
  }
}
