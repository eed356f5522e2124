// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

/**
 * Receives the events of a payload of codec 1 in the order in which the vCPU made them. Methods do
 * nothing unless overridden.
 *
 * <p>Order: a definition or device comes before its first use. A block comes before its accesses.
 * {@link #partial}, then {@link #syscall} and {@link #syscallReturn}, come after a block's accesses
 * and before the next block: the payload does not say between which accesses of the block a system
 * call was. What comes before the first block belongs to a block begun in an earlier batch.
 */
public interface TraceVisitor {
  /** {@code device} of an access in user mode, where there is none. */
  int DEVICE_NONE = -2;

  /** {@code device} of an access to RAM. */
  int DEVICE_RAM = -1;

  /**
   * A block of this batch.
   *
   * @param index counts from 0 in each payload; one block may be defined more than once
   * @param vaddr guest virtual address
   * @param instructions that it has
   * @param bytes of code
   * @param codeHash FNV-1a 32 of the code bytes
   */
  default void definition(int index, long vaddr, int instructions, int bytes, int codeHash) {}

  /**
   * A device of this batch.
   *
   * @param index counts from 0 in each payload
   * @param name QEMU's name
   */
  default void device(int index, String name) {}

  /**
   * A block is dispatched.
   *
   * @param index of its definition
   */
  default void block(int index) {}

  /**
   * A memory access.
   *
   * @param index of the definition whose instruction makes it: the block dispatched last, or
   *     another one (rare)
   * @param instruction number in the block, from 0
   * @param info size, sign, endianness and direction; see {@link MemInfo}
   * @param vaddr guest virtual address
   * @param device {@link #DEVICE_NONE}, {@link #DEVICE_RAM} or the index of the device
   * @param physical physical address in RAM, offset in the device (or its physical address, since
   *     QEMU 6.0), or 0 in user mode
   */
  default void access(
      int index, int instruction, int info, long vaddr, int device, long physical) {}

  /**
   * The block dispatched last was left midway.
   *
   * @param index of its definition
   * @param dispatched instructions of it that were dispatched
   */
  default void partial(int index, int dispatched) {}

  /**
   * A system call is entered.
   *
   * @param number of the system call
   */
  default void syscall(long number) {}

  /**
   * A system call returns.
   *
   * @param number of the system call
   * @param value that it returns
   */
  default void syscallReturn(long number, long value) {}
}
