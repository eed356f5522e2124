// SPDX-License-Identifier: Apache-2.0
/**
 * Traces real guests in real QEMUs through the whole flow and compares every number with what the
 * oracle plugin counted in the same process. {@link io.tracefleet.it.RingCheck} does the same
 * without Kafka, for work on the plugin.
 *
 * <p>One cluster serves all tests of a JVM; tests run one after the other on one thread.
 */
package io.tracefleet.it;
