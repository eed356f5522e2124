// SPDX-License-Identifier: Apache-2.0
/**
 * JMH benchmarks of the decoder, on payloads that {@code tracefleet bench --jmh} captures.
 *
 * <p>Threading: JMH's; state belongs to one thread.
 */
package io.tracefleet.codec.bench;
