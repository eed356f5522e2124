// SPDX-License-Identifier: Apache-2.0
/**
 * What passes from decoding to the features, and the processor that every feature runs in.
 *
 * <p>A {@link io.tracefleet.jobs.flow.Feature} is a pair of pure functions: counts of one batch
 * into rows of its table, and a row into a result record. Features know this package and the
 * tables, never each other.
 *
 * <p>Threading: a task's processors are used by the task's thread only.
 */
package io.tracefleet.jobs.flow;
