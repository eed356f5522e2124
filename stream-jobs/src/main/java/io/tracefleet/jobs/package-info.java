// SPDX-License-Identifier: Apache-2.0
/**
 * Running the jobs: settings, start, stop, and what is said when they fail.
 *
 * <p>Threading: {@link io.tracefleet.jobs.StreamJobs} may be used by any thread.
 */
package io.tracefleet.jobs;
