// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.testing;

import io.tracefleet.schemas.BlockDetail;
import io.tracefleet.schemas.Instruction;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.VcpuTotals;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** What nodes say about runs and blocks. */
public final class Runs {
  public static final Instant START = Instant.parse("2025-06-01T12:34:50Z");

  private Runs() {}

  /** A run that goes on. */
  public static Run run(String id, String node, String name, Map<String, String> labels) {
    return Run.newBuilder()
        .setRunId(id)
        .setRootRunId(id)
        .setNode(node)
        .setName(name)
        .setLabels(labels)
        .setCommand(List.of("qemu-x86_64", "./a.out"))
        .setTarget("x86_64")
        .setSystemEmulation(true)
        .setQemuVersion("7.2.22")
        .setPluginApiMin(0)
        .setPluginApiCurrent(1)
        .setSmpVcpus(2)
        .setMaxVcpus(2)
        .setMode("full")
        .setWhenFull("block")
        .setStart(START)
        .setPluginVersion("0.1.0")
        .setBatches(0)
        .setPayloadBytes(0)
        .setWireBytes(0)
        .setHeldNanos(0)
        .build();
  }

  /** The same at its end. */
  public static Run ended(Run run, VcpuTotals... totals) {
    return Run.newBuilder(run)
        .setEnd(START.plusSeconds(60))
        .setExitCode(0)
        .setEndReason("exit")
        .setTotals(List.of(totals))
        .build();
  }

  /** A vCPU's totals when nothing was dropped. */
  public static VcpuTotals totals(int vcpu, long instructions, long batches) {
    return VcpuTotals.newBuilder()
        .setVcpu(vcpu)
        .setGenerations(1)
        .setExecuted(instructions)
        .setEncoded(instructions)
        .setDropped(0)
        .setPublished(instructions)
        .setBatches(batches)
        .setDroppedBatches(0)
        .build();
  }

  public static BlockDetail block(
      String run, long vaddr, int hash, String symbol, String image, Long offset, String... code) {
    return BlockDetail.newBuilder()
        .setRunId(run)
        .setVaddr(vaddr)
        .setCodeHash(hash)
        .setInstructions(
            Arrays.stream(code)
                .map(text -> new Instruction(ByteBuffer.wrap(new byte[] {0x0f, (byte) 0x90}), text))
                .toList())
        .setSymbol(symbol)
        .setPage(1)
        .setImage(image)
        .setImageOffset(offset)
        .build();
  }
}
