// SPDX-License-Identifier: Apache-2.0
/**
 * Rules that every module's build checks, shared as this module's test jar.
 *
 * <p>Used by one test thread at a time.
 */
package io.tracefleet.architecture;
