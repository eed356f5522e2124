// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

/** The parts of a payload, for telling where it is wrong. */
public enum Column {
  /** The fixed fields. */
  HEADER("header"),
  /** Codec 1: what the blocks are. */
  DEFINITIONS("definitions"),
  /** Codec 1: which block executes. */
  CONTROL("control"),
  /** Codec 1: which accesses the blocks make. */
  MEMORY("memory"),
  /** Codec 1: where in RAM or in which device an access went. */
  PHYSICAL("physical"),
  /** Codecs 1 and 2: system calls. */
  SYSCALLS("syscalls"),
  /** Codec 2: executions by block. */
  BLOCKS("blocks"),
  /** Codec 2: accesses by page or device. */
  PAGES("pages"),
  /** Codec 2: names of the devices. */
  DEVICES("devices"),
  /** Codec 3: what each block consists of. */
  DETAILS("details");

  private final String label;

  Column(String label) {
    this.label = label;
  }

  /** Returns the name that {@code docs/trace-format.md} uses. */
  @Override
  public String toString() {
    return label;
  }
}
