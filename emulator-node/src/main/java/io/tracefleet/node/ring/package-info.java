// SPDX-License-Identifier: Apache-2.0
/**
 * The ring, read: one file in shared memory per run that the plugin writes, the doorbell that it
 * rings, and the reader that takes sealed batches out in order, gives buffers back, and completes
 * what a dead process left.
 *
 * <p>One thread, the guest's agent, uses a {@link io.tracefleet.node.ring.RingReader} and its
 * {@link io.tracefleet.node.ring.RingFile}. A {@link io.tracefleet.node.ring.Doorbell} may be rung
 * by any thread and is waited on by one.
 */
package io.tracefleet.node.ring;
