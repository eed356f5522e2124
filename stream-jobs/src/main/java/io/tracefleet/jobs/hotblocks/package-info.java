// SPDX-License-Identifier: Apache-2.0
/**
 * Hot blocks: how often each block was dispatched on each vCPU.
 *
 * <p>Threading: features have no state and may be used by any thread.
 */
package io.tracefleet.jobs.hotblocks;
