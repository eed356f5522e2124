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
import io.tracefleet.schemas.Instruction;
import io.tracefleet.schemas.Run;
import io.tracefleet.schemas.Syscall;
import io.tracefleet.schemas.SyscallKey;
import io.tracefleet.schemas.VcpuInstructions;
import io.tracefleet.schemas.VcpuKey;
import io.tracefleet.schemas.VcpuTotals;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Records as node and jobs write them, for tests. */
public final class Records {
  public static final String ROOT = "01930000-0000-7000-8000-000000000001";
  public static final String CHILD = "01930000-0000-7000-8000-000000000002";
  public static final Instant START = Instant.parse("2025-01-02T03:04:05.123456Z");

  private final List<Run> runs = new ArrayList<>();
  private final Map<VcpuKey, VcpuInstructions> vcpus = new HashMap<>();
  private final Map<HotBlockKey, HotBlock> hotBlocks = new HashMap<>();
  private final Map<HwaddrKey, Hwaddr> hwaddr = new HashMap<>();
  private final Map<SyscallKey, Syscall> syscalls = new HashMap<>();
  private final Map<AccountingKey, Accounting> accounting = new HashMap<>();
  private final Map<BlockKey, BlockDetail> blocks = new HashMap<>();
  private BlockDetail lastBlock;

  /** A run that ended with exit code 0 after 1.5 s; its record may be changed by the test. */
  public static Run.Builder run(String runId) {
    return Run.newBuilder()
        .setRunId(runId)
        .setParentRunId(null)
        .setRootRunId(runId)
        .setNode("node-a")
        .setName("prog")
        .setCommand(List.of("qemu-x86_64", "./prog", "arg"))
        .setTarget("x86_64")
        .setSystemEmulation(false)
        .setQemuVersion("7.2.22")
        .setPluginApiMin(0)
        .setPluginApiCurrent(1)
        .setSmpVcpus(0)
        .setMaxVcpus(0)
        .setMode("full")
        .setWhenFull("block")
        .setStart(START)
        .setEnd(START.plusMillis(1_500))
        .setExitCode(0)
        .setEndReason("exit")
        .setPluginVersion("test");
  }

  public static VcpuTotals totals(int vcpu, long executed, long dropped, long batches) {
    return VcpuTotals.newBuilder()
        .setVcpu(vcpu)
        .setGenerations(1)
        .setExecuted(executed)
        .setEncoded(executed - dropped)
        .setDropped(dropped)
        .setPublished(executed - dropped)
        .setBatches(batches)
        .setDroppedBatches(dropped == 0 ? 0 : 1)
        .build();
  }

  public static Accounting accounting(
      long batches, long nextSequence, long instructions, long duplicates, long broken) {
    return Accounting.newBuilder()
        .setBatches(batches)
        .setNextSequence(nextSequence)
        .setInstructions(instructions)
        .setBlocks(0)
        .setAccesses(0)
        .setDuplicates(duplicates)
        .setBroken(broken)
        .setDroppedBatches(0)
        .setDroppedInstructions(0)
        .build();
  }

  public Records add(Run run) {
    runs.add(run);
    return this;
  }

  public Records vcpu(String runId, int vcpu, int generation, Instant window, long... counts) {
    vcpus.put(
        new VcpuKey(runId, vcpu, generation, window),
        new VcpuInstructions(
            counts[0], counts[1], counts[2], counts[3], counts[4], counts[5], counts[6],
            counts[7]));
    return this;
  }

  public Records hot(
      String runId,
      int vcpu,
      long vaddr,
      int hash,
      int instructions,
      int bytes,
      Instant window,
      long executions) {
    hotBlocks.put(
        new HotBlockKey(runId, vcpu, vaddr, hash, instructions, window),
        new HotBlock(instructions, bytes, executions));
    return this;
  }

  public Records traffic(
      String runId,
      int vcpu,
      boolean io,
      String device,
      Long page,
      Instant window,
      long... counts) {
    hwaddr.put(
        new HwaddrKey(runId, vcpu, io, device, page, window),
        new Hwaddr(counts[0], counts[1], counts[2], counts[3]));
    return this;
  }

  public Records syscall(
      String runId, int vcpu, long number, String name, Instant window, long calls, long errors) {
    syscalls.put(
        new SyscallKey(runId, vcpu, number, window), new Syscall(name, calls, calls, errors));
    return this;
  }

  public Records account(String runId, int vcpu, Accounting value) {
    accounting.put(new AccountingKey(runId, vcpu), value);
    return this;
  }

  public Records detail(String runId, long vaddr, int hash, String symbol, String... disassembly) {
    Stream<Instruction> instructions =
        Arrays.stream(disassembly)
            .map(text -> new Instruction(ByteBuffer.wrap(new byte[] {(byte) 0x90}), text));
    lastBlock =
        BlockDetail.newBuilder()
            .setRunId(runId)
            .setVaddr(vaddr)
            .setCodeHash(hash)
            .setInstructions(instructions.toList())
            .setSymbol(symbol)
            .setPage(0)
            .build();
    blocks.put(new BlockKey(runId, vaddr, hash), lastBlock);
    return this;
  }

  /** Where the last detail's code is from; a function of null has no offset. */
  public Records in(
      String image, long imageOffset, String buildId, String function, long functionOffset) {
    lastBlock.setImage(image);
    lastBlock.setImageOffset(imageOffset);
    lastBlock.setBuildId(buildId);
    lastBlock.setFunction(function);
    lastBlock.setFunctionOffset(function == null ? null : (Long) functionOffset);
    return this;
  }

  /** The last detail's source line. */
  public Records from(String file, int line) {
    lastBlock.setSourceFile(file);
    lastBlock.setSourceLine(line);
    return this;
  }

  public RunData data() {
    return new RunData(List.copyOf(runs), vcpus, hotBlocks, hwaddr, syscalls, accounting, blocks);
  }
}
