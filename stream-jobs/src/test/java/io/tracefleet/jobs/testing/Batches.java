// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.testing;

import io.tracefleet.schemas.TraceBatch;
import java.nio.ByteBuffer;
import java.time.Instant;

/** Batches around payloads. */
public final class Batches {
  public static final String RUN = "0190a000-0000-7000-8000-000000000001";
  public static final String OTHER_RUN = "0190a000-0000-7000-8000-000000000002";

  /** Opening time of batches unless told otherwise; its minute begins at {@link #MINUTE}. */
  public static final Instant OPENED = Instant.parse("2025-06-01T12:34:56.789012Z");

  public static final Instant MINUTE = Instant.parse("2025-06-01T12:34:00Z");

  private Batches() {}

  public static TraceBatch batch(int vcpu, long sequence, CountPayload payload) {
    return batch(vcpu, sequence, OPENED, payload);
  }

  public static TraceBatch batch(int vcpu, long sequence, Instant opened, CountPayload payload) {
    return TraceBatch.newBuilder()
        .setRunId(RUN)
        .setVcpu(vcpu)
        .setGeneration(0)
        .setSequence(sequence)
        .setTarget("x86_64")
        .setSystemEmulation(payload.isSystem())
        .setOpenedAt(opened)
        .setSealedAt(opened.plusMillis(1))
        .setFirstInstruction(0)
        .setInstructions(payload.instructions())
        .setBlocks(payload.blocks())
        .setAccesses(payload.accesses())
        .setCodec(2)
        .setPayload(ByteBuffer.wrap(payload.bytes()))
        .build();
  }

  /** One block of three instructions at 0x1000, executed so often. */
  public static CountPayload simple(long executions) {
    return CountPayload.user().block(0x1000, 0x11, 3, 9, executions);
  }
}
