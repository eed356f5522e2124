// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.bench;

/**
 * One of the JMH benchmarks of the decoder.
 *
 * @param id of the benchmark
 * @param title what it does, on what
 * @param instructionsPerSecond guest instructions whose trace one thread takes in per second
 * @param allocatedBytes garbage that reading made in all that was measured
 * @param profiledPerPayload what JMH's profiler says about garbage, bytes per payload; counts JMH's
 *     own as well
 */
public record JavaResult(
    String id,
    String title,
    Spread instructionsPerSecond,
    double allocatedBytes,
    double profiledPerPayload) {}
