// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.ring;

import java.util.Map;

/**
 * A change of what is traced that the plugin has made.
 *
 * @param number of the change in its ring
 * @param micros when, since the epoch
 * @param vcpus what had been counted until then, by vCPU index
 */
public record AppliedChange(int number, long micros, Map<Integer, Counted> vcpus) {
  /**
   * @param traced instructions that had been recorded or dropped
   * @param passed instructions that had been passed over, outside windows
   */
  public record Counted(long traced, long passed) {}
}
