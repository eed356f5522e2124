// SPDX-License-Identifier: Apache-2.0
/**
 * What each vCPU executed: instructions, blocks, loads, stores, bytes, idles and resumes.
 *
 * <p>Threading: features have no state and may be used by any thread.
 */
package io.tracefleet.jobs.vcpu;
