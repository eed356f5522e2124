// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.bench;

/**
 * What a guest executed.
 *
 * @param instructions dispatched
 * @param blocks dispatched
 * @param accesses to memory; 0 where they were not counted
 */
public record Events(long instructions, long blocks, long accesses) {
  /** What a trace records one by one. */
  public long traced() {
    return blocks + accesses;
  }
}
