// SPDX-License-Identifier: Apache-2.0
/**
 * System calls of each vCPU by number, with the names that the guest's architecture gives them.
 *
 * <p>Threading: features have no state and may be used by any thread.
 */
package io.tracefleet.jobs.syscalls;
