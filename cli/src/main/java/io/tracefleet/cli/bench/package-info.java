// SPDX-License-Identifier: Apache-2.0
/**
 * The benchmark: guests and cases, one measured execution each, rounds of them side by side, and
 * the result as tables, JSON, a picture and a page. What needs a cluster comes in through {@link
 * io.tracefleet.cli.bench.Pipeline}.
 *
 * <p>Threading: one thread measures; {@link io.tracefleet.cli.bench.PeakMemory} has one of its own.
 * Results are immutable.
 */
package io.tracefleet.cli.bench;
