// SPDX-License-Identifier: Apache-2.0
/**
 * How far runs are: what was aggregated of them, how fast, and what is still to come.
 *
 * <p>Threading: may be used by any thread.
 */
package io.tracefleet.jobs.progress;
