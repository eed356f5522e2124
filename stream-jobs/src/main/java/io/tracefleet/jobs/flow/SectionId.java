// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.flow;

/**
 * Who owns which part of the tasks' store. The numbers are written to changelogs: never change or
 * reuse one.
 */
public enum SectionId {
  SEQUENCES(1),
  ACCOUNTING(2),
  VCPU_INSTRUCTIONS(3),
  HOT_BLOCKS(4),
  HWADDR(5),
  SYSCALLS(6),
  TIMELINE(7);

  private final byte id;

  SectionId(int id) {
    this.id = (byte) id;
  }

  /** First byte of the owner's keys in the store. */
  public byte id() {
    return id;
  }
}
