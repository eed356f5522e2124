// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.report;

import static io.tracefleet.cli.report.Records.CHILD;
import static io.tracefleet.cli.report.Records.ROOT;
import static io.tracefleet.cli.report.Records.START;

import io.tracefleet.schemas.Run;
import java.util.List;

/** Two trees of runs for tests. */
final class Samples {
  private Samples() {}

  /** A user-mode program with two vCPUs, one index used twice, and a forked child. */
  static RunData userMode() {
    Run root =
        Records.run(ROOT)
            .setTotals(List.of(Records.totals(0, 1_000, 0, 3), Records.totals(1, 600, 100, 2)))
            .setBatches(5)
            .setPayloadBytes(12_345)
            .setWireBytes(2_345)
            .build();
    Run child =
        Records.run(CHILD)
            .setParentRunId(ROOT)
            .setRootRunId(ROOT)
            .setStart(START.plusMillis(20))
            .setExitCode(139)
            .setEndReason("signal")
            .setTotals(List.of(Records.totals(0, 10, 0, 1)))
            .setBatches(1)
            .setPayloadBytes(400)
            .build();
    return new Records()
        .add(root)
        .add(child)
        .vcpu(ROOT, 1, 1, null, 200, 30, 4, 5, 32, 40, 0, 0)
        .vcpu(ROOT, 0, 0, null, 1_000, 120, 60, 50, 480, 400, 1, 1)
        .vcpu(ROOT, 1, 0, null, 300, 40, 8, 9, 64, 72, 2, 1)
        .vcpu(ROOT, 0, 0, START, 999, 9, 9, 9, 9, 9, 9, 9)
        .vcpu(CHILD, 0, 0, null, 10, 2, 1, 1, 8, 8, 0, 0)
        .hot(ROOT, 0, 0x401000, 7, 5, 20, null, 100)
        .hot(ROOT, 1, 0x401000, 7, 5, 20, null, 40)
        .hot(ROOT, 0, 0x401000, 8, 5, 21, null, 3)
        .hot(ROOT, 0, 0xffff_ffff_8100_0000L, 9, 20, 80, null, 10)
        .hot(ROOT, 0, 0x401000, 7, 5, 20, START, 77)
        .hot(CHILD, 0, 0x401000, 7, 5, 20, null, 2)
        .detail(
            ROOT, 0x401000, 7, "main\033[31m", "mov  $0x1, %eax", "add\t%rbx, %rax", "jne 0x401000")
        .in("/usr/bin/prog", 0x1010, "abcd", "n::hot<int>()", 0x10)
        .from("/src/hot\033.cc", 12)
        .syscall(ROOT, 0, 1, "write", null, 3, 0)
        .syscall(ROOT, 1, 1, "write", null, 4, 1)
        .syscall(ROOT, 0, 231, "exit_group", null, 1, 0)
        .syscall(ROOT, 0, 231, "exit_group", START, 1, 0)
        .account(ROOT, 0, Records.accounting(3, 3, 1_000, 2, 0))
        .account(ROOT, 1, Records.accounting(2, 2, 500, 0, 0))
        .account(CHILD, 0, Records.accounting(1, 1, 10, 0, 0))
        .data();
  }

  /** A machine with two vCPUs, RAM and two devices. */
  static RunData systemEmulation() {
    Run root =
        Records.run(ROOT)
            .setName("linux")
            .setSystemEmulation(true)
            .setSmpVcpus(2)
            .setMaxVcpus(2)
            .setCommand(List.of("qemu-system-x86_64", "-smp", "2"))
            .setTotals(List.of(Records.totals(0, 2_000, 0, 1), Records.totals(1, 0, 0, 0)))
            .setBatches(1)
            .setPayloadBytes(999)
            .build();
    return new Records()
        .add(root)
        .vcpu(ROOT, 0, 0, null, 2_000, 300, 200, 100, 1_600, 800, 5, 4)
        .traffic(ROOT, 0, false, "RAM", null, null, 180, 90, 1_440, 720)
        .traffic(ROOT, 1, false, "RAM", null, null, 10, 5, 80, 40)
        .traffic(ROOT, 0, false, "RAM", 0x1000L, null, 100, 50, 800, 400)
        .traffic(ROOT, 1, false, "RAM", 0x1000L, null, 10, 5, 80, 40)
        .traffic(ROOT, 0, false, "RAM", 0x1_0000_0000L, null, 80, 40, 640, 320)
        .traffic(ROOT, 0, true, "serial", null, null, 3, 7, 3, 7)
        .traffic(ROOT, 0, true, "apic\nmsi", null, null, 0, 5, 0, 20)
        .traffic(ROOT, 0, true, "serial", null, START, 3, 7, 3, 7)
        .account(ROOT, 0, Records.accounting(1, 1, 2_000, 0, 0))
        .data();
  }
}
