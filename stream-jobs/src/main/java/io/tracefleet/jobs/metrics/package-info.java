// SPDX-License-Identifier: Apache-2.0
/**
 * What the jobs show of themselves, explained in docs/metrics.md.
 *
 * <p>Threading: may be used by any thread.
 */
package io.tracefleet.jobs.metrics;
