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
import io.tracefleet.schemas.Syscall;
import io.tracefleet.schemas.SyscallKey;
import io.tracefleet.schemas.VcpuInstructions;
import io.tracefleet.schemas.VcpuKey;
import java.util.List;
import java.util.Map;

/**
 * What the topics hold about one tree of runs, whole-run results only (no windows).
 *
 * @param runs the runs of the tree, the root first, then by start
 * @param vcpus by vCPU and generation
 * @param hotBlocks by vCPU and block
 * @param hwaddr by vCPU, device and page
 * @param syscalls by vCPU and number
 * @param accounting by vCPU
 * @param blocks what each block is
 * @param blockWeights instructions executed in blocks, where they are scaled by themselves; of
 *     others they are executions times instructions
 */
public record RunData(
    List<Run> runs,
    Map<VcpuKey, VcpuInstructions> vcpus,
    Map<HotBlockKey, HotBlock> hotBlocks,
    Map<HwaddrKey, Hwaddr> hwaddr,
    Map<SyscallKey, Syscall> syscalls,
    Map<AccountingKey, Accounting> accounting,
    Map<BlockKey, BlockDetail> blocks,
    Map<HotBlockKey, Long> blockWeights) {

  /** What was recorded. */
  public RunData(
      List<Run> runs,
      Map<VcpuKey, VcpuInstructions> vcpus,
      Map<HotBlockKey, HotBlock> hotBlocks,
      Map<HwaddrKey, Hwaddr> hwaddr,
      Map<SyscallKey, Syscall> syscalls,
      Map<AccountingKey, Accounting> accounting,
      Map<BlockKey, BlockDetail> blocks) {
    this(runs, vcpus, hotBlocks, hwaddr, syscalls, accounting, blocks, Map.of());
  }

  /** Only what an audit looks at. */
  public static RunData forAudit(
      List<Run> runs,
      Map<VcpuKey, VcpuInstructions> vcpus,
      Map<AccountingKey, Accounting> accounting) {
    return new RunData(runs, vcpus, Map.of(), Map.of(), Map.of(), accounting, Map.of());
  }

  /** Instructions executed in a block of a vCPU. */
  long weight(HotBlockKey key, HotBlock block) {
    Long scaled = blockWeights.get(key);
    return scaled != null ? scaled : block.getExecutions() * key.getInstructions();
  }

  RunData withHotBlocks(Map<HotBlockKey, HotBlock> value) {
    return new RunData(runs, vcpus, value, hwaddr, syscalls, accounting, blocks, blockWeights);
  }
}
