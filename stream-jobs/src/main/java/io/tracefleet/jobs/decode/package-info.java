// SPDX-License-Identifier: Apache-2.0
/**
 * Decoding: from records of {@code tracefleet.batches} to counts, each batch once.
 *
 * <p>Whatever is in the topic, nothing here stops the job: what cannot be used goes to the dead
 * letters with the reason, and is counted where the record's key tells whose it was.
 *
 * <p>Threading: everything here belongs to one stream task and is used by its thread only.
 */
package io.tracefleet.jobs.decode;
