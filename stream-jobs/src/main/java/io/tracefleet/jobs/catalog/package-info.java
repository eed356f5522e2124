// SPDX-License-Identifier: Apache-2.0
/**
 * What nodes say about runs and blocks, for those who ask the jobs.
 *
 * <p>Runs are few and small: they are kept in memory and read anew at each start. Blocks are many:
 * their records lie as they came in a RocksDB of this process, with the offsets up to which they
 * were read, and only those that are asked for are decoded. Kafka Streams' global stores were not
 * taken because the jobs would not start before such a store has read its whole topic.
 *
 * <p>Threading: one thread reads the topics; everybody may ask.
 */
package io.tracefleet.jobs.catalog;
