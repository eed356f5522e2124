// SPDX-License-Identifier: Apache-2.0
/**
 * What became of the batches of each vCPU.
 *
 * <p>Threading: features have no state and may be used by any thread.
 */
package io.tracefleet.jobs.accounting;
