// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.ring;

import java.util.Map;

/**
 * A change of what is traced that the plugin has made.
 *
 * @param number of the change in its ring
 * @param micros when, since the epoch
 * @param traced by vCPU index, instructions that had been traced until then
 */
public record AppliedChange(int number, long micros, Map<Integer, Long> traced) {}
