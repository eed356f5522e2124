// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.syscalls;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SyscallNamesTest {
  private final SyscallNames names = new SyscallNames();

  @ParameterizedTest
  @CsvSource({
    "x86_64, 0, read",
    "x86_64, 231, exit_group",
    "i386, 1, exit",
    "i386, 252, exit_group",
    "aarch64, 94, exit_group",
    "aarch64_be, 64, write",
    "arm, 248, exit_group",
    "arm, 983045, set_tls",
    "armeb, 4, write",
    "riscv64, 259, riscv_flush_icache",
    "riscv64, 258, riscv_hwprobe",
    "x86_64, 100000, sys_100000",
    "x86_64, -1, sys_-1",
    "m68k, 1, sys_1",
    "../x86_64, 1, sys_1"
  })
  void nameOf(String target, long number, String name) {
    assertThat(names.name(target, number)).isEqualTo(name);
  }

  @Test
  void everyTableLoads() {
    for (String target : SyscallNames.TARGETS) {
      assertThat(names.name(target, 436)).isEqualTo("close_range");
    }
  }
}
