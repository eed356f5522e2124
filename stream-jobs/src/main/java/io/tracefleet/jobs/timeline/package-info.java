// SPDX-License-Identifier: Apache-2.0
/**
 * What each vCPU did in each second, for a while.
 *
 * <p>Threading: belongs to one stream task and is used by its thread only.
 */
package io.tracefleet.jobs.timeline;
