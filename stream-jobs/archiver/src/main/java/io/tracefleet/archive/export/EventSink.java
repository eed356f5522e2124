// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.export;

import java.io.IOException;
import java.sql.SQLException;

/** Takes events, one by one, in the order in which a vCPU made them. */
interface EventSink extends AutoCloseable {
  /** Kinds of events, by the number that {@link #event} is given. */
  String[] KINDS = {"block", "load", "store", "syscall", "syscall_return"};

  int BLOCK = 0;
  int LOAD = 1;
  int STORE = 2;
  int SYSCALL = 3;
  int SYSCALL_RETURN = 4;

  /** A number that an event does not have. */
  long NONE = Long.MIN_VALUE;

  /**
   * @param vcpu QEMU's vCPU index
   * @param generation how often the index was used before
   * @param instruction instructions that the vCPU had dispatched before
   * @param kind see {@link #KINDS}
   * @param vaddr address of a block or access
   * @param size bytes of an access, instructions of a block, or {@link #NONE}
   * @param physical address in RAM, or in or of the device, or {@link #NONE}
   * @param device name of a device, RAM, or null
   * @param number of a system call, or {@link #NONE}
   * @param value that a system call returns, or {@link #NONE}
   */
  void event(
      int vcpu,
      int generation,
      long instruction,
      int kind,
      long vaddr,
      long size,
      long physical,
      String device,
      long number,
      long value)
      throws IOException, SQLException;

  /** Completes the file. */
  void finish() throws IOException, SQLException;

  @Override
  void close();
}
