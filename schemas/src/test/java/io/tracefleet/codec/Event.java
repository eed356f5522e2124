// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

/** What a vCPU did, as a test says or sees it. */
sealed interface Event {

  /** A block's definition. */
  record Code(long vaddr, int instructions, int bytes, int hash) {}

  /** A block is dispatched. */
  record Block(Code code) implements Event {}

  /** A memory access. {@code device} is null in user mode, {@link #RAM} or a device's name. */
  record Access(Code code, int instruction, int info, long vaddr, String device, long physical)
      implements Event {
    static final String RAM = "(RAM)";
  }

  /** The block was left midway. */
  record Partial(int dispatched) implements Event {}

  /** A system call is entered. */
  record Syscall(long number) implements Event {}

  /** A system call returns. */
  record SyscallReturn(long number, long value) implements Event {}
}
