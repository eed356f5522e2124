// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * What has to hold for any bytes at all, as a target for Jazzer; README.md says how to start it.
 *
 * <p>Each reader returns or throws a {@link TraceFormatException}, soon, and allocates no more than
 * docs/trace-format.md says. A broken payload counts nothing. What the cursor reads, the aggregator
 * counts alike.
 */
public final class PayloadFuzzer {
  /** Bytes that a new reader may allocate for any payload. */
  private static final long ONCE = 1 << 20;

  /** And for each byte of payload. */
  private static final long EACH = 128;

  private static final long SOON = TimeUnit.SECONDS.toNanos(10);

  /** More events than the cursor visits soon; the aggregator does not visit them. */
  private static final long MOST_EVENTS = 1_000_000;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  // Used again and again, so that what one payload leaves behind is met by the next one.
  private static final Aggregator AGGREGATOR = new Aggregator();
  private static final BatchCounts COUNTS = new BatchCounts();

  private PayloadFuzzer() {}

  /** Jazzer calls this. */
  public static void fuzzerTestOneInput(byte[] payload) {
    check(payload);
  }

  /** What became of a payload. */
  enum Outcome {
    REJECTED,
    READ
  }

  private interface Reading {
    void read() throws TraceFormatException;
  }

  /** Returns whether the aggregator, or the reader of block details, accepted it. */
  static Outcome check(byte[] payload) {
    long began = System.nanoTime();
    byte[] before = payload.clone();
    boundAllocation(payload);
    Outcome outcome = payload.length > 0 && payload[0] == 3 ? details(payload) : counts(payload);
    require(Arrays.equals(payload, before), "the payload was written to");
    require(System.nanoTime() - began < SOON, "too slow");
    return outcome;
  }

  private static Outcome attempt(int length, Reading reading) {
    try {
      reading.read();
      return Outcome.READ;
    } catch (TraceFormatException e) {
      require(e.offset() >= 0 && e.offset() <= length, "offset " + e.offset() + " of " + length);
      require(e.getMessage().endsWith(e.reason()), "message " + e.getMessage());
      return Outcome.REJECTED;
    }
  }

  private static Outcome details(byte[] payload) {
    return attempt(
        payload.length,
        () -> {
          DetailReader reader = new DetailReader();
          reader.wrap(payload, 0, payload.length);
          while (reader.next()) {
            while (reader.nextInstruction()) {
              require(reader.code().length <= 255, "the code of an instruction");
              require(reader.disassembly().length() <= 255, "the text of an instruction");
            }
          }
        });
  }

  private static Outcome counts(byte[] payload) {
    COUNTS.clear();
    Outcome folded =
        attempt(payload.length, () -> AGGREGATOR.fold(payload, 0, payload.length, COUNTS));
    String counted = CountsText.of(COUNTS);
    if (folded == Outcome.REJECTED) {
      require(counted.isEmpty() && COUNTS.payloads() == 0, "a broken payload counted something");
    }
    if (!visitable(payload)) {
      return folded;
    }
    String[] visited = {""};
    Outcome decoded =
        attempt(payload.length, () -> visited[0] = CountsText.of(EventRecorder.decode(payload)));
    // Pages that get their mapping too late are noticed by the cursor only.
    boolean system = (payload[4] & 4) != 0;
    require(
        folded == decoded || system && decoded == Outcome.REJECTED,
        "aggregator " + folded + ", cursor " + decoded);
    require(
        decoded == Outcome.REJECTED || counted.equals(visited[0]),
        "aggregator\n" + counted + "cursor\n" + visited[0]);
    return folded;
  }

  /** Whether it is worth visiting the payload's events. */
  private static boolean visitable(byte[] payload) {
    return payload.length >= PayloadHeader.SIZE
        && payload[0] == PayloadHeader.CODEC_FULL
        && Long.compareUnsigned(Bytes.i64(payload, 16), MOST_EVENTS) < 0
        && Long.compareUnsigned(Bytes.i64(payload, 24), MOST_EVENTS) < 0;
  }

  /** Of new readers, whose tables are empty. */
  private static void boundAllocation(byte[] payload) {
    Reading aggregator = () -> new Aggregator().fold(payload, 0, payload.length, new BatchCounts());
    Reading cursor =
        () -> new FullDecoder().decode(payload, 0, payload.length, new TraceVisitor() {});
    boundAllocation("aggregator", payload.length, aggregator);
    if (visitable(payload)) {
      boundAllocation("cursor", payload.length, cursor);
    }
  }

  private static void boundAllocation(String reader, int length, Reading reading) {
    // The first time, it may have been the JVM that allocated, when it loaded classes.
    if (allocated(length, reading) > ONCE + EACH * length) {
      long allocated = allocated(length, reading);
      require(
          allocated <= ONCE + EACH * length,
          "the " + reader + " allocated " + allocated + " bytes for a payload of " + length);
    }
  }

  private static long allocated(int length, Reading reading) {
    long begin = THREADS.getCurrentThreadAllocatedBytes();
    attempt(length, reading);
    return THREADS.getCurrentThreadAllocatedBytes() - begin;
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
