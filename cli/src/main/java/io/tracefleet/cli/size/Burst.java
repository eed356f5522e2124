// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.size;

/**
 * A time in which a vCPU executes without a pause.
 *
 * @param key of its batches, as the node makes them: run id, slash, vCPU
 * @param begin second
 * @param end second
 */
record Burst(byte[] key, double begin, double end) {}
