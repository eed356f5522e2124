// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.decode;

import io.tracefleet.codec.Aggregator;
import io.tracefleet.codec.BatchCounts;
import io.tracefleet.codec.PayloadHeader;
import io.tracefleet.codec.TraceFormatException;
import io.tracefleet.jobs.decode.Refusal.Stage;
import io.tracefleet.jobs.flow.SectionId;
import io.tracefleet.jobs.flow.Step;
import io.tracefleet.jobs.table.Group;
import io.tracefleet.jobs.table.TotalsStore;
import io.tracefleet.schemas.DeadLetter;
import io.tracefleet.schemas.EpochMicros;
import io.tracefleet.schemas.TraceBatch;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decodes each record, counts each batch once, and tells the features when results shall go out.
 *
 * <p>Results go out after a pause of {@value #PAUSE_TICKS} ticks, one tick after the last batch of
 * a vCPU (which is one that the node completed after the process had ended), and at the latest
 * after the result interval. All features send theirs in one go, so one transaction holds either
 * all results of a state or none.
 */
public final class DecodeProcessor implements Processor<byte[], byte[], byte[], Object> {
  /** How often it is looked whether results shall go out. */
  public static final Duration TICK = Duration.ofMillis(250);

  /**
   * After so many ticks without a batch they do: one tick is too easily missed on a busy machine.
   */
  public static final int PAUSE_TICKS = 2;

  private static final Logger log = LoggerFactory.getLogger(DecodeProcessor.class);

  /** Sequences beyond this are nonsense, and would overflow sums. */
  private static final long MAX_SEQUENCE = 1L << 52;

  /** Counts beyond this are nonsense, and would overflow sums. */
  private static final long MAX_COUNT = 1L << 60;

  private static final int MAX_TARGET = 64;

  /**
   * Ranges of sequences above the first hole of one vCPU; each takes a place in its stored value.
   */
  private static final int MAX_RANGES = 10_000;

  /** Groups whose results may be held back; their names are one stored value. */
  private static final int MAX_HELD_BACK = 1_000;

  private final WireReader wire;
  private final String store;
  private final Children children;
  private final int ticksUnderLoad;
  private final DecodeCounts decoded;

  private final PayloadHeader payload = new PayloadHeader();
  private Aggregator aggregator = new Aggregator();
  private BatchCounts counts = new BatchCounts();

  private ProcessorContext<byte[], Object> context;
  private Sequences sequences;
  private Cancellable ticker;
  private boolean restated;
  private boolean cameSinceTick;
  private boolean endedSinceTick;
  private int ticks;
  private int ticksOfPause;
  private long refused;

  /**
   * Names of the processors that follow.
   *
   * @param features get each {@link Step}
   * @param deadLetters gets each {@link DeadLetter}
   */
  public record Children(List<String> features, String deadLetters) {
    public Children {
      features = List.copyOf(features);
    }
  }

  /**
   * @param deserializer of the batches
   * @param store name of the task's {@link TotalsStore}
   * @param children who follows
   * @param resultInterval how long results may be held back while batches come
   * @param decoded shared by all processors of this process
   */
  public DecodeProcessor(
      Deserializer<TraceBatch> deserializer,
      String store,
      Children children,
      Duration resultInterval,
      DecodeCounts decoded) {
    this.wire = new WireReader(deserializer);
    this.store = store;
    this.children = children;
    this.decoded = decoded;
    this.ticksUnderLoad = (int) Math.max(1, resultInterval.toMillis() / TICK.toMillis());
  }

  @Override
  public void init(ProcessorContext<byte[], Object> context) {
    this.context = context;
    TotalsStore totals = context.getStateStore(store);
    this.sequences = totals.section(SectionId.SEQUENCES.id(), Sequences.class, Sequences::new);
    this.restated = false;
    startTicker();
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    restate(record.timestamp());
    Group vcpu = BatchKey.parse(record.key());
    TraceBatch batch = null;
    try {
      batch = wire.read(context.recordMetadata().orElseThrow().topic(), record.value());
      checkHeader(vcpu, batch);
      if (sequences.contains(vcpu, batch.getSequence())) {
        changed(vcpu);
        decoded.duplicate();
        send(new Step.Duplicate(vcpu), record.timestamp());
      } else {
        fold(vcpu, batch, record.timestamp());
      }
    } catch (Refusal refusal) {
      refuse(record, vcpu, batch, refusal);
    }
    if (sequences.heldBack() >= MAX_HELD_BACK) {
      announce(record.timestamp());
    }
  }

  private static void checkHeader(Group vcpu, TraceBatch batch) throws Refusal {
    if (vcpu == null) {
      throw new Refusal(Stage.CONFLICT, "the key is not a run's UUID, a slash and a vCPU's number");
    }
    if (!vcpu.runId().equals(batch.getRunId()) || vcpu.vcpu() != batch.getVcpu()) {
      throw new Refusal(
          Stage.CONFLICT,
          "the key is %s/%d, the batch is of %s/%d"
              .formatted(vcpu.runId(), vcpu.vcpu(), batch.getRunId(), batch.getVcpu()));
    }
    checkRange("generation", batch.getGeneration(), Integer.MAX_VALUE);
    checkRange("sequence", batch.getSequence(), MAX_SEQUENCE);
    if (batch.getTarget().length() > MAX_TARGET) {
      throw new Refusal(
          Stage.CONFLICT,
          "target has %d characters, more than %d"
              .formatted(batch.getTarget().length(), MAX_TARGET));
    }
    checkRange("droppedBatches", batch.getDroppedBatches(), MAX_SEQUENCE);
    checkRange("droppedInstructions", batch.getDroppedInstructions(), MAX_COUNT);
    checkRange("passedInstructions", batch.getPassedInstructions(), MAX_COUNT);
  }

  private static void checkRange(String field, long value, long most) throws Refusal {
    if (value < 0 || value > most) {
      throw new Refusal(
          Stage.CONFLICT, "%s is %d, not between 0 and %d".formatted(field, value, most));
    }
  }

  private void fold(Group vcpu, TraceBatch batch, long timestamp) throws Refusal {
    ByteBuffer bytes = batch.getPayload();
    counts.clear();
    try {
      payload.wrap(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
    } catch (TraceFormatException e) {
      throw new Refusal(Stage.PAYLOAD, e.getMessage());
    }
    // Before folding: a header that lies is a conflict even if the payload is broken, too.
    checkSame("codec", batch.getCodec(), payload.codec());
    checkSame("instructions", batch.getInstructions(), payload.dispatched());
    checkSame("blocks", batch.getBlocks(), payload.blocks());
    checkSame("accesses", batch.getAccesses(), payload.accesses());
    if (batch.getSystemEmulation() != payload.systemEmulation()) {
      throw new Refusal(
          Stage.CONFLICT,
          "systemEmulation is %s, the payload says %s"
              .formatted(batch.getSystemEmulation(), payload.systemEmulation()));
    }
    aggregate(bytes);
    if (sequences.ranges(vcpu) >= MAX_RANGES) {
      throw new Refusal(
          Stage.CONFLICT, "more than %d holes in the sequences of this vCPU".formatted(MAX_RANGES));
    }

    long opened = EpochMicros.of(batch.getOpenedAt());
    Group window = Group.window(vcpu.runId(), vcpu.vcpu(), opened);
    decoded.folded(batch, sequences.end(vcpu));
    sequences.add(vcpu, batch.getSequence());
    changed(vcpu);
    changed(window);
    endedSinceTick |= batch.getRescued();
    send(new Step.Folded(batch, counts, vcpu, window), timestamp);
  }

  private void aggregate(ByteBuffer bytes) throws Refusal {
    try {
      aggregator.fold(bytes, counts);
    } catch (TraceFormatException e) {
      throw new Refusal(Stage.PAYLOAD, e.getMessage());
    } catch (RuntimeException e) {
      // A bug, which must not stop the job at the same batch for ever. What it left behind is not
      // trusted.
      log.error("the aggregator failed", e);
      aggregator = new Aggregator();
      counts = new BatchCounts();
      throw new Refusal(Stage.PAYLOAD, "the aggregator failed: " + e);
    }
  }

  private static void checkSame(String field, long header, long payload) throws Refusal {
    if (header != payload) {
      throw new Refusal(
          Stage.CONFLICT, "%s is %d, the payload has %d".formatted(field, header, payload));
    }
  }

  private void refuse(
      Record<byte[], byte[]> record, Group vcpu, TraceBatch batch, Refusal refusal) {
    RecordMetadata from = context.recordMetadata().orElseThrow();
    context.forward(DeadLetters.letter(record, from, vcpu, batch, refusal), children.deadLetters());
    decoded.refused(refusal.stage());
    // One line for a broken batch, few for many.
    if (Long.bitCount(++refused) == 1) {
      log.warn(
          "refused={} topic={} partition={} offset={} stage={} reason={}",
          refused,
          from.topic(),
          from.partition(),
          from.offset(),
          refusal.stage().word(),
          refusal.getMessage());
    }
    if (vcpu != null) {
      boolean sequenceKnown = batch != null && isOf(vcpu, batch);
      changed(vcpu);
      send(
          new Step.Broken(vcpu, sequenceKnown ? batch.getSequence() : Step.Broken.UNKNOWN),
          record.timestamp());
    }
  }

  private static boolean isOf(Group vcpu, TraceBatch batch) {
    return vcpu.runId().equals(batch.getRunId())
        && vcpu.vcpu() == batch.getVcpu()
        && batch.getSequence() >= 0
        && batch.getSequence() <= MAX_SEQUENCE;
  }

  private void changed(Group group) {
    sequences.changed(group);
    cameSinceTick = true;
    startTicker();
  }

  private void send(Step step, long timestamp) {
    Record<byte[], Object> record = new Record<>(null, step, timestamp);
    for (String feature : children.features()) {
      context.forward(record, feature);
    }
  }

  private void startTicker() {
    if (ticker == null) {
      ticks = 0;
      ticksOfPause = 0;
      ticker = context.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, this::tick);
    }
  }

  private void tick(long now) {
    restate(now);
    ticks++;
    ticksOfPause = cameSinceTick ? 0 : ticksOfPause + 1;
    boolean somebodyWaits = endedSinceTick || ticksOfPause >= PAUSE_TICKS;
    cameSinceTick = false;
    endedSinceTick = false;
    if (sequences.heldBack() == 0) {
      // Nothing to wait for. An idle job shall not wake up, nor commit.
      ticker.cancel();
      ticker = null;
    } else if (somebodyWaits || ticks >= ticksUnderLoad) {
      announce(now);
      if (somebodyWaits) {
        context.commit(); // do not make them wait for the commit interval, too
      }
    }
  }

  private void announce(long timestamp) {
    send(new Step.Announce(), timestamp);
    sequences.announced();
    ticks = 0;
  }

  /** Sends what an earlier instance of this task had counted and may not have sent. */
  private void restate(long timestamp) {
    if (!restated) {
      restated = true;
      List<Group> groups = sequences.leftBehind();
      if (!groups.isEmpty()) {
        log.info("groups={} totals go out again after a restart", groups.size());
        send(new Step.Restate(groups), timestamp);
        sequences.announced();
      }
    }
  }

  @Override
  public void close() {
    if (ticker != null) {
      ticker.cancel();
      ticker = null;
    }
  }
}
