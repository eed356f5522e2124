// SPDX-License-Identifier: Apache-2.0
/**
 * Batches and runs on their way into Kafka: Avro records, one idempotent producer per guest, and a
 * bound on what waits for the broker.
 *
 * <p>A publisher belongs to its guest's agent thread; the producer's thread only queues what it has
 * to say and rings. Only {@link io.tracefleet.node.publish.TracePublisher#counters} may be asked by
 * others.
 */
package io.tracefleet.node.publish;
