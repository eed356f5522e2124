// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.symbols;

/**
 * The code of one block.
 *
 * @param vaddr guest virtual address
 * @param bytes its instructions
 * @param image host path of the file that it is mapped from, null if none is known
 * @param imageOffset where in that file, bytes
 */
public record Code(long vaddr, byte[] bytes, String image, long imageOffset) {}
