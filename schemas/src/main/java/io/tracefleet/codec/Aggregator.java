// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

import java.nio.ByteBuffer;

/**
 * Folds payloads of codec 1 or 2 into {@link BatchCounts}.
 *
 * <p>Everything that was decoded is compared with the payload's header; a contradiction is a {@link
 * TraceFormatException}. A payload counts as a whole or, if anything is wrong with it, not at all.
 * Steady state allocates nothing.
 */
public final class Aggregator {
  private final PayloadHeader header = new PayloadHeader();
  private final CountFolder counter = new CountFolder();
  private final FullFolder full = new FullFolder();
  private byte[] copy = {};

  /** Makes an aggregator; keep it and use it for many payloads. */
  public Aggregator() {}

  /**
   * Adds what a payload counts.
   *
   * @param payload from its position to its limit; neither changes
   * @param into receives the counts; unchanged if this throws
   * @throws TraceFormatException if the payload is broken, contradicts its header, or is of codec 3
   */
  public void fold(ByteBuffer payload, BatchCounts into) throws TraceFormatException {
    if (payload.hasArray()) {
      fold(payload.array(), payload.arrayOffset() + payload.position(), payload.remaining(), into);
      return;
    }
    int length = Math.min(payload.remaining(), PayloadHeader.MAX_PAYLOAD + 1);
    if (copy.length < length) {
      copy = new byte[Math.max(length, Math.min(2 * length, PayloadHeader.MAX_PAYLOAD + 1))];
    }
    payload.get(payload.position(), copy, 0, length);
    fold(copy, 0, length, into);
  }

  /**
   * Adds what a payload counts.
   *
   * @param payload only read
   * @param offset index of its first byte
   * @param length bytes that it has
   * @param into receives the counts; unchanged if this throws
   * @throws TraceFormatException if the payload is broken, contradicts its header, or is of codec 3
   */
  public void fold(byte[] payload, int offset, int length, BatchCounts into)
      throws TraceFormatException {
    header.wrap(payload, offset, length);
    switch (header.codec()) {
      case PayloadHeader.CODEC_FULL:
        full.fold(header, into);
        break;
      case PayloadHeader.CODEC_COUNT:
        counter.fold(header, into);
        break;
      default:
        throw new TraceFormatException(
            Column.HEADER, 0, "codec " + header.codec() + " counts nothing");
    }
    into.payloads++;
    into.instructions += header.dispatched();
    into.blocks += header.blocks();
    into.accesses += header.accesses();
    into.idles += header.idles();
    into.resumes += header.resumes();
    into.syscalls += header.syscalls();
    into.syscallReturns += header.syscallReturns();
  }
}
