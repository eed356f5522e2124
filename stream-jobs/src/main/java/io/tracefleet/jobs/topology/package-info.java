// SPDX-License-Identifier: Apache-2.0
/**
 * How decoding and the features are put together.
 *
 * <p>Threading: a topology is built once, by one thread.
 */
package io.tracefleet.jobs.topology;
