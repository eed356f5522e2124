// SPDX-License-Identifier: Apache-2.0
/**
 * Reads trace payloads: the Java side of {@code docs/trace-format.md}.
 *
 * <p>A payload is what a {@code TraceBatch} carries: the sealed, self-contained trace of one vCPU.
 * {@link io.tracefleet.codec.PayloadHeader} reads its fixed fields, {@link
 * io.tracefleet.codec.Aggregator} folds it into {@link io.tracefleet.codec.BatchCounts} without
 * visiting what was predicted, {@link io.tracefleet.codec.FullDecoder} replays it event by event,
 * and {@link io.tracefleet.codec.DetailReader} reads what blocks consist of.
 *
 * <p>Nothing here knows of Kafka or Avro. A payload may come from anybody: every length is checked,
 * and what is wrong with it is told by {@link io.tracefleet.codec.TraceFormatException}, in bounded
 * time and memory.
 *
 * <p>Threads: no class here is safe for use by several threads at once. Instances are meant to be
 * kept and reused by one thread; they hold tables that grow with the largest payload seen, at most
 * some tens of MiB.
 */
package io.tracefleet.codec;
