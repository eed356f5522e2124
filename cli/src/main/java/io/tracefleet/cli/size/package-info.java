// SPDX-License-Identifier: Apache-2.0
/**
 * How large a fleet's cluster must be, by simulation: bursts of guests ({@code Bursts}) are spread
 * over partitions as the producer does it and queue before the threads of the stream jobs and the
 * brokers ({@code Queues}); {@code Sizing} looks for the smallest cluster that keeps up. Costs are
 * measured ones ({@code GuestCosts}). The same seed gives the same answer. No threads, no clock.
 */
package io.tracefleet.cli.size;
