// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.report;

/**
 * Traffic of one page of RAM over all vCPUs.
 *
 * @param page physical address
 * @param reads accesses that read
 * @param writes accesses that wrote
 * @param readBytes bytes read
 * @param writeBytes bytes written
 */
public record PageView(long page, long reads, long writes, long readBytes, long writeBytes) {

  /** Reads and writes. */
  public long accesses() {
    return reads + writes;
  }
}
