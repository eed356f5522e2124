// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.schemas.serde;

import io.tracefleet.schemas.HotBlockKey;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.TraceBatch;
import io.tracefleet.schemas.VcpuTotals;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Records with a different value in every field. */
final class Samples {
  static final String RUN_ID = "01890a5d-ac96-774b-bcce-b302099a8057";
  static final Instant OPENED = Instant.parse("2025-03-01T12:00:00.123456Z");

  private Samples() {}

  static TraceBatch batch(int payloadBytes) {
    byte[] payload = new byte[payloadBytes];
    for (int i = 0; i < payload.length; i++) {
      payload[i] = (byte) (i * 31);
    }
    return TraceBatch.newBuilder()
        .setRunId(RUN_ID)
        .setVcpu(3)
        .setGeneration(1)
        .setSequence(4_000_000_000L)
        .setTarget("x86_64")
        .setSystemEmulation(true)
        .setOpenedAt(OPENED)
        .setSealedAt(OPENED.plusMillis(250))
        .setFirstInstruction(-1L)
        .setInstructions(1_234_567L)
        .setBlocks(200_000L)
        .setAccesses(400_000L)
        .setDroppedBatches(2)
        .setDroppedInstructions(5)
        .setDroppedBlocks(6)
        .setDroppedAccesses(7)
        .setCodec(1)
        .setRescued(true)
        .setPayload(ByteBuffer.wrap(payload))
        .build();
  }

  static HotBlockKey hotBlockKey(Instant windowStart) {
    return new HotBlockKey(RUN_ID, 0, 0xffff_ffff_8100_0000L, 0x811c9dc5, 7, windowStart);
  }

  static Run run() {
    return Run.newBuilder()
        .setRunId(RUN_ID)
        .setParentRunId("01890a5d-ac96-774b-bcce-b302099a8056")
        .setRootRunId("01890a5d-ac96-774b-bcce-b302099a8055")
        .setNode("node-1")
        .setName("größe")
        .setLabels(Map.of("team", "kernel"))
        .setCommand(List.of("qemu-x86_64", "./a.out"))
        .setTarget("x86_64")
        .setSystemEmulation(false)
        .setQemuVersion("7.2.22")
        .setPluginApiMin(0)
        .setPluginApiCurrent(1)
        .setSmpVcpus(0)
        .setMaxVcpus(0)
        .setMode("full")
        .setWhenFull("block")
        .setImage("/tmp/a.out")
        .setStartCode(0x400000L)
        .setEndCode(0x401000L)
        .setEntryCode(0x400100L)
        .setStart(OPENED)
        .setEnd(OPENED.plusSeconds(9))
        .setExitCode(137)
        .setEndReason("killed")
        .setPluginVersion("0.1.0")
        .setTotals(List.of(new VcpuTotals(0, 1, 10L, 9L, 1L, 9L, 3L, 1L, 0L)))
        .build();
  }
}
