// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.report;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.tracefleet.jobs.accounting.Conservation;
import io.tracefleet.jobs.code.HotFunction;
import java.util.List;
import java.util.Map;

/**
 * The report of one run; the names are those of its JSON form. Numbers are whole, addresses are
 * text in the form 0x...
 *
 * @param run what ran, where and how it ended
 * @param children runs that this one forked, in the order of their start
 * @param vcpus what each vCPU executed, by index and generation
 * @param hotBlocks all blocks, by executions * instructions, largest first
 * @param hotFunctions the same by function, most instructions first
 * @param hwaddr memory traffic by vCPU and device; empty in user mode
 * @param syscalls system calls by number, over all vCPUs
 * @param accounting what became of the instructions, by vCPU
 * @param transport what was carried
 */
@JsonPropertyOrder({
  "run",
  "children",
  "vcpus",
  "hotBlocks",
  "hotFunctions",
  "hwaddr",
  "syscalls",
  "accounting",
  "transport"
})
public record RunReport(
    RunInfo run,
    List<String> children,
    List<VcpuRow> vcpus,
    List<HotBlockRow> hotBlocks,
    List<HotFunctionRow> hotFunctions,
    List<HwaddrRow> hwaddr,
    List<SyscallRow> syscalls,
    List<AccountingRow> accounting,
    Transport transport) {

  public RunReport {
    children = List.copyOf(children);
    vcpus = List.copyOf(vcpus);
    hotBlocks = List.copyOf(hotBlocks);
    hotFunctions = List.copyOf(hotFunctions);
    hwaddr = List.copyOf(hwaddr);
    syscalls = List.copyOf(syscalls);
    accounting = List.copyOf(accounting);
  }

  /**
   * @param runId the run
   * @param parentRunId run that it was forked from, or null
   * @param target QEMU's target name
   * @param systemEmulation false: user mode
   * @param qemuVersion QEMU's version
   * @param pluginApi plugin API versions of that QEMU
   * @param smpVcpus vCPUs at start, 0 in user mode
   * @param maxVcpus largest number of vCPUs, 0 in user mode
   * @param mode full or count
   * @param command QEMU's command line as the user gave it
   * @param start microseconds since the epoch
   * @param end microseconds since the epoch, null while the run goes on
   * @param exitCode of the process, 128 + n for signal n, null if not known
   * @param endReason exit, signal, killed, exec or detached; null while the run goes on
   * @param changes what the fleet's control changed while the run went on
   * @param changesLeftOut how many changes came before those, which are the newest
   */
  @JsonPropertyOrder({
    "runId",
    "parentRunId",
    "target",
    "systemEmulation",
    "qemuVersion",
    "pluginApi",
    "smpVcpus",
    "maxVcpus",
    "mode",
    "command",
    "start",
    "end",
    "exitCode",
    "endReason",
    "changes",
    "changesLeftOut"
  })
  public record RunInfo(
      String runId,
      String parentRunId,
      String target,
      boolean systemEmulation,
      String qemuVersion,
      PluginApi pluginApi,
      int smpVcpus,
      int maxVcpus,
      String mode,
      List<String> command,
      long start,
      Long end,
      Integer exitCode,
      String endReason,
      List<Change> changes,
      long changesLeftOut) {
    public RunInfo {
      command = List.copyOf(command);
      changes = List.copyOf(changes);
    }
  }

  /**
   * @param at microseconds since the epoch
   * @param from mode until then
   * @param to mode from then on
   * @param addressFilters BEGIN-END in hexadecimal; only blocks that begin there; empty: all
   * @param vcpuFilter only these vCPU indices; empty: all
   * @param windows FROM+COUNT, or COUNT/EVERY if repeated; empty: all
   * @param askedBy who asked for it, or "budget"
   * @param instructions by vCPU index, those that had been traced until then
   * @param passed by vCPU index, those that had been passed over until then
   */
  @JsonPropertyOrder({
    "at",
    "from",
    "to",
    "addressFilters",
    "vcpuFilter",
    "windows",
    "askedBy",
    "instructions",
    "passed"
  })
  public record Change(
      long at,
      String from,
      String to,
      List<String> addressFilters,
      List<Integer> vcpuFilter,
      List<String> windows,
      String askedBy,
      Map<Integer, Long> instructions,
      Map<Integer, Long> passed) {}

  /**
   * @param min oldest plugin API version that the QEMU accepts
   * @param current its own
   */
  @JsonPropertyOrder({"min", "current"})
  public record PluginApi(int min, int current) {}

  /**
   * @param vcpu QEMU's vCPU index
   * @param generation how often the index was reused before
   * @param instructions dispatched
   * @param blocks dispatched
   * @param loads memory accesses that read
   * @param stores memory accesses that wrote
   * @param loadBytes bytes read
   * @param storeBytes bytes written
   * @param idles times the vCPU went idle
   * @param resumes times it resumed
   */
  @JsonPropertyOrder({
    "vcpu",
    "generation",
    "instructions",
    "blocks",
    "loads",
    "stores",
    "loadBytes",
    "storeBytes",
    "idles",
    "resumes"
  })
  public record VcpuRow(
      int vcpu,
      int generation,
      long instructions,
      long blocks,
      long loads,
      long stores,
      long loadBytes,
      long storeBytes,
      long idles,
      long resumes) {}

  /**
   * One block, told from others by address and code bytes, so that self-modifying code has several
   * rows at one address.
   *
   * @param vaddr guest virtual address
   * @param instructions instructions in the block
   * @param bytes code bytes in the block
   * @param executions how often it was dispatched, over all vCPUs
   * @param symbol name that QEMU knows at the address, or null
   * @param function that the block is in, by the symbols of its image; null where not known
   * @param functionOffset bytes from its beginning
   * @param source FILE:LINE of the block's first instruction, by debug information, or null
   * @param image file that the code is from, or null
   * @param imageOffset where in it, bytes, wherever it was loaded
   * @param buildId GNU build-id of the image, or null
   */
  @JsonPropertyOrder({
    "vaddr",
    "instructions",
    "bytes",
    "executions",
    "symbol",
    "function",
    "functionOffset",
    "source",
    "image",
    "imageOffset",
    "buildId"
  })
  public record HotBlockRow(
      String vaddr,
      int instructions,
      int bytes,
      long executions,
      String symbol,
      String function,
      Long functionOffset,
      String source,
      String image,
      Long imageOffset,
      String buildId) {}

  /**
   * What was executed in one function, or in one image outside of known functions.
   *
   * @param name what to call it: the function; where that is not known the image's file name in
   *     square brackets, or [unknown]
   * @param function its name, or what QEMU calls it where its image does not; null for blocks of
   *     which only the image is known, or nothing
   * @param image file that the code is from, or null
   * @param buildId GNU build-id of the image, or null
   * @param instructions executed: executions * instructions of its blocks, added up
   * @param executions of its blocks; calls are not counted
   * @param blocks that were executed
   */
  @JsonPropertyOrder({
    "name",
    "function",
    "image",
    "buildId",
    "instructions",
    "executions",
    "blocks"
  })
  public record HotFunctionRow(
      String name,
      String function,
      String image,
      String buildId,
      long instructions,
      long executions,
      int blocks) {

    static HotFunctionRow of(HotFunction sum) {
      return new HotFunctionRow(
          sum.name(),
          sum.function(),
          sum.image(),
          sum.buildId(),
          sum.instructions(),
          sum.executions(),
          sum.blocks());
    }
  }

  /**
   * @param vcpu QEMU's vCPU index
   * @param kind RAM or IO
   * @param device QEMU's name of the device or region
   * @param reads accesses that read
   * @param writes accesses that wrote
   * @param readBytes bytes read
   * @param writeBytes bytes written
   */
  @JsonPropertyOrder({"vcpu", "kind", "device", "reads", "writes", "readBytes", "writeBytes"})
  public record HwaddrRow(
      int vcpu,
      String kind,
      String device,
      long reads,
      long writes,
      long readBytes,
      long writeBytes) {}

  /**
   * @param number the guest's system call number
   * @param name its name for the guest's architecture
   * @param calls entries
   * @param errors returns that say failure
   */
  @JsonPropertyOrder({"number", "name", "calls", "errors"})
  public record SyscallRow(long number, String name, long calls, long errors) {}

  /**
   * Instructions, but for the last two.
   *
   * @param vcpu QEMU's vCPU index
   * @param executed dispatched, as the plugin counted them
   * @param encoded in batches that the node read
   * @param dropped in batches that were dropped because the ring was full
   * @param passed counted but passed over, outside windows: in no batch
   * @param published in batches that the broker acknowledged
   * @param aggregated in batches that the jobs counted
   * @param duplicates batches that arrived again and were not counted
   * @param gaps batches that are missing
   */
  @JsonPropertyOrder({
    "vcpu",
    "executed",
    "encoded",
    "dropped",
    "passed",
    "published",
    "aggregated",
    "duplicates",
    "gaps"
  })
  public record AccountingRow(
      int vcpu,
      long executed,
      long encoded,
      long dropped,
      long passed,
      long published,
      long aggregated,
      long duplicates,
      long gaps) {

    AccountingRow(int vcpu, Conservation counts) {
      this(
          vcpu,
          counts.executed(),
          counts.encoded(),
          counts.dropped(),
          counts.passed(),
          counts.published(),
          counts.aggregated(),
          counts.duplicates(),
          counts.gaps());
    }

    Conservation conservation() {
      return new Conservation(
          executed, encoded, dropped, passed, published, aggregated, duplicates, gaps);
    }
  }

  /**
   * @param batches batches acknowledged
   * @param payloadBytes bytes of their payloads
   * @param wireBytes bytes that the producer sent for the run's whole tree, compressed; 0 in child
   *     runs
   */
  @JsonPropertyOrder({"batches", "payloadBytes", "wireBytes"})
  public record Transport(long batches, long payloadBytes, long wireBytes) {}
}
