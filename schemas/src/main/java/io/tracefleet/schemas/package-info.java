// SPDX-License-Identifier: Apache-2.0
/**
 * The records that pass through Kafka, generated from {@code src/main/avro}.
 *
 * <p>Timestamps are {@link java.time.Instant}s with microseconds. Addresses are unsigned 64-bit
 * numbers in a {@code long}. Generated records are mutable and not safe for use by several threads.
 */
package io.tracefleet.schemas;
