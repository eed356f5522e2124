// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.catalog;

/**
 * Where a block's code comes from.
 *
 * @param image file
 * @param offset in it, bytes
 */
public record Place(String image, long offset) {}
