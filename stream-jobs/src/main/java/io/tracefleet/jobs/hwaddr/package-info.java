// SPDX-License-Identifier: Apache-2.0
/**
 * Memory traffic of each vCPU with RAM, its pages, and each device.
 *
 * <p>Threading: features have no state and may be used by any thread.
 */
package io.tracefleet.jobs.hwaddr;
